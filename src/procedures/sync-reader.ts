import { randomUUID } from 'node:crypto';
import type { PartyCall } from '../deliveries/party-call.js';
import type { ReadRecord } from './catalogue-writer.js';
import type { ProcedureDatabasePort } from './procedure-database-port.js';
import type { SettledItem, SyncItem } from './sync.js';
import { reactTo } from './sync-policy.js';
import type { SyncReaction } from './sync-policy.js';
import { SyncPacer } from './sync-pacer.js';

export interface SyncReaderDeps {
  readonly port: ProcedureDatabasePort;
  readonly concurrency: number;
  readonly ratePerSecond: number | null;
  readonly random: () => number;
  readonly onDefect: (error: unknown) => void;
}

/** What came of reading some items. Items that were not tried are in neither list. */
export interface ReadBatch {
  readonly records: readonly ReadRecord[];
  readonly settled: readonly SettledItem[];
  /** The party told us to wait or refused us: the rest was not tried. */
  readonly halt: Extract<SyncReaction, { act: 'wait' | 'stop' }> | null;
}

/** Asks the party, politely: no more at once and no faster than configured, and not at all after it said "wait". */
export class SyncReader {
  readonly #deps: SyncReaderDeps;
  readonly #pacer: SyncPacer;

  constructor(deps: SyncReaderDeps) {
    this.#deps = deps;
    this.#pacer = new SyncPacer(deps.ratePerSecond);
  }

  async page(cursor: string | null, signal: AbortSignal): ReturnType<ProcedureDatabasePort['listProcedures']> {
    await this.#pacer.turn(signal);
    return this.#deps.port.listProcedures(cursor, this.#call(signal));
  }

  async read(items: readonly SyncItem[], signal: AbortSignal): Promise<ReadBatch> {
    const records: ReadRecord[] = [];
    const settled: SettledItem[] = [];
    let halt: ReadBatch['halt'] = null;
    const waiting = [...items];
    const worker = async (): Promise<void> => {
      for (let item = waiting.shift(); item !== undefined && halt === null; item = waiting.shift()) {
        const result = await this.#one(item, signal);
        signal.throwIfAborted();
        if ('act' in result) {
          halt = result;
        } else {
          settled.push(result.item);
          if (result.record !== null) records.push(result.record);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#deps.concurrency, items.length) }, worker));
    return { records, settled, halt };
  }

  async #one(item: SyncItem, signal: AbortSignal): Promise<NonNullable<ReadBatch['halt']> | { readonly item: SettledItem; readonly record: ReadRecord | null }> {
    const { reference, code, name, version } = item;
    const tries = item.tries + 1;
    try {
      await this.#pacer.turn(signal);
      const found = await this.#deps.port.readProcedure(reference, this.#call(signal));
      if (found === null) return { item: { reference, code, state: 'gone', tries, delayMs: 0, reason: null }, record: null };
      return {
        item: { reference, code: found.procedure.code, state: 'read', tries, delayMs: 0, reason: null },
        record: { ...found, reference, listedVersion: version, listedName: name },
      };
    } catch (error) {
      signal.throwIfAborted();
      const reaction = reactTo(error, tries, this.#deps.random());
      if (reaction.act === 'wait' || reaction.act === 'stop') return reaction;
      if (reaction.reason === 'internal-error') this.#deps.onDefect(error);
      const next = reaction.act === 'retry' ? { state: 'listed', delayMs: reaction.delayMs } as const : { state: 'failed', delayMs: 0 } as const;
      return { item: { reference, code, tries, reason: reaction.reason, ...next }, record: null };
    }
  }

  #call(signal: AbortSignal): PartyCall {
    // The journal is of deliveries; a catalogue read leaves its trace in the sync's own rows.
    return { correlationId: randomUUID(), signal, journal: () => undefined, traceparent: null };
  }
}
