import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const STEP_SECONDS = 30;
const DIGITS = 6;
/** As long as the digest (RFC 4226, 4). */
const SECRET_BYTES = 20;
/** One step either way: clocks differ, and people type slowly (RFC 6238, 5.2). */
const WINDOW = 1;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const toBase32 = (bytes: Buffer): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((chunk) => BASE32[Number.parseInt(chunk.padEnd(5, '0'), 2)]).join('');
};

const fromBase32 = (text: string): Buffer => {
  const bits = [...text].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
};

export const newTotpSecret = (): string => toBase32(randomBytes(SECRET_BYTES));

/** Code of a time step: RFC 6238 with SHA-1, which is what authenticator apps speak. `secret` is base32. */
export const totpCode = (secret: string, step: number): string => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0x0f;
  return String((digest.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 10 ** DIGITS).padStart(DIGITS, '0');
};

export const totpStepAt = (at: Date): number => Math.floor(at.getTime() / 1_000 / STEP_SECONDS);

/** The step whose code this is, around `at`; null for none. Who takes it must remember the step, so that it works once. */
export const findTotpStep = (secret: string, code: string, at: Date): number | null => {
  if (!/^\d{6}$/.test(code)) return null;
  let found: number | null = null;
  for (let step = totpStepAt(at) - WINDOW; step <= totpStepAt(at) + WINDOW; step += 1) {
    if (timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code))) found = step;
  }
  return found;
};

/** What authenticator apps read; it holds the secret and is shown once. */
export const otpauthUri = (secret: string, userName: string): string =>
  `otpauth://totp/Onestop:${encodeURIComponent(userName)}?secret=${secret}&issuer=Onestop&algorithm=SHA1&digits=${DIGITS}&period=${STEP_SECONDS}`;
