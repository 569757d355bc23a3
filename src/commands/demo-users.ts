import { PasswordHasher } from '../access/password-hash.js';
import { PERSON_ROLES, type PersonRole } from '../access/user.js';
import { UserStore } from '../access/user-store.js';
import type { Config } from '../config.js';
import type { DemoPasswords } from '../config/demo-secrets.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import { Database } from '../store/database.js';
import type { Lifecycle } from './lifecycle.js';

/** A person to try the gateway with. */
export interface DemoUser {
  readonly name: string;
  readonly role: PersonRole;
  readonly password: string;
}

export const demoUsersOf = (passwords: DemoPasswords): readonly DemoUser[] => PERSON_ROLES.map((role) => ({ name: `demo-${role}`, role, password: passwords[role] }));

const createOne = async (database: Database, { name, role, password }: DemoUser): Promise<boolean> => {
  const store = new UserStore(database);
  if ((await store.find(name)) !== null) return false;
  const hash = await new PasswordHasher().hash(password);
  return database.transaction(async (client) => {
    if (!(await store.create(client, { name, role, agencyScope: null, passwordHash: hash, by: 'gateway' }))) return false;
    // Its person is at this keyboard and has just been shown it: there is nothing to change at the first login.
    await store.changePassword(client, name, { from: hash, to: hash });
    await recordOperatorAction(client, { actor: 'gateway', role: 'gateway', action: 'create-demo-user', target: `user/${name}`, reason: null, detail: { role } });
    return true;
  });
};

/** Beside an embedded database only. What exists is left as it is, also where it was disabled. True when one was created. */
export const createDemoUsers = async (lifecycle: Lifecycle, { core }: Config, users: readonly DemoUser[]): Promise<boolean> => {
  const database = new Database({ url: core.databaseUrl, poolSize: 2, applicationName: 'onestop-demo-users' });
  lifecycle.onStop('connections', () => database.close());
  const created: boolean[] = [];
  for (const user of users) created.push(await createOne(database, user));
  return created.includes(true);
};
