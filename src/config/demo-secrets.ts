import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Env } from './env-spec.js';

/** Bearer keys in plain, which exist only beside an embedded database, for the person at the keyboard. */
export interface DemoKeys {
  readonly portal: string;
  readonly operator: string;
}

/** First passwords of people, in plain, by role; for the same person only. */
export interface DemoPasswords {
  readonly operator: string;
  readonly supervisor: string;
  readonly leader: string;
  readonly auditor: string;
}

interface Secrets {
  readonly demoKeys: DemoKeys;
  readonly demoPasswords: DemoPasswords;
  readonly fieldKey: string;
  readonly fileLinkKey: string;
  readonly fingerprintKey: string;
  readonly evidenceKey: string;
}

const newKey = (): string => randomBytes(32).toString('base64');
const newPassword = (): string => randomBytes(15).toString('base64url');
const newSecrets = (): Secrets => ({
  demoKeys: { portal: `portal-${randomBytes(24).toString('base64url')}`, operator: `operator-${randomBytes(24).toString('base64url')}` },
  demoPasswords: { operator: newPassword(), supervisor: newPassword(), leader: newPassword(), auditor: newPassword() },
  fieldKey: newKey(), fileLinkKey: newKey(), fingerprintKey: newKey(), evidenceKey: newKey(),
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const readOrCreate = (dataDir: string): Secrets => {
  const path = join(dataDir, 'secrets.json');
  if (!existsSync(path)) {
    if (!existsSync(dataDir)) {
      mkdirSync(dataDir, { recursive: true });
      // The embedded PostgreSQL may run as another user, who must pass through here; the files inside are private.
      chmodSync(dataDir, 0o711);
    }
    writeFileSync(path, `${JSON.stringify(newSecrets(), null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  }
  const secrets = JSON.parse(readFileSync(path, 'utf8')) as Partial<Secrets>;
  // A folder of an earlier version lacks the keys that were added since.
  const complete = { ...newSecrets(), ...secrets };
  if (Object.keys(complete).length > Object.keys(secrets).length) writeFileSync(path, `${JSON.stringify(complete, null, 2)}\n`, { mode: 0o600 });
  return complete;
};

/**
 * Environment for a gateway with an embedded database: what the operator did not set is generated once into the data folder.
 * Demo keys and passwords are null where the operator gave API_KEYS of his own.
 */
export const withGeneratedSecrets = (env: Env, dataDir: string): { readonly env: Env; readonly demoKeys: DemoKeys | null; readonly demoPasswords: DemoPasswords | null } => {
  const secrets = readOrCreate(dataDir);
  const isGiven = (key: string): boolean => Boolean(env[key]) || Boolean(env[`${key}_FILE`]);
  const generated: Record<string, string> = {
    API_KEYS: `demo-portal:portal:${sha256(secrets.demoKeys.portal)},demo-operator:operator:${sha256(secrets.demoKeys.operator)}`,
    FIELD_KEYS: `k1:${secrets.fieldKey}`,
    FILE_LINK_KEYS: `k1:${secrets.fileLinkKey}`,
    FINGERPRINT_KEY: secrets.fingerprintKey,
    EVIDENCE_SIGNING_KEYS: `k1:${secrets.evidenceKey}`,
  };
  const missing = Object.entries(generated).filter(([key]) => !isGiven(key));
  const filled: Record<string, string | undefined> = { ...env, ...Object.fromEntries(missing) };
  if (!isGiven('FILE_STORE_DIR') && !isGiven('FILE_STORE_URL')) {
    filled['FILE_STORE_DIR'] = join(dataDir, 'files');
    mkdirSync(join(dataDir, 'files'), { recursive: true, mode: 0o700 });
  }
  const { demoKeys, demoPasswords } = secrets;
  return isGiven('API_KEYS') ? { env: filled, demoKeys: null, demoPasswords: null } : { env: filled, demoKeys, demoPasswords };
};
