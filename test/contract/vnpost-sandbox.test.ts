import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { feedOf, walk } from './postal-carrier-stage.js';
import { recordedCall } from './sample-dossier.js';
import { sampleShipment } from './sample-shipment.js';
import { startVnpost } from './vnpost-harness.js';
import type { VnpostContestant } from './vnpost-harness.js';

const open: VnpostContestant[] = [];
const start = async (...options: Parameters<typeof startVnpost>): Promise<VnpostContestant> => {
  const contestant = await startVnpost(...options);
  open.push(contestant);
  return contestant;
};
afterEach(async () => { for (const contestant of open.splice(0)) await contestant.close(); });
const { call } = recordedCall();

const paidOut = async (contestant: VnpostContestant, collectVnd: number): Promise<string> => {
  const order = sampleShipment({ collectVnd });
  await contestant.carrier.create(order, call);
  await contestant.control.post('progress', { orderNumber: order.orderNumber, path: 'cod-paid-out', at: '2026-03-15T17:00:00Z' });
  return order.orderNumber;
};

describe('the sandbox of VNPost', () => {
  it('moves parcels by itself, to the end and no further', async () => {
    const contestant = await start({ sandbox: { stepMs: 20 } });
    const [plain, paid] = [sampleShipment(), sampleShipment({ collectVnd: 58_000 })];
    await contestant.carrier.create(plain, call);
    await contestant.carrier.create(paid, call);
    const events = await eventually('both parcels have arrived', async () => {
      const read = (await walk(feedOf(contestant))).events;
      return read.length >= 14 ? read : null;
    });
    const codesOf = (orderNumber: string) => events.filter((event) => event.orderNumber === orderNumber).map(({ code }) => Number(code));
    expect([codesOf(plain.orderNumber), codesOf(paid.orderNumber)]).toEqual([[1, 2, 3, 5, 6, 4], [1, 2, 3, 5, 6, 4, 11, 12]]);
  });

  it('lets a parcel go its own way, which is the last of it', async () => {
    const contestant = await start();
    const order = sampleShipment();
    await contestant.carrier.create(order, call);
    await contestant.control.post('progress', { orderNumber: order.orderNumber, path: 'returned', steps: 2 });
    await contestant.control.post('progress', { orderNumber: order.orderNumber, path: 'returned' });
    await contestant.control.post('pace', { stepMs: 10 });
    await contestant.control.get('state');
    expect(await contestant.heldOrder(order.orderNumber)).toMatchObject({ codes: [1, 2, 3, 5, 6, 7, 14, 9, 10] });
    await contestant.control.post('progress', { orderNumber: order.orderNumber, codes: [4] });
    expect((await contestant.heldOrder(order.orderNumber))?.codes.at(-1)).toBe(4);
  });

  it('prints the money that it handed on as a table, a line once, and twice on command', async () => {
    const contestant = await start();
    const [first, second] = [await paidOut(contestant, 58_000), await paidOut(contestant, 8_000)];
    const uncollected = await paidOut(contestant, 0);
    const print = async (query = '?day=2026-03-16'): Promise<{ readonly type: string | null; readonly lines: readonly string[] }> => {
      const reply = await fetch(`${contestant.url}/control/statement${query}`);
      return { type: reply.headers.get('content-type'), lines: (await reply.text()).trimEnd().split('\r\n') };
    };
    const { type, lines } = await print();
    expect(type).toBe('text/csv; charset=utf-8');
    expect(lines[0]).toBe('order_number,carrier_number,amount_vnd,state,payout,time');
    expect(lines.slice(1)).toEqual([`${first},CH000000001VN,58000,PAID_OUT,CT-20260316,2026-03-16 00:00:00`, `${second},CH000000002VN,8000,PAID_OUT,CT-20260316,2026-03-16 00:00:00`]);
    expect(lines.join()).not.toContain(uncollected);
    await contestant.control.post('misbehave-statement', { kind: 'paid-twice', orderNumber: second });
    expect((await print('?day=2026-03-17')).lines).toHaveLength(1);
    expect((await print()).lines.filter((line) => line.includes(second))).toHaveLength(2);
    await contestant.control.post('misbehave-statement', { kind: 'missing', orderNumber: first });
    expect((await print()).lines.filter((line) => line.includes(first))).toEqual([]);
    await contestant.control.post('misbehave-statement', { kind: 'other-amount', orderNumber: first });
    expect((await print()).lines[1]).toContain(',59000,PAID_OUT,');
    expect((await print('?day=2026-03-15')).lines.slice(1)).toEqual([`${first},CH000000001VN,58000,COLLECTED,,2026-03-15 23:59:59`, `${second},CH000000002VN,8000,COLLECTED,,2026-03-15 23:59:59`]);
    expect((await fetch(`${contestant.url}/control/statement?day=yesterday`)).status).toBe(404);
  });

  it('remembers parcels and their history over a restart, and its ids go on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vnpost-'));
    try {
      const ledgerFile = join(folder, 'ledger.jsonl');
      const before = await start({ sandbox: { ledgerFile } });
      const orderNumber = await paidOut(before, 58_000);
      const read = await walk(feedOf(before));
      for (const contestant of open.splice(0)) await contestant.close();
      const after = await start({ sandbox: { ledgerFile } });
      expect((await walk(feedOf(after), read.cursor)).events).toEqual([]);
      expect((await walk(feedOf(after))).events).toEqual(read.events);
      await after.control.post('progress', { orderNumber, codes: [98] });
      expect((await walk(feedOf(after), read.cursor)).events.map(({ code }) => code)).toEqual(['98']);
      expect(await after.control.get('state')).toMatchObject({ totals: { parcels: 1, events: 9, collectedVnd: 58_000, paidOutVnd: 58_000 } });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('tells the same story for the same seed', async () => {
    const storyOf = async (): Promise<readonly string[]> => {
      const { carrier, control } = await start();
      await control.post('random', { seed: 7, rates: { '5xx': 0.3, fault: 0.2, code: 0.2 }, operation: 'create' });
      const outcomes: string[] = [];
      for (let number = 0; number < 12; number += 1) outcomes.push(await carrier.create(sampleShipment(), call).then(({ kind }) => kind, (error: unknown) => String(error)));
      return outcomes;
    };
    const first = await storyOf();
    expect(new Set(first).size).toBeGreaterThan(2);
    expect(await storyOf()).toEqual(first);
  });
});
