import type { AccessRule } from '../access/access-rules.js';
import type { BankAccountModule } from '../bank-accounts/bank-account-module.js';
import type { Config, Env, PartySection, RedisTarget } from '../config.js';
import type { Logger } from 'pino';
import type { InputProblem } from '../errors/gateway-error.js';
import type { PostalPlaces } from '../postal/place-module.js';
import type { PostalOfficeDesk } from '../postal/postal-office-desk.js';
import type { ReconciliationRun } from '../payments/reconciliation-run.js';
import type { ProcedureSync } from '../procedures/sync.js';
import type { Health } from '../server/health.js';
import type { Routes } from '../server/http-server.js';

/** What one process of the gateway does. */
export interface GatewayRoles {
  readonly api: boolean;
  readonly worker: boolean;
}

export interface GatewayOptions {
  readonly config: Config;
  readonly roles: GatewayRoles;
  /** Address under which parties reach file links. */
  readonly publicUrl: string;
  readonly logger: Logger;
}

export interface Gateway {
  readonly routes: Routes;
  /** What the listener of its own answers; null where everything is served beside the API. */
  readonly adminRoutes: Routes | null;
  /** What the parties' own listener answers; null where callbacks are taken beside the API, or not at all. */
  readonly callbackRoutes: Routes | null;
  readonly health: Health;
  /** Who may do what, as the guards of the schema say; empty without an API. */
  readonly accessRules: readonly AccessRule[];
  /** Finishes what is in hand within `graceMs`, leaves nothing leased, and closes every connection. */
  close(graceMs: number): Promise<void>;
}

export interface Sandbox {
  readonly party: string;
  readonly url: string;
  /** Environment that points the party's adapter at it. */
  readonly environment: Env;
  close(): Promise<void>;
}

export interface SandboxOptions {
  readonly host: string;
  readonly port: number;
  readonly ledgerFile?: string;
  /** Where we are for the party, up to and including `/callbacks/<party>`. */
  readonly callbackAddress?: string;
}

export interface ProbeResult {
  readonly party: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface Servers {
  readonly databaseUrl: string | null;
  readonly redis: RedisTarget | null;
}

export interface SyncRequest {
  readonly kind: 'full' | 'incremental';
  /** False where a running gateway's worker does it. */
  readonly isOwnWorker: boolean;
  readonly onProgress: (sync: ProcedureSync) => void;
}

export interface ReconcileOrder {
  readonly gateway: string;
  /** In Vietnam, `yyyy-mm-dd`. */
  readonly day: string;
  /** Content of a statement to import first. */
  readonly statement: Uint8Array | null;
  readonly replacesEarlier: boolean;
  /** False where a running gateway's worker does it. */
  readonly isOwnWorker: boolean;
}

export type ReconcileOutcome =
  | { readonly kind: 'done'; readonly run: ReconciliationRun; readonly differences: number; readonly open: number }
  | { readonly kind: 'refused'; readonly problems: readonly InputProblem[] };

/** What commands may ask of the composition root, which alone knows parties and queues. */
export interface Composition {
  readonly sections: readonly PartySection[];
  readonly startGateway: (options: GatewayOptions) => Promise<Gateway>;
  readonly startSandbox: (party: string, options: SandboxOptions) => Promise<Sandbox>;
  /** Brings database and queue tables to this program's version; returns the migrations applied. */
  readonly migrate: (databaseUrl: string) => Promise<readonly string[]>;
  /** What is wrong with database and queue, one line a problem. */
  readonly findServerProblems: (servers: Servers) => Promise<readonly string[]>;
  /** Logs in at each party. */
  readonly probeParties: (config: Config, logger: Logger) => Promise<readonly ProbeResult[]>;
  /** Brings personal fields, and what parties sent, under the current key; returns how many rows. */
  readonly reseal: (config: Config, logger: Logger, onProgress: (rows: number) => void) => Promise<number>;
  /** Runs through the national catalogue; returns how it ended. */
  readonly syncProcedures: (config: Config, logger: Logger, request: SyncRequest) => Promise<ProcedureSync>;
  /** For setting up accounts while no gateway runs: the register, and the banks that it asks. */
  readonly withAccounts: (config: Config, logger: Logger, work: (accounts: BankAccountModule) => Promise<void>) => Promise<void>;
  /** For files of places, carriers' own lists, and agencies' postal offices. */
  readonly withPostalDesk: (config: Config, logger: Logger, work: (desk: { readonly places: PostalPlaces; readonly offices: PostalOfficeDesk }) => Promise<void>) => Promise<void>;
  /** Compares ours with theirs for one gateway and one day. */
  readonly reconcile: (config: Config, logger: Logger, order: ReconcileOrder) => Promise<ReconcileOutcome>;
}
