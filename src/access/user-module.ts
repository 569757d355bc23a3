import type { LoginSettings } from '../config/login-keys.js';
import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { Proof } from './authenticator.js';
import { LoginLocks } from './login-locks.js';
import { OidcLogin } from './login-oidc.js';
import { LoginService } from './login-service.js';
import { PasswordHasher } from './password-hash.js';
import type { CookieSettings } from './session-cookies.js';
import { createSessionProof } from './session-proof.js';
import { SessionStore } from './session-store.js';
import { createUserResolvers } from './user-resolvers.js';
import { UserService } from './user-service.js';
import { UserStore } from './user-store.js';

export interface UserModuleDeps {
  readonly database: Database;
  readonly logger: Logger;
  readonly cipher: FieldCipher;
  readonly settings: LoginSettings & { readonly cookies: CookieSettings; readonly fingerprintKey: Buffer; readonly keepHours: number };
}

/** What the login routes need. */
export interface Logins {
  readonly passwords: LoginService;
  /** Null where people have local accounts only. */
  readonly oidc: OidcLogin | null;
  readonly sessions: SessionStore;
  readonly cookies: CookieSettings;
}

export interface UserModule {
  /** People by their sessions; for GraphQL only. */
  readonly proof: Proof;
  readonly logins: Logins;
  readonly resolvers: ReturnType<typeof createUserResolvers>;
  readonly prune: () => Promise<number>;
  readonly reseal: () => Promise<number>;
}

/** Joins accounts, sessions and the ways to log in. */
export const createUserModule = ({ database, logger, cipher, settings }: UserModuleDeps): UserModule => {
  const users = new UserStore(database);
  const sessions = new SessionStore(database, settings);
  const hasher = new PasswordHasher();
  const service = new UserService({ database, store: users, hasher, cipher: () => cipher, settings });
  return {
    proof: createSessionProof(sessions, settings.cookies),
    logins: {
      passwords: new LoginService({ database, users, sessions, hasher, cipher, locks: new LoginLocks(database) }),
      oidc: settings.oidc === null ? null : new OidcLogin({ database, sessions, settings: settings.oidc, logger }),
      sessions, cookies: settings.cookies,
    },
    resolvers: createUserResolvers(service),
    prune: () => sessions.prune(),
    reseal: () => service.reseal(),
  };
};
