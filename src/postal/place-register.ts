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
import { placeKey, planEndings, planPlaces } from './place-plan.js';
import type { Ending, PlacePlan } from './place-plan.js';
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
  readonly outcome: 'CREATED' | 'CHANGED' | 'ENDED' | 'UNCHANGED' | 'REFUSED';
  readonly problems: readonly InputProblem[];
}

export interface PlaceImportReport {
  readonly dryRun: boolean;
  readonly created: number;
  readonly changed: number;
  readonly ended: number;
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

/** Keys of what a plan adds, changes and ends. */
interface Planned {
  readonly added: ReadonlySet<string>;
  readonly changed: ReadonlySet<string>;
  readonly endings: ReadonlyMap<string, Ending>;
}

const plannedOf = ({ added, changed }: PlacePlan, endings: Planned['endings']): Planned => ({ added: new Set(added.map(placeKey)), changed: new Set(changed.map(placeKey)), endings });

const CANNOT_END = {
  'unknown': breach('PLACE_UNKNOWN', 'Không có địa danh này để bỏ', 'There is no such place that could end'),
  'not-empty': breach('PLACE_NOT_EMPTY', 'Còn địa danh cấp dưới đang dùng; hãy bỏ cả các địa danh đó', 'Places in it are still in use; end them too'),
} as const;

const endingOf = ({ line, carrier, name, column }: PlaceRow, ending: Ending): PlaceRowReport => {
  if (ending === 'unknown' || ending === 'not-empty') return { line, carrier, name, outcome: 'REFUSED', problems: [problemAt(column, CANNOT_END[ending])] };
  return { line, carrier, name, outcome: ending === 'ended' ? 'ENDED' : 'UNCHANGED', problems: [] };
};

const reportOf = (row: PlaceRow, planned: ReadonlyMap<string, Planned>): PlaceRowReport => {
  const { line, carrier, name, places, ended, problems } = row;
  const plan = planned.get(carrier ?? '');
  if (ended !== null) return endingOf(row, plan?.endings.get(placeKey(ended)) ?? 'unknown');
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

  /** A file of places, CSV or XLSX. It adds, changes, and ends what it says is no more; nothing goes because a file does not name it. */
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
    return database.transaction((client) => once(client, claim, async () => {
      const report = await this.#report(client, read.rows, { dryRun, write: true });
      const { created, changed, ended, unchanged, refused } = report;
      await recordOperatorAction(client, { actor: call.caller.client, role: call.caller.role, reason: call.reason, action, target: 'postal-places', detail: { created, changed, ended, unchanged, refused } });
      return report;
    }));
  }

  /** Whether no place of any carrier was ever told. */
  async isEmpty(): Promise<boolean> {
    return (await this.#deps.store.statuses(this.#deps.database)).every(({ counts }) => counts.length === 0);
  }

  async #report(client: Database | pg.PoolClient, rows: readonly PlaceRow[], { dryRun, write }: { readonly dryRun: boolean; readonly write: boolean }): Promise<PlaceImportReport> {
    const { store } = this.#deps;
    const plans = new Map<string, Planned>();
    // In one order, so that two files at once do not wait for each other.
    for (const carrier of [...new Set(rows.filter(({ places, ended }) => places.length > 0 || ended !== null).map((row) => row.carrier ?? ''))].sort()) {
      const own = rows.filter((row) => row.carrier === carrier);
      const told = [...new Map(own.flatMap(({ places }) => places).map((place) => [placeKey(place), place])).values()];
      if (write) await store.lock(client, carrier);
      const stored = await store.stored(client, carrier);
      const plan = planPlaces(stored, told, 'FILE');
      const endings = planEndings(stored, told, own.flatMap(({ ended }) => ended ?? []));
      if (write) await store.apply(client, { carrier, source: 'FILE' }, { ...plan, gone: stored.filter((place) => endings.get(placeKey(place)) === 'ended') });
      plans.set(carrier, plannedOf(plan, endings));
    }
    const reports = rows.map((row) => reportOf(row, plans));
    const count = (outcome: PlaceRowReport['outcome']): number => reports.filter((report) => report.outcome === outcome).length;
    return { dryRun, created: count('CREATED'), changed: count('CHANGED'), ended: count('ENDED'), unchanged: count('UNCHANGED'), refused: count('REFUSED'), rows: reports };
  }
}
