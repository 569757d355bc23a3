import type { Logger } from 'pino';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { AccountActions } from './account-action.js';
import { AccountClock } from './account-clock.js';
import { AccountDesk } from './account-desk.js';
import { BankAccountDirectory } from './account-directory.js';
import { AccountMoves } from './account-moves.js';
import type { AccountNamePort } from './account-name-port.js';
import { AccountQueries } from './account-queries.js';
import { AccountRegister } from './account-register.js';
import { resealAccounts } from './account-reseal.js';
import { createAccountResolvers } from './account-resolvers.js';
import { AccountSeals } from './account-seals.js';
import { AccountStore } from './account-store.js';
import { AccountViewer } from './account-view.js';
import { readBankList } from './bank-list.js';
import type { PayableGateway } from './payable-gateway.js';

export interface BankAccountSettings {
  readonly tenantAgencyCodes: readonly string[];
  /** Keys digests of numbers and fingerprints of calls. */
  readonly fingerprintKey: Buffer;
  readonly keepHours: number;
  /** Between approval and first use; 0 for none. */
  readonly coolingHours: number;
  /** Days between two questions about an active account. */
  readonly recheckDays: number;
}

export interface BankAccountModuleDeps {
  readonly database: Database;
  readonly cipher: FieldCipher;
  readonly agencies: AgencyAccess;
  readonly logger: Logger;
  readonly settings: BankAccountSettings;
  /** Who can be asked for the name of a holder, in the order in which they are asked. */
  readonly namePorts: readonly AccountNamePort[];
  /** All ways to pay that are composed. */
  readonly gateways: readonly PayableGateway[];
  readonly now?: () => Date;
}

/** Joins the parts of the register of bank accounts. */
export const createBankAccountModule = ({ database, cipher, agencies, logger, settings, namePorts, gateways, now = () => new Date() }: BankAccountModuleDeps) => {
  const seals = new AccountSeals(cipher);
  const store = new AccountStore();
  const banks = readBankList();
  const moves = new AccountMoves({ store, seals });
  const actions = new AccountActions({ database, store, seals, agencies, settings, now });
  const register = new AccountRegister({ actions, moves, banks });
  const desk = new AccountDesk({ actions, moves, gateways });
  const queries = new AccountQueries({ database, agencies, gateways, now });
  const clock = new AccountClock({ database, store, seals, moves, namePorts, settings, logger, now });
  return {
    directory: new BankAccountDirectory({ database, seals, indexKey: settings.fingerprintKey, now }),
    register, desk, queries, banks,
    /** One turn of what happens by time. */
    turn: () => clock.turn(),
    /** In a worker. Returns how to stop. */
    start: () => clock.start(),
    reseal: () => resealAccounts({ database, store, seals }),
    resolvers: createAccountResolvers({ queries, register, desk, viewer: new AccountViewer(seals), banks }),
  };
};
export type BankAccountModule = ReturnType<typeof createBankAccountModule>;
