import type pg from 'pg';
import type { Caller } from '../access/caller.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { fingerprintOf } from '../store/idempotency.js';
import { once } from '../store/once.js';
import { readTable } from '../tables/read-table.js';
import { TableError } from '../tables/table.js';
import type { PlaceCarrier } from './place-directory.js';
import { placeKey, planPlaces } from './place-plan.js';
import type { PlacePlan } from './place-plan.js';
import { readPlaceRows } from './place-rows.js';
import type { PlaceRow, ReadPlaceRows } from './place-rows.js';
import type { PlaceStore } from './place-store.js';

export interface PlaceCall {
  readonly caller: Caller;
  readonly idempotencyKey: string;
  readonly reason: string;
}

export interface PlaceRowReport {
  readonly line: number;
  readonly carrier: string | null;
  readonly name: string | null;
  readonly outcome: 'CREATED' | 'CHANGED' | 'UNCHANGED' | 'REFUSED';
  readonly problems: readonly InputProblem[];
}

export interface PlaceImportReport {
  readonly dryRun: boolean;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly rows: readonly PlaceRowReport[];
}

export type PlaceImportAnswer =
  | { readonly kind: 'done'; readonly result: PlaceImportReport }
  | { readonly kind: 'refused'; readonly problems: readonly InputProblem[] }
  | { readonly kind: 'conflict'; readonly key: string };

export interface PlaceRegisterDeps {
  readonly database: Database;
  readonly store: PlaceStore;
  readonly carriers: readonly PlaceCarrier[];
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

const readFile = (file: Uint8Array, carriers: readonly PlaceCarrier[]): ReadPlaceRows => {
  try {
    return readPlaceRows(readTable(file), carriers);
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    return { ok: false, problems: [problemAt('file', breach(error.fault, error.text.vi, error.text.en))] };
  }
};

/** Keys of what a plan adds and changes. */
interface Planned {
  readonly added: ReadonlySet<string>;
  readonly changed: ReadonlySet<string>;
}

const plannedOf = ({ added, changed }: PlacePlan): Planned => ({ added: new Set(added.map(placeKey)), changed: new Set(changed.map(placeKey)) });

const reportOf = ({ line, carrier, name, places, problems }: PlaceRow, planned: ReadonlyMap<string, Planned>): PlaceRowReport => {
  const plan = planned.get(carrier ?? '');
  const leaf = places.at(-1);
  if (plan === undefined || leaf === undefined) return { line, carrier, name, outcome: 'REFUSED', problems };
  const key = placeKey(leaf);
  return { line, carrier, name, outcome: plan.added.has(key) ? 'CREATED' : plan.changed.has(key) ? 'CHANGED' : 'UNCHANGED', problems: [] };
};

/** Places from files: rows that are refused harm no other. */
export class PlaceRegister {
  readonly #deps: PlaceRegisterDeps;

  constructor(deps: PlaceRegisterDeps) {
    this.#deps = deps;
  }

  /** A file of places, CSV or XLSX. It adds and changes; nothing goes because a file does not name it. */
  async import(call: PlaceCall, file: Uint8Array, { dryRun }: { readonly dryRun: boolean }): Promise<PlaceImportAnswer> {
    const { database, carriers, settings } = this.#deps;
    const read = readFile(file, carriers);
    if (!read.ok) return { kind: 'refused', problems: read.problems };
    if (dryRun) return { kind: 'done', result: await this.#report(database, read.rows, { dryRun, write: false }) };
    const action = 'import-postal-places';
    const claim = {
      client: call.caller.client, key: call.idempotencyKey, operation: action, keepHours: settings.keepHours,
      fingerprint: fingerprintOf(settings.fingerprintKey, action, { rows: read.rows, reason: call.reason }),
    };
    const done = await database.transaction((client) => once(client, claim, async () => {
      const report = await this.#report(client, read.rows, { dryRun, write: true });
      const { created, changed, unchanged, refused } = report;
      await recordOperatorAction(client, { actor: call.caller.client, role: call.caller.role, reason: call.reason, action, target: 'postal-places', detail: { created, changed, unchanged, refused } });
      return report;
    }));
    return done.kind === 'conflict' ? { kind: 'conflict', key: call.idempotencyKey } : done;
  }

  /** Whether no place of any carrier was ever told. */
  async isEmpty(): Promise<boolean> {
    return (await this.#deps.store.statuses(this.#deps.database)).every(({ counts }) => counts.length === 0);
  }

  async #report(client: Database | pg.PoolClient, rows: readonly PlaceRow[], { dryRun, write }: { readonly dryRun: boolean; readonly write: boolean }): Promise<PlaceImportReport> {
    const { store } = this.#deps;
    const plans = new Map<string, Planned>();
    // In one order, so that two files at once do not wait for each other.
    for (const carrier of [...new Set(rows.filter(({ places }) => places.length > 0).map((row) => row.carrier ?? ''))].sort()) {
      const told = new Map(rows.filter((row) => row.carrier === carrier).flatMap(({ places }) => places).map((place) => [placeKey(place), place]));
      if (write) await store.lock(client, carrier);
      const plan = planPlaces(await store.stored(client, carrier), [...told.values()], 'FILE');
      if (write) await store.apply(client, { carrier, source: 'FILE' }, plan);
      plans.set(carrier, plannedOf(plan));
    }
    const reports = rows.map((row) => reportOf(row, plans));
    const count = (outcome: PlaceRowReport['outcome']): number => reports.filter((report) => report.outcome === outcome).length;
    return { dryRun, created: count('CREATED'), changed: count('CHANGED'), unchanged: count('UNCHANGED'), refused: count('REFUSED'), rows: reports };
  }
}
