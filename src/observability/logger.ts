import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

/** Messages are static text; everything that varies is a field. Fields never hold personal data or secrets. */
export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

/** A second net: nothing of ours logs these, but an error object of a library may carry one. */
const REDACTED_NAMES = [
  'authorization', 'cookie', 'password', 'secret', 'token', 'session', 'apiKey', 'accessToken', 'access_token', 'client_secret',
  'owner', 'fullName', 'idNumber', 'phone', 'phoneNumber', 'email', 'address', 'birthDate', 'officialName', 'headers', 'body', 'config', 'parameters',
];
const REDACTED_PATHS = REDACTED_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** A connection string in an error text would show the password. */
const CREDENTIALS_IN_URL = /\/\/[^/@\s:]*:[^/@\s]*@/g;

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: LoggedError | string;
}

const MAX_CAUSES = 4;

/** Type, text, code and causes of an error; none of the other fields that libraries hang on their errors. */
export const describeError = (error: unknown, depth = 0): LoggedError | string => {
  if (!(error instanceof Error)) return 'not an Error';
  const { code } = error as { code?: unknown };
  const cause = error.cause === undefined || depth >= MAX_CAUSES ? undefined : describeError(error.cause, depth + 1);
  return {
    type: error.name,
    message: error.message.replace(CREDENTIALS_IN_URL, '//***@'),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.stack === undefined || depth > 0 ? {} : { stack: error.stack.replace(CREDENTIALS_IN_URL, '//***@') }),
    ...(cause === undefined ? {} : { cause }),
  };
};

/** One JSON object a line, so CR, LF and escape sequences of an input cannot make a line of their own. */
export const createLogger = (level: string, destination?: DestinationStream): PinoLogger =>
  pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
      serializers: { err: (error: unknown) => describeError(error), error: (error: unknown) => describeError(error) },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
