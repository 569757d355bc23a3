import { UserInputError } from '../errors/gateway-error.js';

/** The prefix lets a later release change what a cursor holds and still know the old ones. */
const PREFIX = 'e1:';
/** PostgreSQL's bigint ends at 19 digits; one fewer is out of reach and never overflows. */
const CURSOR = /^e1:(\d{1,18})$/;

export const encodeEventCursor = (position: string): string => Buffer.from(`${PREFIX}${position}`).toString('base64url');

/** Throws `UserInputError` when it is not one of ours. */
export const decodeEventCursor = (cursor: string): string => {
  const position = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  if (position === undefined) {
    throw new UserInputError([{ field: 'after', code: 'CURSOR', message: { vi: 'Con trỏ không hợp lệ', en: 'This is no cursor of this feed' } }]);
  }
  return position;
};
