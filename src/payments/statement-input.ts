import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Throws `UserInputError` for what is no base64. */
export const statementBytes = (contentBase64: string): Uint8Array => {
  if (!BASE64.test(contentBase64)) throw new UserInputError([problemAt('contentBase64', breach('BASE64', 'Nội dung phải ở dạng base64', 'The content must be base64'))]);
  return Buffer.from(contentBase64, 'base64');
};
