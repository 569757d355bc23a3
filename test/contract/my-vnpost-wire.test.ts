import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MY_VNPOST } from '../../adapters/registry.js';
import { CircuitBoard } from '../../adapters/support/circuit-board.js';
import type { ShipmentRef } from '../../src/postal/postal-carrier-port.js';
import { startMyVnpost } from './my-vnpost-harness.js';
import type { MyVnpostContestant } from './my-vnpost-harness.js';
import { failure } from './payment-gateway-stage.js';
import { recordedCall } from './sample-dossier.js';
import { refOf, sampleQuote, sampleShipment } from './sample-shipment.js';

const accounts = (...entries: readonly object[]): Readonly<Record<string, string>> => ({ MY_VNPOST_ACCOUNTS: JSON.stringify(entries) });
const DEMO = { username: '0900000000', password: 'demo-password', customerCode: '0843000001C000001' };

describe('MyVNPost on its bad days', () => {
  let party: MyVnpostContestant;
  beforeEach(async () => { party = await startMyVnpost(); });
  afterEach(() => party.close());

  const ask = async (parcel: ShipmentRef, from = party): Promise<unknown> => (await from.carrier.questions?.ask([parcel], recordedCall().call))?.get(parcel.orderNumber);
  const created = async (from = party): Promise<ShipmentRef> => {
    const order = sampleShipment();
    const answer = await from.carrier.create(order, recordedCall().call);
    if (answer.kind !== 'accepted') throw new Error(answer.text);
    return refOf(order, answer);
  };

  it('ends a token in the middle of the work, and the same call goes on under a new one, once', async () => {
    await party.misbehave({ kind: 'token-expired', operation: 'create' });
    const parcel = await created();
    expect(await party.parcels(parcel.orderNumber)).toHaveLength(1);
    await party.misbehave({ kind: 'token-expired', operation: 'ask', times: 2 });
    expect(await failure(ask(parcel))).toEqual({ kind: 'refused-credentials', code: 'http-401' });
  });

  it('logs in once for many calls at once, and not at all for the lists of places', async () => {
    await Promise.all(Array.from({ length: 8 }, () => created()));
    expect((await party.control.get<{ counters: { login: number } }>('state')).counters.login).toBe(1);
    const fresh = await startMyVnpost();
    expect((await fresh.carrier.listPlaces?.(recordedCall().call))?.length).toBe(15);
    expect((await fresh.control.get<{ counters: object }>('state')).counters).not.toHaveProperty('login');
    await fresh.close();
  });

  it('asks another price for an order than it quoted, and the order says so', async () => {
    const quoted = await party.carrier.quote?.(sampleQuote(), recordedCall().call);
    const express = quoted?.kind === 'quoted' ? quoted.quotes.find(({ service }) => service === 'EMS')?.feeVnd ?? 0 : 0;
    await party.misbehave({ kind: 'other-price', operation: 'create' });
    expect(await party.carrier.create(sampleShipment(), recordedCall().call)).toMatchObject({ kind: 'accepted', feeVnd: express + 10_000 });
    expect(await party.carrier.create(sampleShipment(), recordedCall().call)).toMatchObject({ feeVnd: express });
  });

  it('refuses a quote as a value', async () => {
    await party.misbehave({ kind: 'refuse', operation: 'quote' });
    expect(await party.carrier.quote?.(sampleQuote(), recordedCall().call)).toEqual({ kind: 'rejected', code: 'http-400', text: 'Không tính được cước' });
  });

  it('answers with the order of another, which is a bad reply and no acceptance', async () => {
    await party.misbehave({ kind: 'other-order', operation: 'create' });
    expect(await failure(party.carrier.create(sampleShipment(), recordedCall().call))).toEqual({ kind: 'bad-reply', code: 'other-order' });
  });

  it('gives the waybill later, and a question brings it', async () => {
    await party.misbehave({ kind: 'no-item-code', operation: 'create' });
    const parcel = await created();
    expect(parcel.carrierNumber).toBeNull();
    expect(await ask(parcel)).toMatchObject({ carrierNumber: 'E100000001VN', carrierData: parcel.carrierData });
  });

  it('wraps its list, or writes a status that is not listed', async () => {
    const parcel = await created();
    await party.misbehave({ kind: 'wrapped', operation: 'ask' });
    expect(await ask(parcel)).toMatchObject({ events: [{ code: '20', means: 'ORDERED' }] });
    await party.misbehave({ kind: 'unlisted-status', operation: 'ask' });
    expect(await ask(parcel)).toMatchObject({ events: [{ code: '999', means: null }] });
  });

  it('is believed in its silence only where its list is known to find our codes', async () => {
    const careful = await startMyVnpost({ env: { MY_VNPOST_FINDS_OUR_CODES: 'false' } });
    const parcel = await created(careful);
    const unsure = { ...parcel, carrierNumber: null, carrierData: {} };
    expect(careful.carrier.questions?.atOnce).toBe(1);
    expect(await ask(unsure, careful)).toMatchObject({ carrierNumber: parcel.carrierNumber, carrierData: parcel.carrierData });
    await careful.misbehave({ kind: 'not-listed', operation: 'ask', times: 3 });
    expect(await failure(ask(unsure, careful))).toEqual({ kind: 'bad-reply', code: 'silence-proves-nothing' });
    expect(await failure(careful.carrier.cancel(unsure, recordedCall().call))).toEqual({ kind: 'bad-reply', code: 'silence-proves-nothing' });
    expect(await ask(parcel, careful)).toBeUndefined();
    await careful.close();
    expect([party.carrier.questions?.atOnce, await ask(refOf(sampleShipment()))]).toEqual([50, undefined]);
  });

  it('cancels by our number where its own is not known', async () => {
    const { orderNumber, agencyCodes } = await created();
    expect(await party.carrier.cancel({ orderNumber, agencyCodes, carrierNumber: null, carrierData: {} }, recordedCall().call)).toEqual({ kind: 'accepted' });
    expect(await party.held(orderNumber)).toMatchObject({ isCancelled: true });
  });

  it('orders under the contract of the nearest agency, and goes on under it', async () => {
    const other = await startMyVnpost({ env: accounts({ agency: 'H42.05', ...DEMO }, { agency: 'H42', ...DEMO, customerCode: 'OTHER' }) });
    expect([other.carrier.serves(['H42.05.12', 'H42.05', 'H42']), other.carrier.serves(['H43'])]).toEqual([true, false]);
    const parcel = await created(other);
    expect(parcel.carrierData).toMatchObject({ contract: DEMO.customerCode });
    expect(await ask({ ...parcel, agencyCodes: ['H43'] }, other)).toMatchObject({ carrierNumber: parcel.carrierNumber });
    expect(await failure(ask({ ...parcel, carrierData: { contract: 'GONE' } }, other))).toEqual({ kind: 'refused-credentials', code: 'no-contract' });
    expect(await other.carrier.create(sampleShipment({ agencyCodes: ['H43'] }), recordedCall().call)).toMatchObject({ kind: 'rejected', code: 'no-contract' });
    expect(await other.carrier.quote?.(sampleQuote(sampleShipment({ agencyCodes: ['H43'] })), recordedCall().call)).toMatchObject({ kind: 'rejected', code: 'no-contract' });
    await other.close();
  });

  it('is probed with a log-in', async () => {
    expect(await party.party.probe()).toEqual({ ok: true, detail: '1 contract(s) accepted' });
    const wrong = await startMyVnpost({ env: accounts({ agency: '*', ...DEMO, password: 'wrong' }) });
    expect(await wrong.party.probe()).toEqual({ ok: false, detail: 'my-vnpost login: refused-credentials (session-refused)' });
    expect(await failure(wrong.carrier.create(sampleShipment(), recordedCall().call))).toEqual({ kind: 'refused-credentials', code: 'session-refused' });
    await wrong.close();
  });

  it('pays out once, and its statement says it twice', async () => {
    const order = sampleShipment({ collectVnd: 58_000 });
    await party.carrier.create(order, recordedCall().call);
    await party.live(order.orderNumber, 'PAID_OUT');
    await party.control.post('pay-out-again', { orderCode: order.orderNumber });
    const statement = await (await fetch(`${party.url}/control/statement`)).text();
    const [header, ...lines] = statement.trimEnd().split('\r\n');
    expect(header).toBe('order_number,carrier_number,amount_vnd,state,payout,time');
    const [, paidOut = ''] = lines;
    expect(lines.map((line) => line.split(',').slice(0, 4).join(','))).toEqual([
      `${order.orderNumber},E100000001VN,58000,COLLECTED`, `${order.orderNumber},E100000001VN,58000,PAID_OUT`, `${order.orderNumber},E100000001VN,58000,PAID_OUT`,
    ]);
    expect(paidOut).toMatch(/,PAID_OUT,CT-\d{8},/);
    const day = lines[1]?.split(',').at(-1)?.slice(0, 10) ?? '';
    expect(day).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect((await (await fetch(`${party.url}/control/statement?day=${day}`)).text()).split('\r\n').length).toBeGreaterThan(2);
    expect((await (await fetch(`${party.url}/control/statement?day=2001-01-01`)).text()).trimEnd()).toBe(header);
  });

  it('moves parcels by seed: the same seed, the same story', async () => {
    const story = async (seed: number): Promise<readonly (readonly number[])[]> => {
      const sandbox = await startMyVnpost();
      for (const collectVnd of [0, 0, 58_000, 58_000, 0, 0]) await sandbox.carrier.create(sampleShipment({ collectVnd }), recordedCall().call);
      await sandbox.control.post('drive', { seed, steps: 8 });
      const parcels = await sandbox.control.get<readonly { steps: readonly { status: number }[] }[]>('parcels');
      await sandbox.close();
      return parcels.map(({ steps }) => steps.map(({ status }) => status));
    };
    const first = await story(7);
    expect(await story(7)).toEqual(first);
    expect(await story(8)).not.toEqual(first);
    expect(first.flat()).toEqual(expect.arrayContaining([20, 70, 100]));
  });

  it('remembers in its sandbox what it took when it is started again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'my-vnpost-'));
    const sandbox = { ledgerFile: join(folder, 'ledger.jsonl') };
    const first = await startMyVnpost({ sandbox });
    const parcel = await created(first);
    await first.move(parcel.orderNumber, [70]);
    await first.close();
    const second = await startMyVnpost({ sandbox });
    expect(await ask(parcel, second)).toMatchObject({ events: [{ code: '70' }] });
    await second.close();
    rmSync(folder, { recursive: true });
  });
});

describe('settings of MyVNPost', () => {
  const read = (env: Readonly<Record<string, string>>): readonly string[] => {
    const settings = MY_VNPOST.settings.read(env);
    return settings.ok ? [] : settings.problems;
  };

  it('connect nothing unless an address is given', async () => {
    const settings = MY_VNPOST.settings.read({});
    if (!settings.ok) throw new Error(settings.problems.join());
    const circuits = new CircuitBoard();
    const off = MY_VNPOST.create(settings.settings, { circuits, logger: { info: () => undefined, warn: () => undefined, error: () => undefined } });
    expect([off.carrier, off.claims]).toEqual([null, null]);
    expect(await off.probe()).toEqual({ ok: true, detail: 'not connected (MY_VNPOST_URL is empty)' });
    await off.close();
    circuits.close();
  });

  it('are refused where they make no sense, and quote no secret', () => {
    expect(read({ MY_VNPOST_URL: 'https://donhang.vnpost.vn/api/api' })).toEqual(['MY_VNPOST_ACCOUNTS is not set, and MY_VNPOST_URL needs it']);
    expect(read(accounts({ agency: 'H42', ...DEMO }, { agency: '*', ...DEMO, password: 'other' }))).toEqual(['MY_VNPOST_ACCOUNTS gives one customerCode two different users or passwords']);
    expect(read({ MY_VNPOST_WEBHOOK_SECRETS: 'a:with/a/slash/in/the/path' })).toEqual([expect.stringMatching(/^MY_VNPOST_WEBHOOK_SECRETS: (?!.*slash)/)]);
    expect(read({ MY_VNPOST_WEBHOOK_KEY_FILE: 'package.json' })).toEqual(['MY_VNPOST_WEBHOOK_KEY_FILE is invalid: the file holds no public key in PEM']);
    expect(read({ MY_VNPOST_NEEDED_PLACES: 'PROVINCE,VILLAGE' }).length).toBe(1);
    expect(read({ MY_VNPOST_NEEDED_PLACES: 'PROVINCE,COMMUNE', MY_VNPOST_DEFAULT_SERVICE: 'BK' })).toEqual([]);
  });
});
