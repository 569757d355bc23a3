import { describe, expect, it } from '@jest/globals';
import { DeliverBell } from '../../../queues/deliver/bell.js';
import { createDeliverHandler } from '../../../queues/deliver/handler.js';
import { deliverJob } from '../../../queues/deliver/job.js';
import { eventually } from '../../support/eventually.js';

/** A carrier whose answers a test gives by hand. */
function scriptedCarrier() {
  const waiting: { payload: unknown; answer: (ok: boolean) => void }[] = [];
  const enqueue = (_job: unknown, payload: unknown): Promise<void> =>
    new Promise((resolve, reject) => waiting.push({ payload, answer: (ok) => (ok ? resolve() : reject(new Error('down'))) }));
  return { waiting, enqueue };
}

describe('the bell', () => {
  it('makes one later ring of all rings that come while one is under way', async () => {
    const carrier = scriptedCarrier();
    const bell = new DeliverBell({ runtime: carrier, onResult: () => undefined });
    for (let n = 0; n < 50; n += 1) bell.ring('a');
    expect(carrier.waiting).toHaveLength(1);
    carrier.waiting[0]?.answer(true);
    await eventually('the later ring', () => carrier.waiting.length === 2);
    carrier.waiting[1]?.answer(true);
    bell.ring('b');
    expect(carrier.waiting).toHaveLength(3);
    expect(carrier.waiting[2]?.payload).toEqual({ party: 'b' });
    carrier.waiting[2]?.answer(true);
  });

  it('reports a carrier that is down and rings again the next time', async () => {
    const carrier = scriptedCarrier();
    const results: string[] = [];
    const bell = new DeliverBell({ runtime: carrier, onResult: (result) => results.push(result) });
    bell.ring('a');
    carrier.waiting[0]?.answer(false);
    await eventually('the failure is reported', () => results.length === 1);
    await eventually('it rings again', () => {
      bell.ring('a');
      return carrier.waiting.length > 1;
    });
    carrier.waiting[1]?.answer(true);
    await eventually('the ring is reported', () => results.length === 2);
    expect(results).toEqual(['failed', 'rung']);
  });
});

describe('the job', () => {
  it('carries the name of a party and nothing else', () => {
    expect(deliverJob.schema.safeParse({ party: 'national-portal' }).success).toBe(true);
    expect(deliverJob.schema.safeParse({ party: 'national-portal', dossier: 'x' }).success).toBe(false);
  });

  it('wakes the engine for its party', async () => {
    const woken: string[] = [];
    await createDeliverHandler({ wake: (party) => woken.push(party) })({ party: 'national-portal' }, { correlationId: null, signal: new AbortController().signal });
    expect(woken).toEqual(['national-portal']);
  });
});
