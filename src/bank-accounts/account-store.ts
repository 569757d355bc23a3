import type pg from 'pg';
import type { Queryable } from '../store/database.js';
import { ACCOUNT_COLUMNS } from './account-columns.js';
import type { BankAccountState, SealedBankAccount } from './bank-account.js';
import { OPEN_ACCOUNT_STATES } from './bank-account.js';

export type NewAccount = Pick<SealedBankAccount, 'id' | 'agencyCode' | 'bankCode' | 'bankBin' | 'numberLast4' | 'purpose' | 'feeKinds' | 'validFrom' | 'validTo' | 'replaces' | 'requestedBy' | 'keyId' | 'numberSealed' | 'holderSealed' | 'contactSealed'>
  & { readonly numberIndex: Buffer; readonly nameCheckDueAt: Date };

export interface HistoryEntry {
  readonly accountId: string;
  readonly action: string;
  readonly fromState: BankAccountState | null;
  readonly toState: BankAccountState;
  readonly actor: string;
  readonly reason: string | null;
  /** No number, no name of a holder. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface StateChange {
  readonly id: string;
  readonly to: BankAccountState;
  readonly approvedBy?: string;
  readonly usableAt?: Date;
}

export interface ChangedTerms {
  readonly id: string;
  readonly purpose: string;
  readonly feeKinds: readonly string[];
  readonly validTo: string | null;
  readonly contactSealed: string;
}

/** Writes of one account, each within its caller's transaction. */
export class AccountStore {
  /** One change of an agency's accounts at a time: what its other accounts are is part of each decision. */
  async lockAgency(client: Queryable, agencyCode: string): Promise<void> {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('bank-accounts/' || $1, 0))", [agencyCode]);
  }

  async nextId(client: Queryable, table: 'bank_accounts' | 'bank_account_notices'): Promise<string> {
    const { rows } = await client.query<{ id: string }>("SELECT nextval(pg_get_serial_sequence($1, 'id')) AS id", [table]);
    return rows[0]?.id ?? '';
  }

  async agencyOf(client: Queryable, id: string): Promise<string | null> {
    const { rows } = await client.query<{ code: string }>('SELECT agency_code AS code FROM bank_accounts WHERE id = $1', [id]);
    return rows[0]?.code ?? null;
  }

  async lock(client: Queryable, id: string): Promise<SealedBankAccount | null> {
    const { rows } = await client.query<SealedBankAccount>(`SELECT ${ACCOUNT_COLUMNS} FROM bank_accounts a WHERE a.id = $1 FOR UPDATE`, [id]);
    return rows[0] ?? null;
  }

  /** Accounts of the agency that are, or may become, of use. */
  async openOf(client: Queryable, agencyCode: string): Promise<readonly (SealedBankAccount & { readonly numberIndex: Buffer })[]> {
    const { rows } = await client.query<SealedBankAccount & { numberIndex: Buffer }>(
      `SELECT ${ACCOUNT_COLUMNS}, a.number_index AS "numberIndex" FROM bank_accounts a WHERE a.agency_code = $1 AND a.state = ANY ($2) ORDER BY a.id FOR UPDATE`, [agencyCode, OPEN_ACCOUNT_STATES]);
    return rows;
  }

  async insert(client: Queryable, account: NewAccount): Promise<void> {
    await client.query({
      text: `INSERT INTO bank_accounts (id, agency_code, bank_code, bank_bin, state, key_id, number_sealed, holder_sealed, number_last4, number_index, purpose, fee_kinds,
               valid_from, valid_to, replaces, contact_sealed, requested_by, name_check_due_at)
             OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, 'REQUESTED', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
      values: [account.id, account.agencyCode, account.bankCode, account.bankBin, account.keyId, account.numberSealed, account.holderSealed, account.numberLast4, account.numberIndex,
        account.purpose, account.feeKinds, account.validFrom, account.validTo, account.replaces, account.contactSealed, account.requestedBy, account.nameCheckDueAt],
    });
  }

  async move(client: Queryable, { id, to, approvedBy, usableAt }: StateChange): Promise<void> {
    await client.query({
      // What is requested again is approved by nobody.
      text: `UPDATE bank_accounts SET state = $2, state_at = now(), revision = revision + 1, approved_by = CASE WHEN $2 <> 'REQUESTED' THEN coalesce($3, approved_by) END,
               approved_at = CASE WHEN $2 = 'REQUESTED' THEN NULL WHEN $3::text IS NULL THEN approved_at ELSE now() END,
               usable_at = CASE WHEN $2 <> 'REQUESTED' THEN coalesce($4, usable_at) END WHERE id = $1`,
      values: [id, to, approvedBy ?? null, usableAt ?? null],
    });
  }

  async changeTerms(client: Queryable, terms: ChangedTerms): Promise<void> {
    await client.query({
      text: 'UPDATE bank_accounts SET purpose = $2, fee_kinds = $3, valid_to = $4, contact_sealed = $5, revision = revision + 1 WHERE id = $1',
      values: [terms.id, terms.purpose, terms.feeKinds, terms.validTo, terms.contactSealed],
    });
  }

  /** Brings everything that is sealed in a row under one key. */
  async replaceSeals(client: Queryable, { id, keyId, numberSealed, holderSealed, contactSealed }: Pick<SealedBankAccount, 'id' | 'keyId' | 'numberSealed' | 'holderSealed' | 'contactSealed'>): Promise<void> {
    await client.query('UPDATE bank_accounts SET key_id = $2, number_sealed = $3, holder_sealed = $4, contact_sealed = $5 WHERE id = $1', [id, keyId, numberSealed, holderSealed, contactSealed]);
  }

  /** The history, and the portal's feed. */
  async record(client: pg.PoolClient, { agencyCode }: { readonly agencyCode: string }, entry: HistoryEntry): Promise<void> {
    await client.query({
      text: 'INSERT INTO bank_account_history (account_id, action, from_state, to_state, actor, reason, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      values: [entry.accountId, entry.action, entry.fromState, entry.toState, entry.actor, entry.reason, JSON.stringify(entry.detail ?? {})],
    });
    await client.query("INSERT INTO events (type, agency_code, operation, reason) VALUES ('account.changed', $1, 'bank-account', $2)", [agencyCode, entry.action]);
  }

  async addNotice(client: Queryable, notice: { readonly id: string; readonly accountId: string; readonly kind: string; readonly toSealed: string; readonly keyId: string }): Promise<void> {
    await client.query({
      text: 'INSERT INTO bank_account_notices (id, account_id, kind, to_sealed, key_id) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5)',
      values: [notice.id, notice.accountId, notice.kind, notice.toSealed, notice.keyId],
    });
  }

  /** False where it is seen already. */
  async markSeen(client: Queryable, noticeId: string, by: string): Promise<boolean> {
    const { rowCount } = await client.query('UPDATE bank_account_notices SET seen_by = $2, seen_at = now() WHERE id = $1 AND seen_at IS NULL', [noticeId, by]);
    return rowCount === 1;
  }

  /** False where it was confirmed before. */
  async confirmRegistration(client: Queryable, of: { readonly accountId: string; readonly gateway: string; readonly by: string }): Promise<boolean> {
    const { rowCount } = await client.query({
      text: 'INSERT INTO bank_account_registrations (account_id, gateway, confirmed_by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      values: [of.accountId, of.gateway, of.by],
    });
    return rowCount === 1;
  }

  async askAt(client: Queryable, id: string, at: Date): Promise<void> {
    await client.query('UPDATE bank_accounts SET name_check_due_at = $2, name_check_failures = 0 WHERE id = $1', [id, at]);
  }
}
