import type { ServerResponse } from 'node:http';
import { jsonAnswer } from './sandbox-answers.js';
import type { WireAnswer } from './sandbox-answers.js';
import type { SandboxCaller } from './sandbox-caller.js';
import { conductBook, conductCall } from './sandbox-conduct.js';
import type { ConductBook, ConductChance, SandboxOperation } from './sandbox-conduct.js';
import { controlCalls, mischiefOrders } from './sandbox-control.js';
import type { ControlRoutes } from './sandbox-control.js';
import type { SandboxHttpRequest } from './sandbox-request.js';
import { sendAnswer } from './sandbox-respond.js';
import { startSandboxServer } from './sandbox-server.js';
import type { RunningSandbox, SandboxListenOptions } from './sandbox-server.js';
import { SandboxTraffic } from './sandbox-traffic.js';

/** Options that every sandbox understands. */
export interface PartySandboxOptions<Own extends string = string> extends SandboxListenOptions {
  /** How long `hang` hangs; 60 s unless told, longer than any deadline of ours. */
  readonly hangMs?: number;
  /** Misbehave by chance from the start; `/control/random` does the same later. */
  readonly random?: ConductChance<Own>;
  /** For the party's ledger: JSON lines of what it took, read again at the next start. */
  readonly ledgerFile?: string;
  /** For the party's `SandboxCaller`: where we are, up to and including `/callbacks/<party>`. */
  readonly callbackAddress?: string;
}

type Routed<Own extends string> = SandboxOperation<Own> | WireAnswer | null;

export interface PartySandboxParts<Own extends string> {
  readonly options: PartySandboxOptions<Own>;
  /** Kinds of misbehaviour that only this party knows. */
  readonly own: readonly Own[];
  /**
   * Reads a request: an operation to be served, an answer that no order may disturb (a refused signature, a bad field), or null for 404.
   * It must change nothing: the effect belongs into `serve`.
   */
  readonly route: (request: SandboxHttpRequest) => Routed<Own> | Promise<Routed<Own>>;
  readonly environmentOf: (url: string) => Readonly<Record<string, string>>;
  /** Totals of the ledger, for `/control/state`. */
  readonly state: () => object;
  /** Empties the ledger, for `/control/reset`. */
  readonly reset: () => void;
  /** The party's own control calls, such as `orders/*` or `pay`. */
  readonly control?: ControlRoutes;
  /** Where the party calls us; it is closed with the sandbox. */
  readonly caller?: SandboxCaller;
  /** Bodies above it are answered with 413; 1 MB unless told. */
  readonly maxBodyBytes?: number;
  /** Runs at the end: a ledger's file is closed here. */
  readonly onClose?: () => void | Promise<void>;
}

interface SeenCall {
  readonly operation: string;
  readonly key: string | null;
  readonly path: string;
  readonly mischief: string | null;
}

/** What the sandbox remembers of its callers, beside the party's own ledger. */
class PartyTraffic {
  readonly calls = new SandboxTraffic<SeenCall>();
  counters: Record<string, number> = {};

  note(call: SeenCall): void {
    this.calls.note(call);
    this.counters[call.operation] = (this.counters[call.operation] ?? 0) + 1;
  }

  clear(): void {
    this.calls.clear();
    this.counters = {};
  }
}

const routesOf = <Own extends string>(parts: PartySandboxParts<Own>, book: ConductBook<Own>, traffic: PartyTraffic): ControlRoutes => {
  const caller = parts.caller?.routes();
  return {
    reads: {
      state: () => ({
        totals: parts.state(), counters: traffic.counters, mostAtOnce: traffic.calls.mostAtOnce, mischief: book.pending(),
        ...(parts.caller === undefined ? {} : { notices: { underWay: parts.caller.underWay, mischief: parts.caller.mischief.pending() } }),
      }),
      requests: ({ after, limit }) => traffic.calls.after(after, limit),
      ...caller?.reads, ...parts.control?.reads,
    },
    orders: {
      ...mischiefOrders(book),
      behave: () => {
        book.clear();
        parts.caller?.mischief.clear();
      },
      reset: () => {
        parts.reset();
        book.clear();
        traffic.clear();
        parts.caller?.clear();
      },
      ...caller?.orders, ...parts.control?.orders,
    },
  };
};

/**
 * A party's sandbox: give it routes, its own kinds of misbehaviour and a ledger; it brings the server, the control calls, the misbehaviour
 * that any party is capable of, and the count of what it was asked. @throws the listen error where the port is taken
 */
export const startPartySandbox = <Own extends string>(parts: PartySandboxParts<Own>): Promise<RunningSandbox> => {
  const book = conductBook(parts.own);
  const traffic = new PartyTraffic();
  book.randomise(parts.options.random ?? null);
  const serve = async (request: SandboxHttpRequest, response: ServerResponse): Promise<void> => {
    const routed = (await parts.route(request)) ?? jsonAnswer(404, { error: 'not found' });
    if ('status' in routed) {
      traffic.note({ operation: 'refused', key: null, path: request.path, mischief: null });
      sendAnswer(response, routed);
      return;
    }
    traffic.calls.open(response);
    const conduct = book.take(routed);
    traffic.note({ operation: routed.operation, key: routed.key, path: request.path, mischief: conduct?.kind ?? null });
    await conductCall(response, routed, { conduct, hangMs: parts.options.hangMs ?? 60_000 });
  };
  return startSandboxServer({
    listen: parts.options, maxBodyBytes: parts.maxBodyBytes ?? 1_000_000, control: controlCalls(routesOf(parts, book, traffic)), serve,
    environmentOf: parts.environmentOf,
    onClose: async () => {
      await parts.caller?.close();
      await parts.onClose?.();
    },
  });
};
