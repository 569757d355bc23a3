import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { SealedFieldError } from '../errors/sealed-field-error.js';

/** A 32-byte key and the id that its tokens carry (letters and digits). */
export interface FieldKey {
  readonly id: string;
  readonly key: Buffer;
}

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID = /^[A-Za-z0-9]{1,16}$/;
/** One call of the random source serves many fields; the call, not the bytes, is what costs. */
const IV_POOL_BYTES = IV_BYTES * 256;

/**
 * Seals personal fields one by one with AES-256-GCM: `<key id>.<base64url of iv, ciphertext, tag>`. The first key seals, any of
 * them opens. `context` (dossier code and field path) is authenticated, so a token moved to another field does not open.
 * Rotate well before 2^32 fields under one key: beyond that random IVs may repeat (NIST SP 800-38D, 8.3).
 */
export class FieldCipher {
  readonly currentKeyId: string;
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #currentKey: Buffer;
  readonly #ivPool = Buffer.alloc(IV_POOL_BYTES);
  #ivOffset = IV_POOL_BYTES;

  constructor(keys: readonly FieldKey[]) {
    const current = keys[0];
    if (current === undefined) throw new RangeError('A field key is required');
    for (const { id, key } of keys) {
      if (!KEY_ID.test(id) || key.length !== KEY_BYTES) throw new RangeError(`Field key ${id.slice(0, 16)} must be 32 bytes under an alphanumeric id`);
    }
    this.#keys = new Map(keys.map(({ id, key }) => [id, key]));
    if (this.#keys.size !== keys.length) throw new RangeError('Two field keys share an id');
    this.currentKeyId = current.id;
    this.#currentKey = current.key;
  }

  seal(text: string, context: string): string {
    const iv = this.#nextIv();
    const cipher = createCipheriv('aes-256-gcm', this.#currentKey, iv);
    cipher.setAAD(Buffer.from(context));
    const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${this.currentKeyId}.${sealed.toString('base64url')}`;
  }

  /** Throws `SealedFieldError` when no key fits or the token or its context was altered. */
  open(token: string, context: string): string {
    const dot = token.indexOf('.');
    const key = this.#keys.get(token.slice(0, Math.max(dot, 0)));
    if (key === undefined) throw new SealedFieldError(dot < 0 ? 'malformed' : 'unknown-key');
    const sealed = Buffer.from(token.slice(dot + 1), 'base64url');
    if (sealed.length < IV_BYTES + TAG_BYTES) throw new SealedFieldError('malformed');
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    try {
      return decipher.update(sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw new SealedFieldError('altered', { cause });
    }
  }

  #nextIv(): Buffer {
    if (this.#ivOffset + IV_BYTES > IV_POOL_BYTES) {
      randomFillSync(this.#ivPool);
      this.#ivOffset = 0;
    }
    const iv = Buffer.from(this.#ivPool.subarray(this.#ivOffset, this.#ivOffset + IV_BYTES));
    this.#ivOffset += IV_BYTES;
    return iv;
  }
}
