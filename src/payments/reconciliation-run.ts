export interface ReconciliationRun {
  /** Decimal id. */
  readonly id: string;
  readonly gateway: string;
  /** In Vietnam, `yyyy-mm-dd`. */
  readonly day: string;
  readonly statementId: string | null;
  readonly cause: 'SCHEDULE' | 'STATEMENT' | 'PERSON';
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  /** Stable code; null while it runs, and where it came to its end. */
  readonly failure: string | null;
  readonly oursCount: number | null;
  readonly oursVnd: number | null;
  readonly theirsCount: number | null;
  readonly theirsVnd: number | null;
  readonly matched: number | null;
}

type Amounts = 'oursVnd' | 'theirsVnd';

export const RUN_COLUMNS = `r.id, r.gateway, to_char(r.day, 'YYYY-MM-DD') AS day, r.statement_id AS "statementId", r.cause, r.requested_by AS "requestedBy", r.requested_at AS "requestedAt",
  r.started_at AS "startedAt", r.ended_at AS "endedAt", r.failure, r.ours_count AS "oursCount", r.ours_vnd AS "oursVnd", r.theirs_count AS "theirsCount", r.theirs_vnd AS "theirsVnd", r.matched`;

export const toRun = (row: Omit<ReconciliationRun, Amounts> & Readonly<Record<Amounts, string | null>>): ReconciliationRun =>
  ({ ...row, oursVnd: row.oursVnd === null ? null : Number(row.oursVnd), theirsVnd: row.theirsVnd === null ? null : Number(row.theirsVnd) });
