import { randomBytes } from 'node:crypto';

export type PasswordFault = 'TOO_SHORT' | 'TOO_LONG' | 'TOO_COMMON';

const MIN_LENGTH = 12;
/** Nobody types more; the work of hashing must not be the caller's to choose. */
const MAX_LENGTH = 128;
/** 120 random bits. */
const ONE_TIME_BYTES = 15;

/** What guessers try first among long ones; without case, marks, spaces and punctuation. */
const DENIED: ReadonlySet<string> = new Set([
  'password1234', 'passwordpassword', 'password12345', 'password123456', 'matkhau123456', 'matkhaumatkhau', 'matkhau12345', '123456789012', '1234567890123', '12345678901234',
  '123456123456', '123123123123', '111111111111', '000000000000', 'qwertyuiop12', 'qwertyuiop123', 'qwerty123456', 'qwertyqwerty', 'abcdefghijkl', 'abcd12345678', 'abc123456789',
  'administrator', 'admin1234567', 'admin123456789', 'iloveyou1234', 'anhyeuem1234', 'anhyeuem123456', 'vietnam12345', 'vietnam123456', 'motcua123456', 'dichvucong123', 'letmeinplease', 'changeme1234', 'onestopgateway',
]);

const plain = (text: string): string => text.normalize('NFKD').toLowerCase().replace(/[\s\p{M}\p{P}\p{S}]/gu, '').replaceAll('đ', 'd');

/** Length, and nothing that everybody tries (NIST SP 800-63B): no rules on kinds of letters. Null: it may be used. */
export const findPasswordFault = (password: string, userName: string): PasswordFault | null => {
  const { length } = [...password.normalize('NFKC')];
  if (length < MIN_LENGTH) return 'TOO_SHORT';
  if (length > MAX_LENGTH) return 'TOO_LONG';
  const bare = plain(password);
  const withoutName = bare.replaceAll(plain(userName), '');
  return DENIED.has(bare) || withoutName.length < MIN_LENGTH / 2 || new Set(bare).size < 4 ? 'TOO_COMMON' : null;
};

/** Longer than any that is accepted: not worth hashing. */
export const isAbsurd = (password: string): boolean => password.length > MAX_LENGTH * 4;

export const newOneTimePassword = (): string => randomBytes(ONE_TIME_BYTES).toString('base64url');
