import type { AgencyModule } from '../agencies/agency-module.js';
import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import { LocalProcedureService } from './local-service.js';
import { LocalProcedureStore } from './local-store.js';
import { MatchService } from './match-corrections.js';
import { MatchQueries } from './match-queries.js';
import { createMatchResolvers } from './match-resolvers.js';
import { MatchRunner, startMatching } from './match-runner.js';
import { MatchStore } from './match-store.js';
import { CatalogueKnowledge } from './procedure-knowledge.js';
import type { ProcedurePolicy } from './procedure-knowledge.js';
import type { SavedRun } from './match-store.js';

export interface MatchModuleDeps {
  readonly database: Database;
  readonly agencies: AgencyModule;
  readonly settings: { readonly tenantAgencyCodes: readonly string[]; readonly fingerprintKey: Buffer; readonly keepHours: number; readonly policy: ProcedurePolicy };
  /** Told of each run that this process kept. */
  readonly onRun?: (run: SavedRun) => void;
  /** The clock; of use to tests. */
  readonly now?: () => Date;
}

export interface MatchModule {
  readonly resolvers: ReturnType<typeof createMatchResolvers>;
  readonly locals: LocalProcedureService;
  readonly queries: MatchQueries;
  readonly runner: MatchRunner;
  /** What the intake of dossiers asks. */
  readonly knowledge: CatalogueKnowledge;
  /** Begins to carry out owed runs; returns how to stop. */
  readonly start: (logger: Logger) => () => Promise<void>;
}

/** Joins local procedures and their match with the national ones. */
export const createMatchModule = ({ database, agencies, settings, onRun = () => undefined, now = () => new Date() }: MatchModuleDeps): MatchModule => {
  const store = new LocalProcedureStore();
  const locals = new LocalProcedureService({ database, store, agencies, settings });
  const matches = new MatchService({ database, store, agencies, settings });
  const queries = new MatchQueries(database, agencies);
  const runner = new MatchRunner({ store: new MatchStore(database), directory: agencies.directory, tenantAgencyCodes: settings.tenantAgencyCodes, now, onRun });
  return { resolvers: createMatchResolvers({ queries, matches, locals }), locals, queries, runner, knowledge: new CatalogueKnowledge(database, settings), start: (logger) => startMatching(runner, logger) };
};
