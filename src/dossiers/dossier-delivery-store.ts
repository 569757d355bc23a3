import type pg from 'pg';
import type { Settled } from '../deliveries/delivery-operation.js';
import type { Queryable } from '../store/database.js';
import type { Stored } from './content-codec.js';
import type { DossierContent, DossierStatus, NationalState } from './dossier.js';
import type { ReportContent } from './parse-status-report.js';
import type { StepContent } from './personal-fields.js';

export interface LoadedVersion {
  readonly subject_id: string;
  /** Version that is sent: the one owed, or a newer one that the registry already took. */
  readonly version_id: string;
  readonly content: Stored<DossierContent>;
  readonly known: boolean;
}

export interface LoadedStep {
  readonly id: string;
  readonly batch_id: string;
  readonly dossier_code: string;
  readonly status: DossierStatus;
  readonly processed_at: Date;
  readonly content: Stored<StepContent>;
  readonly national_state: NationalState;
  readonly known: boolean;
}

export interface LoadedReport {
  readonly id: string;
  readonly content: Stored<ReportContent>;
}

/** What a step batch's answer says of one step. */
export interface StepOutcome {
  readonly dossierCode: string;
  readonly stepId: string;
  readonly state: NationalState;
  readonly reason: string | null;
  readonly text: string | null;
}

const finished = (settled: readonly Settled[], to: 'accepted' | 'rejected'): readonly string[] =>
  settled.filter((each) => each.to === to).map((each) => each.delivery.id);

/** SQL of the delivery operations: one statement reads the content of many deliveries, few write the outcomes of many. */
export class DossierDeliveryStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** An older version never overwrites a newer one at the registry: in its stead the newer one is sent again. */
  async versions(ids: readonly string[]): Promise<readonly LoadedVersion[]> {
    const { rows } = await this.#database.query<LoadedVersion>({
      name: 'load-versions',
      text: `SELECT v.id AS subject_id, coalesce(newer.id, v.id) AS version_id, coalesce(newer.content, v.content) AS content,
                r.acknowledged_version IS NOT NULL AS known
           FROM dossier_versions v LEFT JOIN dossier_registrations r ON r.dossier_code = v.dossier_code
           LEFT JOIN dossier_versions newer ON newer.id = r.acknowledged_version_id AND r.acknowledged_version > v.version
           WHERE v.id = ANY ($1::bigint[])`,
      values: [ids],
    });
    return rows;
  }

  async stepBatches(codes: readonly string[], batchIds: readonly string[]): Promise<readonly LoadedStep[]> {
    const { rows } = await this.#database.query<LoadedStep>({
      name: 'load-step-batches',
      text: `SELECT s.id, s.batch_id, s.dossier_code, s.status, s.processed_at, s.content, s.national_state,
                r.acknowledged_version IS NOT NULL AS known
           FROM unnest($1::text[], $2::bigint[]) AS wanted (code, batch_id)
           JOIN dossier_steps s ON s.dossier_code = wanted.code AND s.batch_id = wanted.batch_id
           LEFT JOIN dossier_registrations r ON r.dossier_code = s.dossier_code
           ORDER BY s.dossier_code, s.id`,
      values: [codes, batchIds],
    });
    return rows;
  }

  async reports(ids: readonly string[]): Promise<readonly LoadedReport[]> {
    const { rows } = await this.#database.query<LoadedReport>(
      'SELECT id, content FROM status_reports WHERE id = ANY ($1::bigint[])', [ids]);
    return rows;
  }

  /** Writes what became of upserts; the reason is read from the delivery, which the same transaction has settled. */
  async settleVersions(client: pg.ClientBase, settled: readonly Settled[]): Promise<void> {
    const accepted = finished(settled, 'accepted');
    const rejected = finished(settled, 'rejected');
    if (accepted.length > 0) {
      await client.query({
        name: 'acknowledge-versions',
        text: `INSERT INTO dossier_registrations AS r (dossier_code, acknowledged_version, acknowledged_version_id, acknowledged_status, acknowledged_at)
             SELECT v.dossier_code, v.version, v.id, v.status, now() FROM deliveries d JOIN dossier_versions v ON v.id = d.subject_id
               WHERE d.id = ANY ($1::bigint[]) ORDER BY v.dossier_code
             ON CONFLICT (dossier_code) DO UPDATE SET acknowledged_version = excluded.acknowledged_version,
               acknowledged_version_id = excluded.acknowledged_version_id, acknowledged_status = excluded.acknowledged_status,
               acknowledged_at = excluded.acknowledged_at, rejected_version = NULL, rejected_delivery_id = NULL, rejected_reason = NULL,
               rejected_text = NULL, rejected_at = NULL
             WHERE excluded.acknowledged_version >= coalesce(r.acknowledged_version, 0)`,
        values: [accepted],
      });
    }
    if (rejected.length > 0) {
      await client.query({
        name: 'refuse-versions',
        text: `INSERT INTO dossier_registrations AS r (dossier_code, rejected_version, rejected_delivery_id, rejected_reason, rejected_text, rejected_at)
             SELECT v.dossier_code, v.version, d.id, d.reason, d.reason_text, now() FROM deliveries d JOIN dossier_versions v ON v.id = d.subject_id
               WHERE d.id = ANY ($1::bigint[]) ORDER BY v.dossier_code
             ON CONFLICT (dossier_code) DO UPDATE SET rejected_version = excluded.rejected_version,
               rejected_delivery_id = excluded.rejected_delivery_id, rejected_reason = excluded.rejected_reason,
               rejected_text = excluded.rejected_text, rejected_at = excluded.rejected_at
             WHERE excluded.rejected_version >= coalesce(r.acknowledged_version, 0)`,
        values: [rejected],
      });
    }
  }

  /** `outcomes` are the party's answers; what a finished batch left unnamed (an operator finished it) follows the batch. */
  async settleSteps(client: pg.ClientBase, outcomes: readonly StepOutcome[], unnamed: readonly Settled[]): Promise<void> {
    if (outcomes.length > 0) {
      await client.query({
        name: 'settle-steps',
        text: `UPDATE dossier_steps s SET national_state = o.state, national_reason = o.reason, national_text = o.text, national_at = now()
             FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[]) AS o (code, id, state, reason, text)
             WHERE s.dossier_code = o.code AND s.id = o.id AND s.national_state = 'PENDING'`,
        values: [outcomes.map((each) => each.dossierCode), outcomes.map((each) => each.stepId), outcomes.map((each) => each.state),
          outcomes.map((each) => each.reason), outcomes.map((each) => each.text)],
      });
    }
    const ids = [...finished(unnamed, 'accepted'), ...finished(unnamed, 'rejected')];
    if (ids.length === 0) return;
    await client.query(
      `UPDATE dossier_steps s SET national_state = CASE d.state WHEN 'accepted' THEN 'ACKNOWLEDGED' ELSE 'REJECTED' END,
           national_reason = d.reason, national_text = d.reason_text, national_at = now()
         FROM deliveries d WHERE d.id = ANY ($1::bigint[]) AND s.dossier_code = d.subject_key AND s.batch_id = d.subject_id
           AND s.national_state = 'PENDING'`, [ids]);
  }

  async settleReports(client: pg.ClientBase, settled: readonly Settled[]): Promise<void> {
    const ids = [...finished(settled, 'accepted'), ...finished(settled, 'rejected')];
    if (ids.length === 0) return;
    await client.query(
      `UPDATE status_reports s SET national_state = CASE d.state WHEN 'accepted' THEN 'ACKNOWLEDGED' ELSE 'REJECTED' END,
           national_reason = d.reason, national_text = d.reason_text, national_at = now()
         FROM deliveries d WHERE d.id = ANY ($1::bigint[]) AND s.id = d.subject_id`, [ids]);
  }
}
