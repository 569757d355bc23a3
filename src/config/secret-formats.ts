import { z } from 'zod';
import { ROLES, type Role } from '../access/caller.js';

/** A client's bearer key as configuration holds it: the digest only, so that a leaked configuration opens nothing. */
export interface ApiKey {
  readonly client: string;
  readonly role: Role;
  /** SHA-256 of the key, 32 bytes. */
  readonly digest: Buffer;
}

/** A named 32-byte key; the first of a list is used for what is new, the others for what exists. */
export interface NamedKey {
  readonly id: string;
  readonly key: Buffer;
}

const KEY_BYTES = 32;
const entriesOf = (text: string): string[] => text.split(/[\s,]+/).filter((entry) => entry !== '');

const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);

const parseApiKey = (entry: string): ApiKey | string => {
  const [client = '', role = '', digest = '', ...more] = entry.split(':');
  if (more.length > 0 || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(client)) return 'each entry is client:role:sha256hex, the client in lower-case letters, digits and hyphens';
  if (!isRole(role)) return `the role of ${client} is not one of ${ROLES.join(', ')}`;
  if (!/^[0-9a-f]{64}$/i.test(digest)) return `the key of ${client} must be given as the 64 hex digits of its SHA-256, never in plain`;
  return { client, role, digest: Buffer.from(digest, 'hex') };
};

const parseNamedKey = (entry: string): NamedKey | string => {
  const colon = entry.indexOf(':');
  const id = entry.slice(0, Math.max(colon, 0));
  if (!/^[a-z0-9]{1,16}$/.test(id)) return 'each entry is id:base64-of-32-bytes, the id 1 to 16 lower-case letters or digits';
  const key = Buffer.from(entry.slice(colon + 1), 'base64');
  return key.length === KEY_BYTES ? { id, key } : `the key ${id} is not the base64 of ${KEY_BYTES} bytes`;
};

const listOf = <Item>(parse: (entry: string) => Item | string): z.ZodType<readonly Item[]> =>
  z.string().transform((text, context) => {
    const items: Item[] = [];
    for (const entry of entriesOf(text)) {
      const item = parse(entry);
      if (typeof item === 'string') context.addIssue({ code: 'custom', message: item });
      else items.push(item);
    }
    if (items.length === 0) context.addIssue({ code: 'custom', message: 'the list is empty' });
    return items;
  });

export const apiKeyList = listOf(parseApiKey);
export const namedKeyList = listOf(parseNamedKey);

/** One key of 32 bytes in base64. */
export const singleKey: z.ZodType<Buffer> = z
  .string()
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((key) => key.length === KEY_BYTES, `it is not the base64 of ${KEY_BYTES} bytes`);
