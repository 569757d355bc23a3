import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { AttemptRunner } from '../../../src/deliveries/attempt-runner.js';
import type { AttemptRunnerDeps, FinishedAttempt, LoadedContent } from '../../../src/deliveries/attempt-runner.js';
import type { Exchange, LeasedDelivery } from '../../../src/deliveries/delivery.js';
import type { DeliveryOperation } from '../../../src/deliveries/delivery-operation.js';
import { DEFAULT_BACKOFF } from '../../../src/deliveries/retry-policy.js';
import { PartyError } from '../../../src/errors/party-error.js';
import { leased, situation } from './situations.js';

type Observed = Parameters<AttemptRunnerDeps['observe']>[0];
interface Ran { readonly finished: FinishedAttempt; readonly logged: readonly Record<string, unknown>[]; readonly observed: readonly Observed[] }

const EXCHANGE: Exchange = { operation: 'o', startedAt: new Date(0), durationMs: 1, httpStatus: 200, request: {}, reply: {} };

const run = async (operation: Partial<DeliveryOperation>, given: { readonly delivery?: Partial<LeasedDelivery>; readonly loaded?: LoadedContent } = {}): Promise<Ran> => {
  const logged: Record<string, unknown>[] = [];
  const observed: Observed[] = [];
  const runner = new AttemptRunner({
    logger: pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) }),
    random: () => 0.5, backoff: DEFAULT_BACKOFF, inSpan: (_delivery, work) => work('00-trace'), observe: (attempt) => void observed.push(attempt),
  });
  const all = { ...situation().operation, ...operation };
  const finished = await runner.run(leased({ attempts: 3, parkAt: new Date('9999-01-01'), ...given.delivery }), all, { loaded: given.loaded ?? { content: 'what is sent' }, signal: AbortSignal.timeout(60_000) });
  return { finished, logged, observed };
};
const failing = (error: unknown): Partial<DeliveryOperation> => ({ send: () => Promise.resolve().then(() => { throw error; }) });
const refused = (kind: ConstructorParameters<typeof PartyError>[0], code: string): PartyError => new PartyError(kind, { party: 'p', operation: 'o', code });

describe('one attempt', () => {
  it('sends what was loaded, with its correlation, trace and journal, and says how it ended', async () => {
    const sent: unknown[] = [];
    const { finished, logged, observed } = await run({
      send: (content, call, delivery) => {
        sent.push(content, call.correlationId, call.traceparent, delivery.id);
        call.journal(EXCHANGE);
        return Promise.resolve({ kind: 'accepted' });
      },
    });
    expect(sent).toEqual(['what is sent', 'c', '00-trace', '1']);
    const { settlement, settled } = finished.outcome;
    expect(settlement).toMatchObject({ id: '1', token: 't', to: 'accepted', reason: null, reason_text: null, delay_ms: 0, failures: 0, maybe_sent: true, waits_for: null, event: 'accepted' });
    expect(settlement.attempt).toMatchObject({ number: 3, purpose: 'send', outcome: 'accepted', errorKind: null, errorCode: null, correlationId: 'c', exchanges: [EXCHANGE] });
    expect(settled).toMatchObject({ to: 'accepted', reason: null, items: new Map() });
    expect(observed).toEqual([{ party: 'p', operation: 'o', outcome: 'accepted', seconds: expect.any(Number), to: 'accepted' }]);
    expect(logged).toEqual([]);
  });

  it('hands on what a party said of each item, and its words cut to what a person reads', async () => {
    const items = new Map([['a', { kind: 'accepted' } as const]]);
    expect((await run({ send: () => Promise.resolve({ kind: 'partial', items }) })).finished.outcome.settled.items).toBe(items);
    const { settlement } = (await run({ send: () => Promise.resolve({ kind: 'rejected', code: '5', text: 'x'.repeat(501) }) })).finished.outcome;
    expect([settlement.to, settlement.reason, settlement.reason_text?.length, settlement.event]).toEqual(['rejected', '5', 500, 'rejected']);
  });

  it('asks where an earlier send is unknown and the party can be asked, and sends otherwise', async () => {
    const asking = { delivery: { purpose: 'ask', maybeSent: true } } as const;
    const asked = await run({ ask: () => Promise.resolve({ kind: 'done' }), ...failing(new Error('sent')) }, asking);
    expect(asked.finished.outcome.settlement).toMatchObject({ to: 'accepted', attempt: { purpose: 'ask' } });
    expect((await run({ ask: () => Promise.reject(new Error('asked')) })).finished.decision.to).toBe('accepted');
  });

  it('sends nothing where there is nothing that can be sent, and waits for what would bring it', async () => {
    const unsendable = await run(failing(new Error('sent')), { loaded: { unsendable: 'prerequisite-missing', broughtBy: '7' } as LoadedContent });
    expect(unsendable.finished.outcome.settlement).toMatchObject({ to: 'parked', reason: 'prerequisite-missing', waits_for: '7', event: 'parked' });
    expect((await run(failing(new Error('sent')), { loaded: { unsendable: 'content-missing' } })).finished.outcome.settlement).toMatchObject({ reason: 'content-missing', waits_for: null });
  });

  it('is no defect while the database is away: what was sent is asked for or repeated, and a question is put again', async () => {
    const away = Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' });
    const sent = (await run(failing(away))).finished.outcome.settlement;
    expect(sent).toMatchObject({ to: 'unknown', reason: 'database-away', maybe_sent: true, attempt: { errorKind: 'outcome-unknown', errorCode: 'database-away' } });
    const asked = (await run({ ask: () => Promise.reject(away) }, { delivery: { purpose: 'ask', maybeSent: true } })).finished.outcome.settlement;
    expect(asked).toMatchObject({ to: 'unknown', maybe_sent: true, attempt: { errorKind: 'unavailable', errorCode: 'database-away' } });
    const defect = (await run(failing(Object.assign(new Error('column does not exist'), { code: '42703' })))).finished.outcome.settlement;
    expect(defect).toMatchObject({ to: 'parked', reason: 'internal-error' });
  });

  it('tells the portal of an unknown outcome once, and never of a retry', async () => {
    const lost = failing(refused('outcome-unknown', 'timeout'));
    const eventAfter = async (operation: Partial<DeliveryOperation>, delivery: Partial<LeasedDelivery>): Promise<string | null> => (await run(operation, { delivery })).finished.outcome.settlement.event;
    expect([await eventAfter(lost, {}), await eventAfter(lost, { maybeSent: true }), await eventAfter(failing(refused('unavailable', 'refused')), {})]).toEqual(['unknown', null, null]);
  });
});

describe('an attempt that fails', () => {
  it('is logged as loudly as its kind is, with codes and no stack', async () => {
    const levels = { unavailable: 40, 'rate-limited': 30, 'bad-request': 50 } as const;
    for (const [kind, level] of Object.entries(levels)) {
      const { logged, finished } = await run(failing(refused(kind as keyof typeof levels, 'why')));
      expect(logged).toEqual([expect.objectContaining({ level, deliveryId: '1', party: 'p', operation: 'o', attempt: 3, correlationId: 'c', reason: 'why', to: finished.decision.to, msg: 'delivery attempt failed' })]);
      expect(logged[0]).not.toHaveProperty('stack');
      expect(finished.outcome.settlement.attempt).toMatchObject({ errorKind: kind, errorCode: 'why' });
    }
  });

  it('by a defect of ours shows where, and nothing of what', async () => {
    const { logged, finished } = await run(failing(new TypeError('Nguyễn Văn Thử\nat the second line')));
    expect(finished.outcome.settlement).toMatchObject({ to: 'parked', reason: 'internal-error', attempt: { errorKind: null, errorCode: null } });
    expect(logged).toEqual([expect.objectContaining({ level: 50, stack: expect.stringMatching(/^TypeError\n\s+at /) })]);
    expect(JSON.stringify(logged)).not.toContain('Nguyễn');
    expect((await run(failing('thrown text'))).logged[0]).toMatchObject({ stack: 'string' });
    expect((await run(failing(new Error()))).logged[0]).toMatchObject({ stack: expect.stringMatching(/^Error\n\s+at /) });
  });
});
