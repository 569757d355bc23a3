import { vietnamDay } from '../agencies/agency.js';
import type { AgencyDirectory } from '../agencies/agency-directory.js';
import type { AgencyTree } from '../agencies/agency-tree.js';
import type { Logger } from '../observability/logger.js';
import { createBreath } from './breath.js';
import { matchProcedures } from './match-engine.js';
import { nameKey } from './match-text.js';
import type { AgencyPlaces } from './match-missing.js';
import type { MatchStore, SavedRun } from './match-store.js';

export interface MatchRunnerDeps {
  readonly store: MatchStore;
  readonly directory: AgencyDirectory;
  readonly tenantAgencyCodes: readonly string[];
  readonly now: () => Date;
  /** Told of each run that was kept; of use to metrics. */
  readonly onRun: (run: SavedRun) => void;
}

/** Looking costs one indexed statement. */
const EVERY_MS = 2_000;
/** Hour in Vietnam from which the nightly run is owed: after the nightly sync, before anybody works. */
const NIGHT_HOUR = 3;
const VIETNAM_OFFSET_HOURS = 7;

const placesOf = (tree: AgencyTree, tenantAgencyCodes: readonly string[]): AgencyPlaces => {
  const active = tree.agencies.filter(({ active: { until } }) => until === null);
  const names = new Map<string, string | null>();
  for (const { code, nameVi } of active) names.set(nameKey(nameVi), names.has(nameKey(nameVi)) ? null : code);
  const levelOne = tenantAgencyCodes[0] ?? '';
  return {
    identityOf: (code) => tree.find(code)?.code ?? null,
    named: (key) => names.get(key) ?? null,
    province: tree.find(levelOne)?.code ?? tree.find(`000.00.00.${levelOne}`)?.code ?? levelOne,
  };
};

/** Carries out owed runs, one after the other, away from any call. */
export class MatchRunner {
  readonly #deps: MatchRunnerDeps;

  constructor(deps: MatchRunnerDeps) {
    this.#deps = deps;
  }

  /** Takes the next owed run and answers all requests that it covers. Null: nothing was owed, or there is no complete catalogue yet. */
  async runNext(): Promise<SavedRun | null> {
    const { store, directory, tenantAgencyCodes } = this.#deps;
    await this.#oweNightly();
    const request = await store.take();
    if (request === null) return null;
    // Asked before the lists are read: a later request may know of something that this run does not see.
    const upTo = await store.newestRequest();
    if (!(await store.isCatalogueComplete())) {
      await store.skip(request, upTo);
      return null;
    }
    const [local, national, tree] = [await store.local(), await store.national(), await directory.current()];
    const results = await matchProcedures({ local, national, tenantAgencyCodes, agencies: placesOf(tree, tenantAgencyCodes) }, createBreath());
    const run = await store.save(request, upTo, results);
    this.#deps.onRun(run);
    await store.prune();
    return run;
  }

  async #oweNightly(): Promise<void> {
    const now = this.#deps.now();
    const hour = (now.getUTCHours() + VIETNAM_OFFSET_HOURS) % 24;
    if (hour >= NIGHT_HOUR) await this.#deps.store.requestNightly(vietnamDay(now));
  }
}

/** Looks for owed runs every few seconds; one that fails is logged and taken again when its lease ends. Returns how to stop. */
export const startMatching = (runner: MatchRunner, logger: Logger): (() => Promise<void>) => {
  let isStopped = false;
  let turn = Promise.resolve();
  const run = async (): Promise<void> => {
    try {
      const saved = await runner.runNext();
      if (saved !== null) logger.info({ run: saved.id, total: saved.total, matched: saved.matched, lost: saved.lost }, 'procedures matched');
    } catch (error) {
      logger.warn({ err: error }, 'procedures could not be matched; trying again');
    }
    if (!isStopped) timer = schedule();
  };
  const schedule = (): NodeJS.Timeout => setTimeout(() => {
    turn = run();
  }, EVERY_MS).unref();
  let timer = schedule();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await turn;
  };
};
