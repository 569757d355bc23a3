import { vietnamDay } from '../agencies/agency.js';
import type { Queryable } from '../store/database.js';
import type { AccountDirectory, AccountNeed, UsableAccount } from './account-directory-port.js';
import { indexOfNumber } from './account-number.js';
import type { AccountSeals } from './account-seals.js';
import { findActiveAccountAgencies } from './active-accounts.js';

interface BeneficiaryRow {
  readonly id: string;
  readonly bankBin: string | null;
  readonly bankCode: string;
  readonly numberSealed: string;
  readonly holderSealed: string;
}

const COLUMNS = 'a.id, a.bank_bin AS "bankBin", a.bank_code AS "bankCode", a.number_sealed AS "numberSealed", a.holder_sealed AS "holderSealed"';
/** Accounts stand under the agency's identity; callers may know it by any of its codes. */
const OF_AGENCY = 'a.agency_code IN (SELECT $1::text UNION SELECT c.agency_code FROM agency_codes c WHERE c.code = $1)';

export interface AccountDirectoryDeps {
  readonly database: Queryable;
  readonly seals: AccountSeals;
  readonly indexKey: Buffer;
  readonly now: () => Date;
}

/** Accounts as payments and readiness need them. */
export class BankAccountDirectory implements AccountDirectory {
  readonly #deps: AccountDirectoryDeps;

  constructor(deps: AccountDirectoryDeps) {
    this.#deps = deps;
  }

  /** Where several fit: the one for the fewest kinds, then the one that became usable last. */
  async usableFor(client: Queryable, { agencyCode, feeKinds, gateway, at }: AccountNeed): Promise<UsableAccount | null> {
    const { rows } = await client.query<BeneficiaryRow>({
      name: 'account-usable-for',
      text: `SELECT ${COLUMNS} FROM bank_accounts a
             WHERE ${OF_AGENCY} AND a.state = 'ACTIVE' AND a.usable_at <= $2 AND a.fee_kinds @> $3::text[]
               AND a.valid_from <= $4::date AND (a.valid_to IS NULL OR a.valid_to >= $4::date)
               AND ($5 = 'in-order' OR EXISTS (SELECT 1 FROM bank_account_registrations r WHERE r.account_id = a.id AND r.gateway = $6))
             ORDER BY cardinality(a.fee_kinds), a.usable_at DESC, a.id DESC LIMIT 1`,
      values: [agencyCode, at, feeKinds, vietnamDay(at), gateway.accountRegistration, gateway.party],
    });
    return this.#opened(rows[0]);
  }

  async byId(id: string): Promise<UsableAccount | null> {
    const { rows } = await this.#deps.database.query<BeneficiaryRow>({ name: 'account-by-id', text: `SELECT ${COLUMNS} FROM bank_accounts a WHERE a.id = $1`, values: [id] });
    return this.#opened(rows[0]);
  }

  indexOf(number: string): Buffer {
    return indexOfNumber(this.#deps.indexKey, number);
  }

  activeAccountAgencies(agencyCodes: readonly string[]): Promise<ReadonlySet<string>> {
    return findActiveAccountAgencies(this.#deps.database, agencyCodes, this.#deps.now());
  }

  #opened(row: BeneficiaryRow | undefined): UsableAccount | null {
    return row === undefined ? null : { id: row.id, account: this.#deps.seals.beneficiaryOf(row) };
  }
}
