import { z } from 'zod';
import { controlCalls, mischiefOrders } from '../support/sandbox-control.js';
import type { ControlOrder } from '../support/sandbox-control.js';
import type { SandboxTraffic } from '../support/sandbox-traffic.js';
import type { CatalogueEntry, SandboxCatalogue } from './sandbox-catalogue.js';
import type { ProcedureMischief } from './sandbox-mischief.js';

/** One request as the sandbox saw it. */
export interface SeenRequest {
  readonly wire: string;
  readonly operation: string;
  readonly code: string | null;
  readonly mischief: string | null;
}

export interface ControlParts {
  readonly catalogue: SandboxCatalogue;
  readonly mischief: ProcedureMischief;
  readonly pace: { delayMs: number };
  readonly traffic: SandboxTraffic<SeenRequest>;
  /** How often the sandbox was asked, by operation. */
  readonly counters: () => Readonly<Record<string, number>>;
  readonly expireSessions: () => void;
  readonly reset: () => void;
}

const procedureOrder = z.strictObject({ code: z.string() });
const changeOrder = z.strictObject({
  code: z.string(), name: z.string().optional(), feeText: z.string().optional(), days: z.number().int().optional(), fieldCode: z.string().optional(),
});
const paceOrder = z.strictObject({ delayMs: z.number().int().min(0).max(600_000) });

const shown = ({ code, id, name, field, state, version }: CatalogueEntry): object => ({ code, id, name, field: field.code, state, version });

const withState = (catalogue: SandboxCatalogue, state: CatalogueEntry['state']): ControlOrder => (body) => {
  const entry = catalogue.byCode(procedureOrder.parse(body).code);
  if (entry === null) return null;
  entry.state = state;
  return undefined;
};

const catalogueOrders = (catalogue: SandboxCatalogue): Readonly<Record<string, ControlOrder>> => ({
  change: (body) => {
    const { code, ...change } = changeOrder.parse(body);
    const entry = catalogue.byCode(code);
    if (entry === null) return null;
    catalogue.change(entry, change);
    return shown(entry);
  },
  withdraw: withState(catalogue, 'withdrawn'),
  unpublish: withState(catalogue, 'unpublished'),
  restore: withState(catalogue, 'public'),
});

/** What tests and demos may ask of this sandbox, and order. */
export const procedureControl = ({ catalogue, mischief, pace, traffic, counters, expireSessions, reset }: ControlParts): ReturnType<typeof controlCalls> => controlCalls({
  reads: {
    state: () => ({ totals: catalogue.totals(), counters: counters(), mostAtOnce: traffic.mostAtOnce, mischief: mischief.pending(), pace }),
    procedures: ({ after, limit }) => catalogue.entries().slice(after, after + limit).map(shown),
    'procedures/*': ({ item }) => {
      const entry = catalogue.byCode(item);
      return entry === null ? null : shown(entry);
    },
    requests: ({ after, limit }) => traffic.after(after, limit),
  },
  orders: {
    ...mischiefOrders(mischief),
    ...catalogueOrders(catalogue),
    behave: () => {
      mischief.clear();
      pace.delayMs = 0;
    },
    pace: (body) => { pace.delayMs = paceOrder.parse(body).delayMs; },
    'expire-sessions': () => { expireSessions(); },
    reset: () => { reset(); },
  },
});
