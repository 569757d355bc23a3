import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VIETTEL_POST } from '../../adapters/registry.js';
import { OLD_SECRET, SECRET_PLACES } from '../../adapters/viettel-post/sandbox-webhook.js';
import type { CarrierClaim, ShipmentRef } from '../../src/postal/postal-carrier-port.js';
import { eventually } from '../support/eventually.js';
import { listen, receiverDoor } from './callback-listener.js';
import type { Heard, Listener } from './callback-listener.js';
import { failure } from './payment-gateway-stage.js';
import { recordedCall } from './sample-dossier.js';
import { POSTAL_CANARIES, refOf, sampleQuote, sampleShipment } from './sample-shipment.js';
import { startViettelPost } from './viettel-post-harness.js';
import type { ViettelPostContestant, ViettelPostStart } from './viettel-post-harness.js';

const accounts = (...entries: readonly object[]): Readonly<Record<string, string>> => ({ VIETTEL_POST_ACCOUNTS: JSON.stringify(entries) });
const DEMO = { name: 'demo', username: '0900000001', password: 'demo-password' };

const created = async (party: ViettelPostContestant): Promise<ShipmentRef> => {
  const order = sampleShipment();
  const answer = await party.carrier.create(order, recordedCall().call);
  if (answer.kind !== 'accepted') throw new Error(answer.text);
  return refOf(order, answer);
};
const ask = async (party: ViettelPostContestant, parcel: ShipmentRef): Promise<unknown> => (await party.carrier.questions?.ask([parcel], recordedCall().call))?.get(parcel.orderNumber);

describe('Viettel Post on its bad days', () => {
  let party: ViettelPostContestant;
  beforeEach(async () => { party = await startViettelPost(); });
  afterEach(() => party.close());

  it.each([
    ['busy', { kind: 'outcome-unknown', code: 'party-busy' }, 1], ['unlisted-code', { kind: 'bad-reply', code: 'code-unlisted' }, 1], ['account', { kind: 'refused-credentials', code: 'session-refused' }, 0],
  ])('an order that is answered %s may have been taken, or was not', async (kind, expected, held) => {
    const order = sampleShipment();
    await party.misbehave({ kind, operation: 'create', times: 2 });
    expect(await failure(party.carrier.create(order, recordedCall().call))).toEqual(expected);
    expect(await party.parcels(order.orderNumber)).toHaveLength(held);
  });

  it('ends a token in the middle of the work with status 200, and the same call goes on under a new one', async () => {
    await party.misbehave({ kind: 'token-expired', operation: 'create' });
    expect(await party.parcels((await created(party)).orderNumber)).toHaveLength(1);
    expect((await party.control.get<{ counters: { login: number } }>('state')).counters.login).toBe(2);
  });

  it('refuses in its own words, without those of ours that it repeats', async () => {
    const order = sampleShipment();
    await party.misbehave({ kind: 'refuse', operation: 'create' });
    expect(await party.carrier.create(order, recordedCall().call)).toEqual({ kind: 'rejected', code: '400', text: 'Blocking create order, please check the configuration' });
    await party.misbehave({ kind: 'refuse', operation: 'quote' });
    expect(await party.carrier.quote?.(sampleQuote(), recordedCall().call)).toEqual({ kind: 'rejected', code: '400', text: 'Price does not apply to this itinerary!' });
    const tooLong = await party.carrier.create(sampleShipment({ note: 'Ễ'.repeat(400), contents: 'ỗ'.repeat(400) }), recordedCall().call);
    expect(tooLong.kind).toBe('accepted');
  });

  it('tells of the order of another, which is a bad reply', async () => {
    const parcel = await created(party);
    await party.misbehave({ kind: 'other-order', operation: 'ask' });
    expect(await failure(ask(party, parcel))).toEqual({ kind: 'bad-reply', code: 'other-order' });
    await party.misbehave({ kind: 'refuse', operation: 'ask' });
    expect(await failure(ask(party, parcel))).toEqual({ kind: 'bad-reply', code: 'code-400' });
  });

  it('cannot be asked without a waybill, where its question is not known to take our number', async () => {
    const careful = await startViettelPost({ env: { VIETTEL_POST_FINDS_OUR_CODES: 'false' } });
    const parcel = await created(careful);
    const unsure = { ...parcel, carrierNumber: null };
    expect(await ask(careful, parcel)).toMatchObject({ events: [{ code: '100', means: 'ORDERED' }] });
    expect(await failure(ask(careful, unsure))).toEqual({ kind: 'bad-reply', code: 'no-waybill' });
    expect(await failure(careful.carrier.cancel(unsure, recordedCall().call))).toEqual({ kind: 'bad-reply', code: 'no-waybill' });
    await careful.close();
  });

  it('cannot be asked at all where no such question is configured', async () => {
    const mute = await startViettelPost({ env: { VIETTEL_POST_DETAIL_PATH: 'none' } });
    expect(mute.carrier.questions).toBeNull();
    const parcel = await created(mute);
    expect(await mute.carrier.cancel({ ...parcel, carrierNumber: null }, recordedCall().call)).toMatchObject({ kind: 'rejected', code: 'no-order' });
    expect(await mute.carrier.cancel(parcel, recordedCall().call)).toEqual({ kind: 'accepted' });
    await mute.close();
  });

  it('lists places of two levels or of three, and no district that is none', async () => {
    const levels = async (contestant: ViettelPostContestant): Promise<readonly string[]> => ((await contestant.carrier.listPlaces?.(recordedCall().call)) ?? []).map(({ level, code, parentCode }) => `${level} ${code} ${parentCode ?? '-'}`);
    expect(await levels(party)).toEqual(['PROVINCE 1 -', 'PROVINCE 31 -', 'COMMUNE 49876 1', 'COMMUNE 49877 1', 'COMMUNE 49901 31', 'COMMUNE 49902 31']);
    const before = await startViettelPost({ env: { VIETTEL_POST_EPOCH: 'THREE_LEVEL' } });
    expect(await levels(before)).toEqual(['PROVINCE 1 -', 'PROVINCE 31 -', 'DISTRICT 4 1', 'DISTRICT 325 31', 'COMMUNE 74 4', 'COMMUNE 405 325']);
    await before.close();
  });

  it('orders under the account of the nearest agency, and goes on under it', async () => {
    const other = await startViettelPost({ env: accounts({ agency: 'H42.05', ...DEMO }, { agency: 'H42', ...DEMO, name: 'other' }) });
    expect([other.carrier.serves(['H42.05.12', 'H42.05', 'H42']), other.carrier.serves(['H43'])]).toEqual([true, false]);
    const parcel = await created(other);
    expect(parcel.carrierData).toEqual({ account: 'demo' });
    expect(await ask(other, { ...parcel, agencyCodes: ['H43'] })).toMatchObject({ carrierNumber: parcel.carrierNumber });
    expect(await failure(ask(other, { ...parcel, carrierData: { account: 'gone' } }))).toEqual({ kind: 'refused-credentials', code: 'no-account' });
    expect(await other.carrier.create(sampleShipment({ agencyCodes: ['H43'] }), recordedCall().call)).toMatchObject({ kind: 'rejected', code: 'no-account' });
    await other.close();
  });

  it('is probed with a log-in', async () => {
    expect(await party.party.probe()).toEqual({ ok: true, detail: '1 account(s) accepted' });
    const wrong = await startViettelPost({ env: accounts({ agency: '*', ...DEMO, password: 'wrong' }) });
    expect(await wrong.party.probe()).toEqual({ ok: false, detail: 'viettel-post login: refused-credentials (session-refused)' });
    await wrong.close();
  });

  it('remembers in its sandbox what it took, and states what it collected', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'viettel-post-'));
    const sandbox = { ledgerFile: join(folder, 'ledger.jsonl') };
    const first = await startViettelPost({ sandbox });
    const order = sampleShipment({ collectVnd: 58_000 });
    await first.carrier.create(order, recordedCall().call);
    await first.move(order.orderNumber, [200, 501]);
    await first.close();
    const second = await startViettelPost({ sandbox });
    expect(await ask(second, refOf(order))).toMatchObject({ events: [{ code: '501', means: 'DELIVERED', collection: null }] });
    const [, line = ''] = (await (await fetch(`${second.url}/control/statement`)).text()).split('\r\n');
    expect(line).toMatch(new RegExp(`^${order.orderNumber},15878180001,58000,COLLECTED,,`));
    await second.close();
    rmSync(folder, { recursive: true });
  });

  it('has settings that are refused where they make no sense', () => {
    const read = (env: Readonly<Record<string, string>>): readonly string[] => {
      const settings = VIETTEL_POST.settings.read(env);
      return settings.ok ? [] : settings.problems;
    };
    const url = { VIETTEL_POST_URL: 'https://partner.viettelpost.vn' };
    expect(read(url)).toEqual(['VIETTEL_POST_ACCOUNTS is not set, and VIETTEL_POST_URL needs it']);
    expect(read(accounts({ agency: 'H42', ...DEMO }, { agency: '*', ...DEMO, password: 'other' }))).toEqual(['VIETTEL_POST_ACCOUNTS gives one name two different users or passwords']);
    expect(read({ ...url, ...accounts({ agency: '*', ...DEMO }), VIETTEL_POST_DETAIL_PATH: 'none' })).toEqual([expect.stringContaining('VIETTEL_POST_DUPLICATE_PHRASES')]);
    expect(read({ ...url, ...accounts({ agency: '*', ...DEMO }), VIETTEL_POST_DETAIL_PATH: '' })).toEqual([]);
    expect(read({})).toEqual([]);
  });
});

describe('webhooks of Viettel Post, from its sandbox over HTTP', () => {
  let party: ViettelPostContestant;
  let door: Listener;
  let heard: Heard<CarrierClaim>[];

  const start = async (options: ViettelPostStart = {}): Promise<string> => {
    heard = [];
    door = await listen('viettel-post', { webhook: (request) => {
      const { claims } = party.party;
      if (claims === null) throw new Error('no webhooks are taken');
      return receiverDoor(claims, { heard, code: () => ['applied', 'taken'] })(request);
    } });
    // A webhook that came twice for want of time would be counted here.
    party = await startViettelPost({ ...options, sandbox: { webhookRetryMs: 30, webhookTimeoutMs: 15_000, callbackAddress: door.address, ...options.sandbox } });
    return (await created(party)).orderNumber;
  };
  const isHeard = (count: number): Promise<unknown> => eventually(`${count} webhook(s)`, () => heard.length === count);

  afterEach(async () => {
    await party.close();
    await door.close();
  });

  it.each(SECRET_PLACES)('are vouched for by a secret in %s, and are claims without anybody in them', async (secretPlace) => {
    const orderNumber = await start({ sandbox: { secretPlace } });
    await isHeard(1);
    await party.move(orderNumber, [506], '36');
    await isHeard(2);
    expect(heard[1]).toMatchObject({ verification: 'verified', message: { claimed: true, orderNumber, carrierNumber: '15878180001', code: '506', means: 'FAILED', failure: 'NOBODY_THERE' } });
    for (const canary of POSTAL_CANARIES) expect(JSON.stringify(heard)).not.toContain(canary);
    await eventually('200 ends them', async () => (await party.control.get<readonly { taken: boolean }[]>('notices')).filter(({ taken }) => taken).length === 2);
  });

  it.each(['unsigned', 'old-key'])('that are %s are refused', async (kind) => {
    const orderNumber = await start();
    await isHeard(1);
    await party.control.post('misbehave-notices', { kind, times: 9 });
    await party.move(orderNumber, [501]);
    await eventually('a try', () => heard.length > 1);
    expect(heard[1]).toEqual({ verification: 'secret', uniqueKey: null, message: null });
  });

  it('under the secret before count as long as that is configured, and twice is once', async () => {
    const orderNumber = await start({ env: { VIETTEL_POST_WEBHOOK_SECRETS: `now:demo-secret-of-the-webhook,before:${OLD_SECRET}` } });
    await isHeard(1);
    await party.control.post('misbehave-notices', [{ kind: 'old-key' }, { kind: 'twice' }]);
    await party.move(orderNumber, [105]);
    await isHeard(2);
    expect(heard[1]).toMatchObject({ verification: 'verified', message: { code: '105', means: 'COLLECTED' } });
    await party.move(orderNumber, [200]);
    await isHeard(4);
    expect(heard[2]).toEqual(heard[3]);
  });

  it('that lie are claims, and the answer to a question says how it is', async () => {
    const orderNumber = await start();
    await isHeard(1);
    await party.control.post('misbehave-notices', { kind: 'altered' });
    await party.move(orderNumber, [105]);
    await isHeard(2);
    expect(heard[1]?.message).toMatchObject({ claimed: true, means: 'DELIVERED' });
    expect(await ask(party, { orderNumber, agencyCodes: ['H42'], carrierNumber: '15878180001', carrierData: {} })).toMatchObject({ events: [{ code: '105', means: 'COLLECTED' }] });
  });

  it('are taken by nobody without a secret', async () => {
    await start();
    await party.close();
    party = await startViettelPost({ env: { VIETTEL_POST_WEBHOOK_SECRETS: '' } });
    expect([party.party.claims, party.carrier.pushesEvents]).toEqual([null, false]);
  });
});
