import type { Logger } from 'pino';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { PaymentGateway } from '../payments/payment-gateway-port.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { BankAccountDirectory } from './account-directory.js';
import type { AccountNamePort } from './account-name-port.js';
import { AccountSeals } from './account-seals.js';

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

/** What this domain needs to know of the ways to pay. */
export type PayableGateway = Pick<PaymentGateway, 'party' | 'accountRegistration' | 'serves'>;

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
export const createBankAccountModule = ({ database, cipher, settings, now = () => new Date() }: BankAccountModuleDeps) => {
  const seals = new AccountSeals(cipher);
  const directory = new BankAccountDirectory({ database, seals, indexKey: settings.fingerprintKey, now });
  return { directory };
};
export type BankAccountModule = ReturnType<typeof createBankAccountModule>;
