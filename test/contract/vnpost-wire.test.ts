import { afterEach, describe, expect, it } from '@jest/globals';
import type { CarrierEvent } from '../../src/postal/postal-carrier-port.js';
import { failure } from './payment-gateway-stage.js';
import { feedOf, keysOf, walk } from './postal-carrier-stage.js';
import { recordedCall } from './sample-dossier.js';
import { newOrderNumber, sampleNotice, sampleQuote, sampleShipment } from './sample-shipment.js';
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
const meaningsOf = (events: readonly CarrierEvent[]) => events.map(({ means }) => means);

describe('VNPost behind its gateway', () => {
  it('logs in once for many calls at the same time, and again when the token has ended', async () => {
    const { carrier, control } = await start();
    const tokens = async () => (await control.get<{ totals: { tokens: number } }>('state')).totals.tokens;
    await Promise.all(Array.from({ length: 8 }, () => carrier.create(sampleShipment(), call)));
    expect(await tokens()).toBe(1);
    await control.post('expire-sessions');
    await Promise.all(Array.from({ length: 3 }, () => carrier.create(sampleShipment(), call)));
    expect(await tokens()).toBe(2);
  });

  it.each([
    ['900803', 'rate-limited', 1], ['900800', 'rate-limited', 1], ['303001', 'unavailable', 1], ['101504', 'outcome-unknown', 1], ['900901', 'refused-credentials', 2], ['900902', 'refused-credentials', 2],
  ] as const)('knows the fault %s, in JSON and in XML, for %s', async (value, kind, times) => {
    const { carrier, misbehave, held } = await start();
    const order = sampleShipment();
    for (const form of ['fault', 'fault-xml']) {
      await misbehave({ kind: form, operation: 'create', value, times });
      expect(await failure(carrier.create(order, call))).toEqual({ kind, code: value === '101504' ? 'http-504' : `fault-${value}` });
    }
    expect(await held(order.orderNumber)).toBeNull();
    expect(await carrier.create(order, call)).toMatchObject({ kind: 'accepted', already: false });
  });

  it('loses no event where the token ends in the middle of the pages', async () => {
    const contestant = await start();
    const { carrier, live, misbehave } = contestant;
    const feed = feedOf(contestant);
    const order = sampleShipment({ collectVnd: 58_000 });
    await carrier.create(order, call);
    await live(order.orderNumber, 'PAID_OUT');
    const first = await feed.next(feed.start, call);
    expect([first.events.length, first.full]).toEqual([3, true]);
    await misbehave({ kind: 'expire-token', operation: 'tracking' });
    const rest = await walk(feed, first.cursor);
    expect(meaningsOf([...first.events, ...rest.events])).toEqual(['ORDERED', 'COLLECTING', 'COLLECTED', 'IN_TRANSIT', 'AT_OFFICE', 'DELIVERED', null, null]);
  });

  it('takes the token in the header that configuration names', async () => {
    const { carrier, url } = await start({ env: { VNPOST_TOKEN_HEADER: 'access_token' } }, 'path');
    expect(await carrier.create(sampleShipment(), call)).toMatchObject({ kind: 'accepted' });
    expect((await fetch(`${url}/order/tracking`)).status).toBe(401);
    expect((await fetch(`${url}/order/tracking`, { headers: { access_token: 'nonsense' } })).status).toBe(401);
  });

  it('answers the probe, and tells why it cannot', async () => {
    expect(await (await start()).probe()).toEqual({ ok: true, detail: 'log-in and tracking accepted' });
    const wrong = await start({ env: { VNPOST_CONSUMER_SECRET: 'wrong' } });
    expect(await wrong.probe()).toEqual({ ok: false, detail: 'vnpost login: refused-credentials (http-401)' });
  });
});

describe('orders of VNPost', () => {
  it('go under the customer code of the nearest agency, and of no other', async () => {
    const customers = JSON.stringify([{ agency: 'H42', customerCode: 'TINH' }, { agency: 'H42.05', customerCode: 'XA' }, { agency: 'H43', customerCode: 'LA' }]);
    const { carrier, control } = await start({ sandbox: { customerCodes: ['TINH', 'XA'] }, env: { VNPOST_CUSTOMERS: customers } });
    const near = sampleShipment();
    await carrier.create(near, call);
    expect(await control.get(`parcels/${near.orderNumber}`)).toMatchObject({ customerCode: 'XA' });
    expect([carrier.serves(['H42.05.12', 'H42.05']), carrier.serves(['H44'])]).toEqual([true, false]);
    expect(await failure(carrier.create(sampleShipment({ agencyCodes: ['H44'] }), call))).toEqual({ kind: 'refused-credentials', code: 'no-customer-code' });
    expect(await carrier.create(sampleShipment({ agencyCodes: ['H43'] }), call)).toMatchObject({ kind: 'rejected', code: '105' });
  });

  it('are taken without a content type, as the SDK of the axis sends them', async () => {
    const { url, heldOrder } = await start();
    const basic = Buffer.from('demo-key:demo-secret').toString('base64');
    const granted = (await (await fetch(`${url}/token`, { method: 'POST', headers: { authorization: `Basic ${basic}` }, body: new URLSearchParams({ grant_type: 'client_credentials' }) })).json()) as { access_token: string };
    const orderNumber = newOrderNumber();
    const body = JSON.stringify({
      CustomerCode: 'DEMOCUSTOMER1', OrderNumber: orderNumber, CODAmount: null, SenderProvince: 10, SenderAddress: 'a', SenderName: 'b', SenderTel: '09', ReceiverProvince: 43, ReceiverAddress: 'c', ReceiverName: 'd', ReceiverTel: '02',
    });
    const reply = await fetch(`${url}/apiVNPostNGSP/p1.0/order/post`, { method: 'POST', headers: { authorization: `Bearer ${granted.access_token}`, ContentType: 'application/json' }, body: new Blob([body]) });
    expect(await reply.json()).toEqual({ Status: 100, Message: 'Thành công' });
    expect(await heldOrder(orderNumber)).toMatchObject({ collectVnd: 0 });
  });

  it('are refused by the post where a field is missing, with its words and without ours', async () => {
    const { carrier, held } = await start();
    const order = sampleShipment();
    const answer = await carrier.create({ ...order, recipient: { ...order.recipient, phone: ' ' } }, call);
    expect(answer).toEqual({ kind: 'rejected', code: '104', text: 'Thiếu hoặc sai dữ liệu: ReceiverTel' });
    expect(await carrier.create({ ...order, sender: { ...order.sender, place: { provinceCode: 'HN', districtCode: null, communeCode: null } } }, call)).toMatchObject({ kind: 'rejected', code: 'place-code' });
    expect(await held(order.orderNumber)).toBeNull();
  });

  it('are unsure after a 500 of somebody between, and no answer without words', async () => {
    const { carrier, misbehave } = await start();
    await misbehave({ kind: 'code', operation: 'create', value: 500 });
    expect(await failure(carrier.create(sampleShipment(), call))).toEqual({ kind: 'outcome-unknown', code: 'party-busy' });
    await misbehave({ kind: 'no-message', operation: 'create', value: 104 });
    expect(await failure(carrier.create(sampleShipment(), call))).toEqual({ kind: 'bad-reply', code: 'refusal-without-words' });
  });

  it('bring their papers along once, however often they are told', async () => {
    const { carrier, heldOrder } = await start();
    const order = sampleShipment();
    await carrier.create(order, call);
    for (let time = 0; time < 2; time += 1) expect(await carrier.announce?.(sampleNotice(order), call)).toEqual({ kind: 'accepted' });
    expect(await heldOrder(order.orderNumber)).toMatchObject({ notices: 2 });
    expect((await start({ env: { VNPOST_DOCUMENT_ROUTE: 'none' } })).carrier.announce).toBeNull();
  });

  it('may cost more than was quoted, and the quote is not changed by it', async () => {
    const { carrier, misbehave, heldOrder } = await start();
    const order = sampleShipment({ weightGrams: 500 });
    const quoted = await carrier.quote?.(sampleQuote(order), call);
    expect(quoted).toEqual({ kind: 'quoted', quotes: [{ service: 'HCC', feeVnd: 37_000, expectedDelivery: null }] });
    await misbehave({ kind: 'price-rise', operation: 'create', value: 4_000 });
    expect(await carrier.create(order, call)).toMatchObject({ kind: 'accepted', feeVnd: null });
    expect(await heldOrder(order.orderNumber)).toMatchObject({ feeVnd: 41_000 });
  });

  it.each(['28000.5', 'NaN', '1e300', '"28,000"', '-1', 'null'])('are never quoted at %s', async (value) => {
    const { carrier, misbehave } = await start();
    await misbehave({ kind: 'other-price', operation: 'quote', value });
    expect((await failure(Promise.resolve(carrier.quote?.(sampleQuote(), call)))).kind).toBe('bad-reply');
    await misbehave({ kind: 'code', operation: 'quote', value: 104 });
    expect(await carrier.quote?.(sampleQuote(), call)).toMatchObject({ kind: 'rejected', code: '104' });
  });
});

describe('tracking of VNPost', () => {
  const arrived = async (options: Parameters<typeof startVnpost>[0] = {}) => {
    const contestant = await start(options);
    const order = sampleShipment();
    await contestant.carrier.create(order, call);
    await contestant.live(order.orderNumber, 'DELIVERED');
    return { ...contestant, order, feed: feedOf(contestant) };
  };

  it.each(['duplicate-events', 'reorder-events'])('is the same whatever the page does to it (%s)', async (kind) => {
    const { feed, misbehave } = await arrived({ env: { VNPOST_PAGE_SIZE: '100' } });
    const honest = await feed.next(feed.start, call);
    await misbehave({ kind, operation: 'tracking' });
    expect(await feed.next(feed.start, call)).toEqual(honest);
  });

  it('never goes back, nor round in circles, where a page comes again', async () => {
    const { feed, misbehave } = await arrived();
    const first = await feed.next(feed.start, call);
    await misbehave({ kind: 'repeat-page', operation: 'tracking' });
    const again = await feed.next(first.cursor, call);
    expect([keysOf(again.events), again.cursor, again.full]).toEqual([keysOf(first.events), first.cursor, false]);
    expect(keysOf((await walk(feed, again.cursor)).events)).toHaveLength(3);
  });

  it('takes half a page for none', async () => {
    const { feed, misbehave } = await arrived();
    await misbehave({ kind: 'half-page', operation: 'tracking' });
    expect(await failure(feed.next(feed.start, call))).toEqual({ kind: 'bad-reply', code: 'page-shape' });
  });

  it('tells young events again until they have settled, and then stands behind them', async () => {
    let aheadMs = 0;
    const { feed } = await arrived({ env: { VNPOST_PAGE_SIZE: '100', VNPOST_TRACKING_LAG_MS: '60000' }, now: () => Date.now() + aheadMs });
    const young = await feed.next(feed.start, call);
    expect([young.events.length, young.cursor, young.full]).toEqual([6, feed.start, false]);
    aheadMs = 120_000;
    const settled = await feed.next(feed.start, call);
    expect([settled.events.length, settled.cursor === feed.start]).toEqual([6, false]);
    expect((await feed.next(settled.cursor, call)).events).toEqual([]);
  });

  it('leaves out the parcels of other customers, and says how many', async () => {
    const customers = (code: string) => ({ VNPOST_CUSTOMERS: JSON.stringify([{ agency: '*', customerCode: code }]) });
    const theirs = await start({ sandbox: { customerCodes: ['OURS', 'THEIRS'] }, env: customers('THEIRS') });
    const order = sampleShipment();
    await theirs.carrier.create(order, call);
    await theirs.live(order.orderNumber, 'FAILED');
    const ours = await start({ env: { ...customers('OURS'), VNPOST_URL: `${theirs.url}/lgsp/vnpost`, VNPOST_TOKEN_URL: `${theirs.url}/token` } });
    expect((await walk(feedOf(ours))).events).toEqual([]);
    expect((await walk(feedOf(theirs))).events).toHaveLength(6);
    const ready = { party: 'vnpost', connected: true };
    expect([theirs.logged, ours.logged.slice(0, 2)]).toEqual([[ready], [ready, { party: 'vnpost', foreign: 3 }]]);
  });

  it('moves nothing by codes that the contract does not list', async () => {
    const { feed } = await arrived({ env: { VNPOST_STATUS_CODES: '{"4":"DELIVERED"}' } });
    const { events } = await walk(feed);
    expect(events.map(({ code, means }) => `${code} ${means ?? '-'}`)).toEqual(['1 -', '2 -', '3 -', '5 -', '6 -', '4 DELIVERED']);
  });

  it('refuses a cursor that is none, without a call', async () => {
    const { feed, control } = await arrived();
    expect(await failure(feed.next('yesterday', call))).toEqual({ kind: 'bad-request', code: 'cursor' });
    expect((await control.get<{ counters: Record<string, number> }>('state')).counters['tracking']).toBeUndefined();
  });
});
