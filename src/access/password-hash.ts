import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { UnavailableError } from '../errors/gateway-error.js';

/** OWASP's password storage cheat sheet, November 2025: N=2^15, r=8, p=3 takes 32 MiB and is as strong as N=2^17 with p=1. */
const PARAMETERS = { log2N: 15, r: 8, p: 3 } as const;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** Each takes 32 MiB and a thread of four; the others are left to files and DNS. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 32;

export interface DeriveInput { readonly password: string; readonly salt: Buffer; readonly options: ScryptOptions }
export type Derive = (input: DeriveInput) => Promise<Buffer>;

interface Stored { readonly log2N: number; readonly r: number; readonly p: number; readonly salt: Buffer; readonly digest: Buffer }

/** scrypt on a thread of its own. */
export const deriveWithScrypt: Derive = ({ password, salt, options }) =>
  new Promise((fulfil, reject) => {
    scrypt(password, salt, HASH_BYTES, options, (error, key) => (error === null ? fulfil(key) : reject(error)));
  });

const write = ({ log2N, r, p, salt, digest }: Stored): string => ['scrypt', log2N, r, p, salt.toString('base64url'), digest.toString('base64url')].join('$');

const read = (text: string): Stored => {
  const [kind, log2N, r, p, salt = '', digest = ''] = text.split('$');
  if (kind !== 'scrypt') throw new Error('A stored password has an unknown form');
  return { log2N: Number(log2N), r: Number(r), p: Number(p), salt: Buffer.from(salt, 'base64url'), digest: Buffer.from(digest, 'base64url') };
};

/** Hashes passwords with scrypt, a few at a time; the parameters are kept with each hash, so that they can be raised. */
export class PasswordHasher {
  readonly #derive: Derive;
  readonly #waiting: (() => void)[] = [];
  /** Nobody's password; checking it costs what checking a real one costs. */
  readonly #nobody = write({ ...PARAMETERS, salt: randomBytes(SALT_BYTES), digest: randomBytes(HASH_BYTES) });
  #running = 0;

  constructor(derive: Derive = deriveWithScrypt) {
    this.#derive = derive;
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return write({ ...PARAMETERS, salt, digest: await this.#digest(password, { ...PARAMETERS, salt }) });
  }

  /** `stored` null: there is no such account; false after the same work. Throws UnavailableError when too many wait. */
  async verify(password: string, stored: string | null): Promise<boolean> {
    const known = read(stored ?? this.#nobody);
    const isEqual = timingSafeEqual(known.digest, await this.#digest(password, known));
    return isEqual && stored !== null;
  }

  /** NFKC, so that the same letters are the same password from every keyboard. */
  async #digest(password: string, { log2N, r, p, salt }: Omit<Stored, 'digest'>): Promise<Buffer> {
    await this.#enter();
    try {
      return await this.#derive({ password: password.normalize('NFKC'), salt, options: { N: 2 ** log2N, r, p, maxmem: 256 * 2 ** log2N * r } });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Whoever leaves hands its place to the first that waits. */
  #enter(): Promise<void> {
    if (this.#running < MAX_AT_ONCE) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(new UnavailableError());
    return new Promise((fulfil) => {
      this.#waiting.push(fulfil);
    });
  }
}
