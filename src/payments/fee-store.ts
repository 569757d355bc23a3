import type { ReadLimits } from '../agencies/agency-scope.js';
import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { FeeItem } from './payment.js';
import { FEE_COLUMNS, toFee } from './payment-rows.js';
import type { FeeRow, StoredFee } from './payment-rows.js';

/** A dossier as payments need it. */
export interface PayableDossier {
  readonly code: string;
  readonly agencyCode: string;
  readonly client: string;
  readonly procedureCode: string;
  readonly procedureName: string;
}

const DOSSIER_CODE = /^[A-Z0-9.-]{1,60}$/;

/** Statements on what dossiers owe. */
export class FeeStore {
  /** Null for another's dossier too: its existence is not told. */
  async dossier(client: Queryable, code: string, { client: owner, agencyCodes }: ReadLimits): Promise<PayableDossier | null> {
    if (!DOSSIER_CODE.test(code)) return null;
    const { rows } = await orUnavailable(client.query<PayableDossier>({
      name: 'dossier-payable',
      text: `SELECT d.code, d.agency_code AS "agencyCode", d.client, d.procedure_code AS "procedureCode", coalesce(v.content->>'procedureName', d.procedure_code) AS "procedureName"
         FROM dossiers d JOIN dossier_versions v ON v.id = d.version_id
         WHERE d.code = $1 AND ($2::text IS NULL OR d.client = $2) AND ($3::text[] IS NULL OR d.agency_code = ANY ($3))`,
      values: [code, owner, agencyCodes],
    }));
    return rows[0] ?? null;
  }

  async list(client: Queryable, dossierCodes: readonly string[]): Promise<readonly FeeRow[]> {
    const { rows } = await orUnavailable(client.query<StoredFee>(`SELECT ${FEE_COLUMNS} FROM fee_items f WHERE f.dossier_code = ANY ($1) ORDER BY f.id`, [dossierCodes]));
    return rows.map(toFee);
  }

  /** All of a dossier, locked in the order of their ids. Another declaration for the same dossier waits, also for fees that are not there yet. */
  async lockForDeclaring(client: Queryable, dossierCode: string): Promise<readonly FeeRow[]> {
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('fees/' || $1, 21))`, [dossierCode]);
    return this.lock(client, dossierCode);
  }

  async lock(client: Queryable, dossierCode: string): Promise<readonly FeeRow[]> {
    const { rows } = await client.query<StoredFee>({ name: 'fees-lock', text: `SELECT ${FEE_COLUMNS} FROM fee_items f WHERE f.dossier_code = $1 ORDER BY f.id FOR UPDATE`, values: [dossierCode] });
    return rows.map(toFee);
  }

  /** A fee that was given back whole is owed again by this. */
  async save(client: Queryable, dossier: PayableDossier, fee: FeeItem): Promise<void> {
    await client.query({
      text: `INSERT INTO fee_items (dossier_code, key, kind, name, amount_vnd, agency_code, client) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (dossier_code, key) DO UPDATE SET kind = excluded.kind, name = excluded.name, amount_vnd = excluded.amount_vnd, dropped_at = NULL, paid_by = NULL`,
      values: [dossier.code, fee.key, fee.kind, fee.name, fee.amountVnd, dossier.agencyCode, dossier.client],
    });
  }

  async drop(client: Queryable, ids: readonly string[]): Promise<void> {
    await client.query('UPDATE fee_items SET dropped_at = now() WHERE id = ANY ($1) AND dropped_at IS NULL', [ids]);
  }

  /** Of these payments, those whose money went back whole. */
  async refunded(client: Queryable, paymentIds: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await client.query<{ id: string }>(`SELECT id FROM payments WHERE id = ANY ($1) AND state = 'REFUNDED'`, [paymentIds]);
    return new Set(rows.map(({ id }) => id));
  }

  async references(client: Queryable, paymentIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { rows } = await client.query<{ id: string; reference: string }>('SELECT id, reference FROM payments WHERE id = ANY ($1)', [paymentIds]);
    return new Map(rows.map(({ id, reference }) => [id, reference]));
  }
}
