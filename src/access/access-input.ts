import { parsePageSize, parseReason } from '../deliveries/delivery-input.js';
import { UserInputError, type BilingualText, type InputProblem } from '../errors/gateway-error.js';
import type { GatewayContext } from '../graphql/context.js';
import { AGENCY_CODE, CLIENT_NAME, type NewApiClient } from './api-client.js';
import type { AccessCall } from './api-client-service.js';
import type { Role } from './caller.js';

export interface ApiClientInput {
  readonly name: string;
  readonly role: Uppercase<Role>;
  readonly agencyScope?: string | null;
  readonly registeredDocumentsOnly: boolean;
  readonly keyDays: number;
}

const MAX_KEY_DAYS = 730;
const MAX_OVERLAP_HOURS = 720;

const problem = (field: string, code: string, message: BilingualText): InputProblem => ({ field, code, message });
const refuseAll = (problems: readonly InputProblem[]): void => {
  if (problems.length > 0) throw new UserInputError(problems);
};

const daysProblems = (field: string, days: number): InputProblem[] =>
  days >= 1 && days <= MAX_KEY_DAYS ? [] : [problem(field, 'RANGE', { en: `Must be 1 to ${MAX_KEY_DAYS}`, vi: `Phải từ 1 đến ${MAX_KEY_DAYS}` })];

/** Throws `UserInputError` with everything that is wrong. */
export const parseNewClient = (input: ApiClientInput): { readonly client: NewApiClient; readonly days: number } => {
  const agencyScope = input.agencyScope?.trim().toUpperCase() || null;
  const problems = daysProblems('client.keyDays', input.keyDays);
  if (!CLIENT_NAME.test(input.name)) problems.push(problem('client.name', 'CLIENT_NAME', { en: 'Lower-case letters, digits and hyphens, 1 to 64', vi: 'Chữ thường không dấu, chữ số, gạch nối; từ 1 đến 64 ký tự' }));
  if (agencyScope === null && input.role === 'AGENCY') problems.push(problem('client.agencyScope', 'REQUIRED', { en: 'An agency\'s client needs its agency\'s code', vi: 'Hệ thống của cơ quan cần mã cơ quan' }));
  if (agencyScope !== null && !AGENCY_CODE.test(agencyScope)) problems.push(problem('client.agencyScope', 'AGENCY_CODE', { en: 'This is no agency code', vi: 'Không phải mã cơ quan' }));
  refuseAll(problems);
  return { client: { name: input.name, role: input.role.toLowerCase() as Role, agencyScope, registeredDocumentsOnly: input.registeredDocumentsOnly }, days: input.keyDays };
};

export const parseTerms = (input: { readonly keyDays: number; readonly overlapHours: number }): { readonly days: number; readonly overlapHours: number } => {
  const problems = daysProblems('keyDays', input.keyDays);
  if (input.overlapHours < 0 || input.overlapHours > MAX_OVERLAP_HOURS) problems.push(problem('overlapHours', 'RANGE', { en: `Must be 0 to ${MAX_OVERLAP_HOURS}`, vi: `Phải từ 0 đến ${MAX_OVERLAP_HOURS}` }));
  refuseAll(problems);
  return { days: input.keyDays, overlapHours: input.overlapHours };
};

export const parsePage = (input: { readonly first: number; readonly after?: string | null }): { readonly first: number; readonly after: string | null } => {
  const after = input.after ?? null;
  if (after !== null && !CLIENT_NAME.test(after)) refuseAll([problem('after', 'CURSOR', { en: 'This is no cursor of this list', vi: 'Con trỏ không hợp lệ' })]);
  return { first: parsePageSize(input.first), after };
};

/** A name or prefix that cannot exist is looked for nowhere, and found nowhere. */
export const isPlain = (text: string): boolean => CLIENT_NAME.test(text);

export const accessCall = (args: { readonly idempotencyKey: string; readonly reason: string }, { caller }: GatewayContext): AccessCall => {
  return { actor: { name: caller.client, role: caller.role }, reason: parseReason(args.reason), idempotencyKey: args.idempotencyKey };
};
