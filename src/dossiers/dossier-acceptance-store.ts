import type { Database } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { IdempotencyClaim } from '../store/idempotency.js';
import type { DossierState } from './acceptance-plan.js';
import type { DossierStatus } from './dossier.js';

/** What every write needs, whatever is written. */
export interface WriteEnvelope extends IdempotencyClaim {
  readonly keepMs: number;
  readonly party: string;
  readonly maxAgeMs: number;
  readonly correlationId: string;
  readonly traceparent: string | null;
  readonly keyId: string;
}

export interface StoredItem {
  readonly code: string;
  readonly stepIds: readonly number[];
  readonly deliveryIds: readonly number[];
}

export interface ReportState {
  readonly id: string;
  readonly client: string;
  readonly status: DossierStatus;
  readonly processedAt: Date;
}

/** `known`: the key was used before; `changed`: judged against rows that are no longer so, nothing written. */
export type WriteOutcome<Response, State> =
  | { readonly outcome: 'known'; readonly operation: string; readonly fingerprint: string; readonly response: Response; readonly expiresAt: Date }
  | { readonly outcome: 'changed'; readonly state: State }
  | { readonly outcome: 'stored'; readonly response: Response; readonly expiresAt: Date };

export interface AcceptResponse<Answer> {
  readonly answer: Answer;
  readonly stored: readonly StoredItem[];
}

export interface ReportResponse<Answer> {
  readonly answer: Answer;
  readonly reportId: string;
  readonly deliveryId: string;
}

interface RawOutcome {
  readonly outcome: 'known' | 'changed' | 'stored';
  readonly operation: string;
  readonly fingerprint: string;
  readonly response: never;
  readonly expiresAt: string;
  readonly states: readonly (Omit<DossierState, 'lastStepAt'> & { readonly lastStepAt: string | null })[];
  readonly state: Omit<ReportState, 'processedAt'> & { readonly processedAt: string };
}

/** Raised by `store_dossier` when another call created the dossier first, and by the server when two calls wait for each other. */
const TRY_AGAIN = new Set(['OG001', '40P01', '40001']);

const MAX_TRIES = 5;

/** The writes of the domain: one statement each, so one round trip and one commit. */
export class DossierAcceptanceStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** `items` are rows of `accept_dossiers`, in code order. Rejects with `UnavailableError` when the database is away. */
  async acceptDossiers<Answer>(envelope: WriteEnvelope, body: { readonly stepsPerDelivery: number; readonly answer: Answer; readonly items: readonly object[] }): Promise<WriteOutcome<AcceptResponse<Answer>, ReadonlyMap<string, DossierState>>> {
    const raw = await this.#call('accept_dossiers', { ...envelope, ...body });
    if (raw.outcome !== 'changed') return { ...raw, outcome: raw.outcome, expiresAt: new Date(raw.expiresAt) };
    const states = raw.states.map((state) => ({ ...state, lastStepAt: state.lastStepAt === null ? null : new Date(state.lastStepAt) }));
    return { outcome: 'changed', state: new Map(states.map((state) => [state.code, state])) };
  }

  async acceptReport<Answer>(envelope: WriteEnvelope, body: { readonly expected: string; readonly answer: Answer; readonly item: object }): Promise<WriteOutcome<ReportResponse<Answer>, ReportState>> {
    const raw = await this.#call('accept_status_report', { ...envelope, ...body });
    if (raw.outcome !== 'changed') return { ...raw, outcome: raw.outcome, expiresAt: new Date(raw.expiresAt) };
    return { outcome: 'changed', state: { ...raw.state, processedAt: new Date(raw.state.processedAt) } };
  }

  async #call(name: 'accept_dossiers' | 'accept_status_report', payload: object): Promise<RawOutcome> {
    const statement = { name, text: `SELECT ${name}($1::jsonb) AS result`, values: [JSON.stringify(payload)] };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { rows } = await orUnavailable(this.#database.query<{ result: RawOutcome }>(statement));
        const [row] = rows;
        if (row === undefined) throw new TypeError(`${name} gave no row`);
        return row.result;
      } catch (error) {
        const code = sqlState(error) ?? sqlState((error as Error).cause);
        if (code === undefined || !TRY_AGAIN.has(code) || attempt >= MAX_TRIES) throw error;
      }
    }
  }
}

const sqlState = (error: unknown): string | undefined => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
};
