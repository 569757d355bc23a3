import { unwrapResolverError } from '@apollo/server/errors';
import type { GraphQLFormattedError } from 'graphql';
import { GatewayError, InternalError, UnavailableError, UserInputError, type InputProblem } from '../errors/gateway-error.js';
import { isTransient } from '../store/database-errors.js';

/** The request is no GraphQL request at all; its status stays 400, and its code says nothing of the schema. */
const BAD_REQUEST = 'BAD_REQUEST';
/** Codes of the GraphQL layer that say "your document is wrong". */
const DOCUMENT_CODES: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'OPERATION_RESOLUTION_FAILURE', BAD_REQUEST, 'PERSISTED_QUERY_NOT_FOUND', 'PERSISTED_QUERY_NOT_SUPPORTED',
]);
/** What graphql-js adds, without a code, when it gives up after 50 problems of variables. */
const GAVE_UP = 'Too many errors processing variables';

const OPAQUE = { en: 'The document is not valid', vi: 'Truy vấn không hợp lệ' };
const BAD_VARIABLES = { en: 'The variables do not fit the document', vi: 'Biến không phù hợp với truy vấn' };

/** Whether the answer blames the document, for which HTTP status 200 is right under `application/json`. */
export const isDocumentFault = (code: unknown): boolean => code !== BAD_REQUEST && (DOCUMENT_CODES.has(code) || code === 'BAD_USER_INPUT' || code === 'BAD_DOCUMENT');

/** The gateway's own error behind whatever a resolver threw; anything unexpected becomes an opaque one. */
export const toGatewayError = (error: unknown): GatewayError => {
  if (error instanceof GatewayError) return error;
  return isTransient(error) ? new UnavailableError({ cause: error }) : new InternalError({ cause: error });
};

/** Where a variable does not fit: the path and what is wrong, never the value, which may be personal. */
const variableProblem = (text: string): InputProblem => {
  const path = / at "([\w.[\]]+)"/.exec(text)?.[1] ?? /Variable "\$(\w+)"/.exec(text)?.[1] ?? '';
  if (text.startsWith(GAVE_UP)) return { field: '', code: 'TOO_MANY', message: { en: 'More problems than are listed', vi: 'Còn nhiều lỗi khác chưa liệt kê' } };
  const missing = /Field "(\w+)" of required type/.exec(text)?.[1];
  const unknown = /Field "(\w+)" is not defined/.exec(text)?.[1];
  const field = [path, missing ?? unknown].filter(Boolean).join('.');
  if (missing !== undefined || text.includes('was not provided')) return { field, code: 'REQUIRED', message: { en: 'A value is required', vi: 'Bắt buộc phải có giá trị' } };
  if (unknown !== undefined) return { field, code: 'UNKNOWN_FIELD', message: { en: 'There is no such field', vi: 'Không có trường này' } };
  return { field, code: 'WRONG_TYPE', message: { en: 'The value is not of the type in the schema', vi: 'Giá trị không đúng kiểu trong lược đồ' } };
};

/** What a caller is shown: a stable code and a text in both languages; the details of documents only where `detailed`, values of variables nowhere. */
export const formatError = (formatted: GraphQLFormattedError, error: unknown, detailed: boolean): GraphQLFormattedError => {
  const code = formatted.message.startsWith(GAVE_UP) ? 'BAD_USER_INPUT' : formatted.extensions?.['code'];
  const place = { ...(formatted.path === undefined ? {} : { path: formatted.path }), ...(formatted.locations === undefined ? {} : { locations: formatted.locations }) };
  const original = unwrapResolverError(error);
  if (code === 'BAD_USER_INPUT' && !(original instanceof GatewayError)) {
    return { ...place, message: BAD_VARIABLES.en, extensions: { code, message: BAD_VARIABLES, problems: [variableProblem(formatted.message)] } };
  }
  if (DOCUMENT_CODES.has(code)) {
    return { ...(detailed ? place : {}), message: detailed ? formatted.message : OPAQUE.en, extensions: { code: detailed || code === BAD_REQUEST ? code : 'BAD_DOCUMENT', message: OPAQUE } };
  }
  const known = toGatewayError(original);
  return {
    ...place,
    message: known.text.en,
    extensions: { code: known.code, message: known.text, ...(known instanceof UserInputError ? { problems: known.problems } : {}) },
  };
};
