import type { Logger } from 'pino';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { AccountNamePort } from '../bank-accounts/account-name-port.js';
import { createBankAccountModule } from '../bank-accounts/bank-account-module.js';
import type { BankAccountModule } from '../bank-accounts/bank-account-module.js';
import type { PayableGateway } from '../bank-accounts/payable-gateway.js';
import type { CoreConfig } from '../config.js';
import type { Database } from '../store/database.js';
import { FieldCipher } from '../store/field-cipher.js';

export interface BankAccountParts {
  readonly database: Database;
  readonly core: CoreConfig;
  readonly agencies: AgencyAccess;
  readonly logger: Logger;
  /** Banks that tell the name of a holder; empty while none is connected. */
  readonly namePorts: readonly AccountNamePort[];
  readonly gateways: readonly PayableGateway[];
}

/** The register of bank accounts. */
export const createBankAccounts = ({ core, ...parts }: BankAccountParts): BankAccountModule => createBankAccountModule({
  ...parts, cipher: new FieldCipher(core.fieldKeys),
  settings: { ...core.accounts, tenantAgencyCodes: core.tenantAgencyCodes, fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours },
});
