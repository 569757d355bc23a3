import { userInfo } from 'node:os';
import type { AccessCall } from '../access/api-client-service.js';
import { PasswordHasher } from '../access/password-hash.js';
import type { User } from '../access/user.js';
import { parseNewUser } from '../access/user-resolvers.js';
import { UserService, type UserOutcome } from '../access/user-service.js';
import { UserStore } from '../access/user-store.js';
import { dataDirOf, fieldKeysOf, hasDatabaseUrl, processEnv } from '../config.js';
import { withGeneratedSecrets } from '../config/demo-secrets.js';
import { Database } from '../store/database.js';
import { FieldCipher } from '../store/field-cipher.js';
import { ClientCommandError } from './client-command-error.js';
import { withLifecycle } from './lifecycle.js';
import { databaseFor } from './maintenance.js';

const PAGE = 200;

interface Because { readonly reason: string }

/** Whoever may run commands here may do all; the audit row names the account of this machine. */
const callBecause = ({ reason }: Because): AccessCall => ({ actor: { name: `server:${userInfo().username}`, role: 'server' }, reason, idempotencyKey: null });

/** The keys of the gateway that this command is for; asked for by what seals only. */
const openCipher = (): FieldCipher => {
  const given = processEnv();
  return new FieldCipher(fieldKeysOf(hasDatabaseUrl(given) ? given : withGeneratedSecrets(given, dataDirOf(given)).env));
};

const withService = (work: (service: UserService) => Promise<void>): Promise<void> =>
  withLifecycle(async (lifecycle) => {
    const database = new Database({ url: await databaseFor(lifecycle), poolSize: 2, applicationName: 'onestop-users' });
    lifecycle.onStop('database', () => database.close());
    // No call of a command carries an idempotency key, so nothing is fingerprinted.
    const settings = { fingerprintKey: Buffer.alloc(0), keepHours: 1 };
    await work(new UserService({ database, store: new UserStore(database), hasher: new PasswordHasher(), cipher: openCipher, settings }));
  });

const done = <Done extends { readonly kind: string }>(outcome: UserOutcome<Done>): Done => {
  if (outcome.kind === 'refused') throw new ClientCommandError(`Refused: ${(outcome as { code: string }).code}`);
  return outcome as Done;
};

const showUser = ({ name, role, agencyScope, state, hasTotp, mustChangePassword, lastLoginAt }: User): void =>
  console.log(`${name}  ${role}  ${agencyScope ?? 'whole province'}  ${state}${hasTotp ? '  totp' : ''}${mustChangePassword ? '  must change password' : ''}  last login ${lastLoginAt?.toISOString() ?? 'never'}`);

const showPassword = (name: string, secret: string | null): void => {
  console.log(`One-time password of ${name}, for three days, to be changed at the first login. It is shown now and never again:`);
  console.log(secret);
};

export const createUser = (name: string, options: Because & { readonly role: string; readonly agency?: string }): Promise<void> =>
  withService(async (service) => {
    const user = parseNewUser({ name, role: options.role, agencyScope: options.agency ?? null });
    showPassword(name, done(await service.create(callBecause(options), user)).secret);
  });

export const listUsers = (): Promise<void> =>
  withService(async (service) => {
    for (let after: string | null = null; ;) {
      const users: User[] = await service.list({ first: PAGE, after });
      users.forEach(showUser);
      after = users.at(-1)?.name ?? null;
      if (users.length < PAGE) return;
    }
  });

export const disableUser = (name: string, options: Because): Promise<void> =>
  withService(async (service) => {
    done(await service.disable(callBecause(options), name));
    console.log(`${name} may not log in any more, and every session has ended.`);
  });

export const enableUser = (name: string, options: Because): Promise<void> =>
  withService(async (service) => {
    done(await service.enable(callBecause(options), name));
    console.log(`${name} may log in.`);
  });

export const resetPassword = (name: string, options: Because): Promise<void> =>
  withService(async (service) => showPassword(name, done(await service.resetPassword(callBecause(options), name)).secret));

export const removeTotp = (name: string, options: Because): Promise<void> =>
  withService(async (service) => {
    done(await service.removeTotp(callBecause(options), name));
    console.log(`${name} logs in with the password alone, and every session has ended.`);
  });

export const enrolTotp = (name: string, options: Because): Promise<void> =>
  withService(async (service) => {
    const { secret } = done(await service.enrolTotp(callBecause(options), name));
    console.log(`From now on ${name} needs a code of an authenticator app. Its address is shown now and never again:`);
    console.log(secret);
  });
