import { GraphQLError, GraphQLScalarType } from 'graphql';

/** ISO 8601 with seconds and an offset; a time without one is read differently by each program, so it is refused. */
const ISO_INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const KEY = /^[A-Za-z0-9_-]{1,255}$/;

const refuse = (text: string): never => {
  throw new GraphQLError(text);
};

const isRealDay = (text: string): boolean => {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === text.slice(0, 10);
};

const parseInstant = (value: unknown): Date => {
  if (typeof value !== 'string' || !ISO_INSTANT.test(value) || !isRealDay(value)) return refuse('A DateTime is ISO 8601 with an offset, such as 2026-11-23T08:30:00+07:00');
  return new Date(value);
};

const serializeInstant = (value: unknown): string => (value instanceof Date ? value.toISOString() : refuse('A DateTime must be a Date'));

const parseDay = (value: unknown): string =>
  (typeof value === 'string' && DAY.test(value) && isRealDay(value) ? value : refuse('A LocalDate is a day such as 2026-11-23'));

const parseKey = (value: unknown): string => (typeof value === 'string' && KEY.test(value) ? value : refuse('An IdempotencyKey is 1 to 255 letters, digits, hyphens or underscores'));

const literal = <Value>(parse: (value: unknown) => Value) => (node: { kind: string; value?: unknown }): Value => parse(node.kind === 'StringValue' ? node.value : undefined);

export const createScalars = () => ({
  DateTime: new GraphQLScalarType<Date, string>({ name: 'DateTime', parseValue: parseInstant, parseLiteral: literal(parseInstant), serialize: serializeInstant }),
  LocalDate: new GraphQLScalarType<string, string>({ name: 'LocalDate', parseValue: parseDay, parseLiteral: literal(parseDay), serialize: parseDay }),
  IdempotencyKey: new GraphQLScalarType<string, string>({ name: 'IdempotencyKey', parseValue: parseKey, parseLiteral: literal(parseKey), serialize: parseKey }),
});
