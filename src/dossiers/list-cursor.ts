import { UserInputError } from '../errors/gateway-error.js';
import type { ListPosition } from './dossier-rows.js';
import { breach, problemAt } from './rule-breach.js';

const TIMESTAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/;
const MAX_PAGE = 200;

export const encodeCursor = ({ updatedAt, code }: ListPosition): string => Buffer.from(`${updatedAt}|${code}`).toString('base64url');

/** Throws `UserInputError` when it is not one of ours. */
export const decodeCursor = (cursor: string): ListPosition => {
  const [updatedAt = '', code = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split('|');
  if (!TIMESTAMP.test(updatedAt) || code === '' || code.includes('\0')) throw new UserInputError([problemAt('after', breach('CURSOR', 'Con trỏ không hợp lệ', 'This is no cursor of this list'))]);
  return { updatedAt, code };
};

/** Page size between 1 and 200; throws `UserInputError` otherwise. */
export const checkPageSize = (first: number): number => {
  if (first >= 1 && first <= MAX_PAGE) return first;
  throw new UserInputError([problemAt('first', breach('PAGE_SIZE', `Từ 1 đến ${String(MAX_PAGE)}`, `Between 1 and ${String(MAX_PAGE)}`))]);
};
