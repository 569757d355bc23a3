import type { LeasedDelivery } from '../../src/deliveries/delivery.js';
import type { DeliveryOperation, Inquiry, SendResult, Settled, WhenUnknown } from '../../src/deliveries/delivery-operation.js';
import type { Circuits } from '../../src/deliveries/circuit-port.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { PartyErrorKind } from '../../src/errors/party-error.js';
import type { Database } from '../../src/store/database.js';

export const PARTY = 'scripted-party';

/** What the party does with one send: whether it takes the effect, and what we hear of it. */
export interface Behaviour {
  readonly takes: boolean;
  readonly hear: 'accepted' | 'rejected' | PartyErrorKind | 'defect';
  readonly delayMs?: number;
  /** It answers when this is over, however long that takes. */
  readonly after?: Promise<void>;
  readonly retryAfterMs?: number;
}

export interface Taken {
  readonly subjectKey: string;
  readonly lane: string;
}

/** A counterpart whose behaviour a test scripts send by send, and which keeps what it took in the order of arrival. */
export class ScriptedParty {
  readonly taken: Taken[] = [];
  readonly settled: Settled[] = [];
  readonly overlaps: string[] = [];
  maxInFlight = 0;
  sends = 0;
  asks = 0;
  behave: (delivery: LeasedDelivery, nth: number) => Behaviour = () => ({ takes: true, hear: 'accepted' });
  /** Answer to a question; undefined: as the ledger says. */
  answer: ((subjectKey: string) => Inquiry | PartyErrorKind) | undefined;
  readonly #busy = new Set<string>();
  readonly #tries = new Map<string, number>();

  operation(over: Partial<Pick<DeliveryOperation, 'effect' | 'maxAgeMs' | 'name'>> & { whenUnknown?: WhenUnknown } = {}): DeliveryOperation<string> {
    return {
      party: PARTY, name: over.name ?? 'deed', effect: over.effect ?? 'keyed', maxAgeMs: over.maxAgeMs ?? 3_600_000,
      whenUnknown: over.whenUnknown ?? { act: 'ask', afterMs: 20 },
      load: (deliveries) => Promise.resolve(new Map(deliveries.map((delivery) => [delivery.id, delivery.subjectKey]))),
      send: (content, call, delivery) => this.#send(content, delivery, call.signal),
      ask: (content) => this.#ask(content),
      settled: (_client, settled) => {
        this.settled.push(...settled);
        return Promise.resolve();
      },
    };
  }

  async #send(subjectKey: string, delivery: LeasedDelivery, signal: AbortSignal): Promise<SendResult> {
    if (this.#busy.has(delivery.lane)) this.overlaps.push(delivery.lane);
    this.#busy.add(delivery.lane);
    this.sends += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.#busy.size);
    const nth = (this.#tries.get(delivery.id) ?? 0) + 1;
    this.#tries.set(delivery.id, nth);
    const behaviour = this.behave(delivery, nth);
    try {
      await pause(behaviour.delayMs ?? 0, signal);
      await behaviour.after;
      if (behaviour.takes) this.taken.push({ subjectKey, lane: delivery.lane });
      return hear(behaviour, delivery.operation);
    } finally {
      this.#busy.delete(delivery.lane);
    }
  }

  #ask(subjectKey: string): Promise<Inquiry> {
    this.asks += 1;
    const scripted = this.answer?.(subjectKey);
    if (typeof scripted === 'string') return Promise.reject(new PartyError(scripted, { party: PARTY, operation: 'ask', code: scripted }));
    const held = this.taken.some((entry) => entry.subjectKey === subjectKey);
    return Promise.resolve(scripted ?? { kind: held ? 'done' : 'not-done' });
  }
}

function hear(behaviour: Behaviour, operation: string): SendResult {
  switch (behaviour.hear) {
    case 'accepted': return { kind: 'accepted' };
    case 'rejected': return { kind: 'rejected', code: '9', text: 'refused' };
    case 'defect': throw new TypeError('a defect of ours');
    default:
      throw new PartyError(behaviour.hear, {
        party: PARTY, operation, code: behaviour.hear, ...(behaviour.retryAfterMs === undefined ? {} : { retryAfterMs: behaviour.retryAfterMs }),
      });
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const cutOff = (): void => {
      clearTimeout(timer);
      reject(new PartyError('outcome-unknown', { party: PARTY, operation: 'deed', code: 'cut-off' }));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', cutOff);
      resolve();
    }, ms);
    signal.addEventListener('abort', cutOff, { once: true });
  });

export const CLOSED_CIRCUITS: Circuits = { states: () => [], permits: () => 'all', force: () => undefined };

/** Owes the party one effect, as a domain would inside its own transaction; returns the delivery's id. */
export async function owe(database: Database, lane: string, subjectKey: string, over: { operation?: string; maxAgeMs?: number } = {}): Promise<string> {
  const result = await database.query<{ id: string }>('SELECT enqueue_delivery($1, $2, $3, 1, $4, $5, $6, NULL) AS id', [
    PARTY, over.operation ?? 'deed', lane, subjectKey, over.maxAgeMs ?? 3_600_000, `test-${subjectKey}`,
  ]);
  const id = result.rows[0]?.id;
  if (id === undefined) throw new Error('nothing was enqueued');
  return id;
}
