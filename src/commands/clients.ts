import { userInfo } from 'node:os';
import { ApiClientService, type AccessCall, type ClientOutcome, type IssuedKey } from '../access/api-client-service.js';
import { ApiClientStore } from '../access/api-client-store.js';
import { parseNewClient, parseTerms } from '../access/access-input.js';
import type { ApiClient } from '../access/api-client.js';
import { ROLES, type Role } from '../access/caller.js';
import { Database } from '../store/database.js';
import { ClientCommandError } from './client-command-error.js';
import { withLifecycle } from './lifecycle.js';
import { databaseFor } from './maintenance.js';

const PAGE = 200;

/** Whoever may run commands here may do all; the audit row names the account of this machine. */
const callBecause = (reason: string): AccessCall => ({ actor: { name: `server:${userInfo().username}`, role: 'server' }, reason, idempotencyKey: null });

const withService = (work: (service: ApiClientService) => Promise<void>): Promise<void> =>
  withLifecycle(async (lifecycle) => {
    const database = new Database({ url: await databaseFor(lifecycle), poolSize: 2, applicationName: 'onestop-clients' });
    lifecycle.onStop('database', () => database.close());
    // No call of a command carries an idempotency key, so nothing is fingerprinted.
    await work(new ApiClientService({ database, store: new ApiClientStore(database), settings: { fingerprintKey: Buffer.alloc(0), keepHours: 1 } }));
  });

const done = <Done extends { readonly kind: string }>(outcome: ClientOutcome<Done>): Done => {
  if (outcome.kind === 'refused') throw new ClientCommandError(`Refused: ${(outcome as { code: string }).code}`);
  return outcome as Done;
};

const showKey = ({ client, prefix, secret, expiresAt }: IssuedKey): void => {
  console.log(`Key ${prefix} of ${client}, until ${expiresAt.toISOString()}. It is shown now and never again:`);
  console.log(secret);
};

const showClient = ({ name, role, agencyScope, state, registeredDocumentsOnly, keys }: ApiClient): void => {
  console.log(`${name}  ${role}  ${agencyScope ?? 'whole province'}  ${state}${registeredDocumentsOnly ? '  registered documents only' : ''}`);
  for (const key of keys) {
    const end = key.revokedAt === null ? `until ${key.expiresAt.toISOString()}` : `revoked ${key.revokedAt.toISOString()}`;
    console.log(`  ${key.prefix}  ${end}  last used ${key.lastUsedAt?.toISOString() ?? 'never'}`);
  }
};

const roleNamed = (text: string): Uppercase<Role> => {
  const role = ROLES.find((known) => known === text);
  if (role === undefined) throw new ClientCommandError(`The role is one of ${ROLES.join(', ')}`);
  return role.toUpperCase() as Uppercase<Role>;
};

export const createClient = (name: string, options: { readonly role: string; readonly agency?: string; readonly days: number; readonly registeredDocumentsOnly: boolean; readonly reason: string }): Promise<void> =>
  withService(async (service) => {
    const { client, days } = parseNewClient({ name, role: roleNamed(options.role), agencyScope: options.agency ?? null, registeredDocumentsOnly: options.registeredDocumentsOnly, keyDays: options.days });
    showKey(done(await service.create(callBecause(options.reason), client, days)));
  });

export const listClients = (): Promise<void> =>
  withService(async (service) => {
    for (let after: string | null = null; ;) {
      const clients: ApiClient[] = await service.list({ first: PAGE, after });
      clients.forEach(showClient);
      after = clients.at(-1)?.name ?? null;
      if (clients.length < PAGE) return;
    }
  });

export const rotateClient = (name: string, options: { readonly overlapHours: number; readonly days: number; readonly reason: string }): Promise<void> =>
  withService(async (service) => showKey(done(await service.rotate(callBecause(options.reason), name, parseTerms({ keyDays: options.days, overlapHours: options.overlapHours })))));

/** Which documents the client may send: registered ones only, or any. */
export const setClientDocuments = (name: string, registeredOnly: boolean, options: { readonly reason: string }): Promise<void> =>
  withService(async (service) => {
    done(await service.setDocuments(callBecause(options.reason), name, registeredOnly));
    console.log(`${name} may send ${registeredOnly ? 'registered documents only' : 'any document'}.`);
  });

/** One key where `key` names it, else the client with all its keys. */
export const revokeClient = (name: string, options: { readonly key?: string; readonly reason: string }): Promise<void> =>
  withService(async (service) => {
    const call = callBecause(options.reason);
    if (options.key === undefined) {
      done(await service.revokeClient(call, name));
      console.log(`${name} and all its keys are revoked.`);
      return;
    }
    const known = (await service.find(name))?.keys.some(({ prefix }) => prefix === options.key) === true;
    if (!known) throw new ClientCommandError(`${name} has no key ${options.key}`);
    done(await service.revokeKey(call, options.key));
    console.log(`Key ${options.key} of ${name} is revoked.`);
  });
