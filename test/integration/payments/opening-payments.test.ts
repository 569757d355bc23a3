import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AgencyTree } from '../../../src/agencies/agency-tree.js';
import { PartyError } from '../../../src/errors/party-error.js';
import type { PaymentCall } from '../../../src/payments/payment-action.js';
import type { OpenAnswer, PaymentGateway, PaymentOrder } from '../../../src/payments/payment-gateway-port.js';
import type { OpenInput } from '../../../src/payments/payment-input.js';
import type { PaymentSettings } from '../../../src/payments/payment-module.js';
import { agencyOrderData } from '../../../src/payments/payment-opening.js';
import type { PaymentRow } from '../../../src/payments/payment-rows.js';
import { DossierGateway, OTHER_PORTAL, PORTAL } from '../../support/dossier-gateway.js';
import { NOW, codeNumber, dossierInput } from '../../support/dossier-inputs.js';
import { PaymentDesk, WINDOWS, bank, linkOf, said } from '../../support/payment-desk.js';
import { insertAccount } from '../../support/payment-gateway.js';

const AGENCY = '000.12.34.H42';
const PROVINCE = '000.00.00.H42';
const OPENED: OpenAnswer = { kind: 'opened', payUrl: 'https://pay.example/x', qrContent: null, gatewayTransaction: 'T0', gatewayData: { term: 'A' } };
const REJECTED: OpenAnswer = { kind: 'rejected', code: '03', text: 'no' };
const ACCOUNT = { bankBin: '970436', bankCode: 'VCB', number: '0011004251389', holderName: 'UBND PHUONG' };
const failing = (kind: PartyError['kind'], code: string): PartyError => new PartyError(kind, { party: 'first', operation: 'open-payment', code });

let desk: PaymentDesk;
let dossiers: DossierGateway;
let code = '';
let number = 0;
/** What reached each gateway, in order. */
let seen: { readonly party: string; readonly order: PaymentOrder }[];

type Conduct = OpenAnswer | Error | ((order: PaymentOrder) => Promise<OpenAnswer>);
const gatewayOf = (party: string, conduct: Conduct = OPENED, over: Partial<PaymentGateway> = {}): PaymentGateway => bank({ party, open: (order, call) => {
  seen.push({ party, order });
  call.journal({ operation: 'open-payment', startedAt: NOW, durationMs: 1, httpStatus: 200, request: {}, reply: {} });
  if (typeof conduct === 'function') return conduct(order);
  return conduct instanceof Error ? Promise.reject(conduct) : Promise.resolve(conduct);
}, ...over });
const servicesOf = (gateways: readonly PaymentGateway[], settings: Partial<PaymentSettings> = {}) => desk.module(gateways, settings).services;
const declare = (fees: Readonly<Record<string, number>>, over: { readonly dropOthers?: boolean } = {}) => servicesOf([]).fees.declare(desk.call(PORTAL.client, PORTAL), {
  dossierCode: code, dropOthers: false, fees: Object.entries(fees).map(([key, amountVnd]) => ({ key, kind: 'CHARGE', name: `Lệ phí ${key}`, amountVnd })), ...over });
interface Opening { readonly settings?: Partial<PaymentSettings>; readonly call?: PaymentCall; readonly input?: Partial<OpenInput> }
const open = (gateways: readonly PaymentGateway[], { settings = {}, call = desk.call(PORTAL.client, PORTAL), input = {} }: Opening = {}) => servicesOf(gateways, settings).opening.open(call, { dossierCode: code, ...input });
const opened = async (gateways: readonly PaymentGateway[], of: Opening = {}): Promise<PaymentRow> => {
  const answer = await open(gateways, of);
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.result;
};
const refusalOf = async (answer: ReturnType<typeof open>): Promise<unknown> => {
  const found = await answer;
  return found.kind === 'refused' ? found.refusal : found.kind;
};
const refused = (refusal: string, over: object = {}) => ({ code: refusal, problems: [], references: [], ...over });
const parties = (): string[] => seen.map(({ party }) => party);
const fees = () => desk.rows(code, `SELECT key, (SELECT reference FROM payments WHERE id = open_payment) AS held FROM fee_items WHERE dossier_code = $1 ORDER BY id`);
const payments = () => desk.rows(code, `SELECT p.reference, p.gateway, p.state, (SELECT f.reference FROM payments f WHERE f.id = p.first_attempt) AS first FROM payments p WHERE dossier_code = $1 ORDER BY p.id`);
const plus = (ms: number): Date => new Date(NOW.getTime() + ms);

beforeAll(async () => {
  desk = await PaymentDesk.open();
  desk.now = NOW;
  dossiers = new DossierGateway(desk.database);
  await insertAccount(desk.database, AGENCY, { gateways: [] });
  await desk.database.query(`UPDATE bank_accounts SET usable_at = '2020-01-01'`);
  await desk.database.transaction(async (client) => {
    await client.query(`INSERT INTO agencies (code, parent_code, name_vi, kind, level) VALUES ($1, NULL, 'Tỉnh Ninh Bình', 'PROVINCE', 'PROVINCE'), ($2, $1, 'Phường Hoa Lư', 'WARD', 'COMMUNE')`, [PROVINCE, AGENCY]);
    await client.query(`INSERT INTO agency_codes (agency_code, code, confidence) VALUES ($1, $1, 'HIGH'), ($2, $2, 'HIGH'), ($2, 'H42.12.34', 'HIGH')`, [PROVINCE, AGENCY]);
  });
});
afterAll(() => desk.close());
beforeEach(async () => {
  seen = [];
  desk.logged.length = 0;
  code = codeNumber(number += 1);
  const { errors } = await dossiers.upsert(`k${String(number)}`, [dossierInput({ code })]);
  expect(errors).toEqual([]);
});

describe('a payment is not opened', () => {
  it('of a fee that the dossier does not owe', async () => {
    await declare({ A: 8_000, B: 9_000 });
    await declare({ A: 8_000 }, { dropOthers: true });
    const unknown = refused('INPUT', { problems: [{ field: 'payment.itemKeys', code: 'FEE_UNKNOWN', message: { vi: 'Hồ sơ không có khoản thu này', en: 'The dossier has no such fee' } }] });
    for (const itemKeys of [['A', 'X'], ['B']]) expect(await refusalOf(open([gatewayOf('first')], { input: { itemKeys } }))).toEqual(unknown);
    expect([await payments(), parties()]).toEqual([[], []]);
  });

  it('of a dossier that the caller does not know, which is kept; of other refusals nothing is', async () => {
    await declare({ A: 8_000 });
    const unknown = refused('INPUT', { problems: [{ field: 'payment.dossierCode', code: 'DOSSIER_UNKNOWN', message: { vi: 'Không có hồ sơ này', en: 'There is no such dossier' } }] });
    expect(await refusalOf(open([gatewayOf('first')], { call: desk.call(OTHER_PORTAL.client, OTHER_PORTAL) }))).toEqual(unknown);
    expect(await refusalOf(open([gatewayOf('first')], { input: { itemKeys: ['X'] } }))).toMatchObject({ code: 'INPUT' });
    expect(await desk.rows(code, 'SELECT client, operation, target_kind AS kind, existed, attempts FROM access_attempts WHERE target = $1')).toEqual([{ client: OTHER_PORTAL.client, operation: 'openPayment', kind: 'dossier', existed: true, attempts: 1 }]);
  });

  it('where nothing is due, where what is due is being paid, and for more than an amount can be', async () => {
    expect(await refusalOf(open([gatewayOf('first')]))).toEqual(refused('NOTHING_DUE'));
    await declare({ A: 999_999_999_999, B: 1 });
    expect(await refusalOf(open([gatewayOf('first')]))).toEqual(refused('AMOUNT'));
    const { reference } = await opened([gatewayOf('first')], { input: { itemKeys: ['B', 'B'] } });
    expect(await refusalOf(open([gatewayOf('first')]))).toEqual(refused('ALREADY_OPEN', { references: [reference] }));
    await desk.database.query(`UPDATE fee_items SET open_payment = NULL, paid_by = (SELECT id FROM payments WHERE reference = $2) WHERE dossier_code = $1 AND key = 'B'`, [code, reference]);
    expect(await refusalOf(open([gatewayOf('first')], { input: { itemKeys: ['B'] } }))).toEqual(refused('NOTHING_DUE'));
    expect(await refusalOf(open([gatewayOf('first')], { input: { itemKeys: ['A', 'B'] } }))).toEqual(refused('NOTHING_DUE'));
    // What is paid is left out where no fee is named.
    expect(await opened([gatewayOf('first')])).toMatchObject({ amountVnd: 999_999_999_999 });
  });

  it('by what cannot be read', async () => {
    await declare({ A: 8_000 });
    expect(await refusalOf(open([gatewayOf('first')], { input: { clientIp: 'x', itemKeys: [] } }))).toMatchObject({ code: 'INPUT', problems: [{ field: 'payment.itemKeys' }, { field: 'payment.clientIp' }] });
    expect([await payments(), parties()]).toEqual([[], []]);
  });

  it('where no gateway serves, or none may bring money into an account; and the key is free again', async () => {
    await declare({ A: 8_000 });
    const call = desk.call(PORTAL.client, PORTAL);
    expect(await refusalOf(open([gatewayOf('first', OPENED, { serves: () => false })], { call }))).toEqual(refused('NO_GATEWAY'));
    expect(await refusalOf(open([gatewayOf('first')], { call, input: { gateway: 'second' } }))).toEqual(refused('NO_GATEWAY'));
    expect(await refusalOf(open([gatewayOf('first', OPENED, { accountRegistration: 'by-hand' })], { call }))).toEqual(refused('NO_ACCOUNT'));
    expect([await payments(), parties()]).toEqual([[], []]);
    expect(await opened([gatewayOf('first')], { call })).toMatchObject({ state: 'AWAITING' });
  });
});

describe('an order', () => {
  it('says to the gateway for whom, what and into which account', async () => {
    await declare({ A: 8_000, B: 9_000, C: 1_000 });
    const payer = { name: 'Nguyễn Văn An', idNumber: '036199012345', address: null, province: null, district: null };
    const { reference } = await opened([gatewayOf('first', OPENED, { opensUnder: ([nearest]) => ({ under: nearest ?? '' }) })], { input: { itemKeys: ['C', 'A', 'C'], payer, clientIp: '10.1.2.3', returnUrl: 'https://portal.example/xong', language: 'EN' } });
    expect(seen).toEqual([{ party: 'first', order: {
      reference, amountVnd: 9_000, dossierCode: code, createdAt: NOW, expiresAt: plus(WINDOWS.payWithinMs), agencyCodes: [AGENCY, 'H42.12.34', PROVINCE], agencyName: 'Phường Hoa Lư', language: 'en',
      procedureCode: '1.001193.000.00.00.H42', procedureName: 'Thủ tục đăng ký khai sinh', clientIp: '10.1.2.3', returnUrl: 'https://portal.example/xong', account: ACCOUNT, payer, gatewayData: { under: AGENCY },
      items: [['A', 8_000], ['C', 1_000]].map(([key, amountVnd]) => ({ key, kind: 'CHARGE', name: `Lệ phí ${String(key)}`, amountVnd })),
    } }]);
    expect(await fees()).toEqual([{ key: 'A', held: reference }, { key: 'B', held: null }, { key: 'C', held: reference }]);
    const kept = await desk.payment(reference);
    expect(kept).toMatchObject({ gatewayData: OPENED.kind === 'opened' ? OPENED.gatewayData : {}, gatewayTransaction: 'T0', client: PORTAL.client });
    expect([kept?.linkSealed?.includes('pay.example'), kept === null ? null : linkOf(kept)]).toEqual([false, 'https://pay.example/x']);
  });

  it('is in Vietnamese, and of an agency by its code alone, where nothing else is known', async () => {
    await declare({ A: 8_000 });
    await opened([gatewayOf('first')]);
    expect(seen).toMatchObject([{ order: { language: 'vi', payer: null, returnUrl: null } }]);
    expect(agencyOrderData(new AgencyTree([]), AGENCY)).toEqual({ agencyCodes: [AGENCY], agencyName: AGENCY });
  });
});

describe('gateways are tried', () => {
  const [first, second, third] = ['first', 'second', 'third'] as const;

  it('one after the other in the order of the province, or the nearest agency\'s own; each is a payment of the same call', async () => {
    await declare({ A: 8_000 });
    const call = desk.call(PORTAL.client, PORTAL);
    const all = [gatewayOf(first), gatewayOf(second, failing('unavailable', 'refused')), gatewayOf(third, REJECTED)];
    const settings = { order: { gateways: [third, second, first], byAgency: new Map<string, readonly string[]>() } };
    const { reference } = await opened(all, { call, settings });
    const [one, two] = seen.map(({ order }) => order.reference);
    expect(await payments()).toEqual([
      { reference: one, gateway: third, state: 'FAILED', first: null }, { reference: two, gateway: second, state: 'FAILED', first: one }, { reference, gateway: first, state: 'AWAITING', first: one },
    ]);
    expect(await fees()).toEqual([{ key: 'A', held: reference }]);
    for (const each of [one, two, reference]) expect((await desk.history(each ?? ''))[0]).toBe('CREATED portal client/portal-1');
    expect([(await opened(all, { call, settings })).reference, parties()]).toEqual([reference, [third, second, first]]);
    expect(await open(all, { call, settings, input: { language: 'EN' } })).toMatchObject({ kind: 'conflict' });
  });

  it('only where the agency, or one above it, has them, and an account is there for them', async () => {
    await declare({ A: 8_000 });
    const all = [gatewayOf(first), gatewayOf(second, OPENED, { accountRegistration: 'by-hand' }), gatewayOf(third, REJECTED)];
    await opened(all, { settings: { order: { gateways: [first], byAgency: new Map([[PROVINCE, [second, third]]]) } } });
    expect([parties(), await payments()]).toMatchObject([[third], [{ gateway: third, state: 'FAILED' }]]);
    expect(await fees()).toEqual([{ key: 'A', held: null }]);
  });

  it('no further where a word was faster than the refusal', async () => {
    await declare({ A: 8_000 });
    const faster = gatewayOf(first, async ({ reference }) => {
      await desk.database.query(`UPDATE payments SET state = 'AWAITING' WHERE reference = $1`, [reference]);
      return REJECTED;
    });
    expect(await opened([faster, gatewayOf(second)])).toMatchObject({ gateway: first, state: 'AWAITING' });
    expect([parties(), desk.logged]).toEqual([[first], []]);
  });
});

describe('what is kept of an opening', () => {
  const keptOf = async (conduct: Conduct) => {
    await declare({ A: 8_000 });
    const { reference } = await opened([gatewayOf('first', conduct)]);
    return { reference, told: await desk.rows(reference, `SELECT concat_ws(' ', type, reason) AS told FROM events WHERE payment_reference = $1 ORDER BY id`),
      codes: await desk.rows(reference, `SELECT code FROM payment_events WHERE payment_id = (SELECT id FROM payments WHERE reference = $1) AND from_state IS NOT NULL`),
      evidence: await desk.rows(`payment/${reference}`, `SELECT actor, (b.body::jsonb)->>'source' AS source, (b.body::jsonb)->>'operation' AS operation FROM evidence e JOIN evidence_bodies b ON b.evidence_id = e.id WHERE subject = $1 AND kind = 'payment-exchange'`) };
  };

  it.each<readonly [string, Conduct, string, string | null, string | null, string]>([
    ['taken', OPENED, 'AWAITING', null, null, 'payment.awaiting'],
    ['refused', REJECTED, 'FAILED', 'rejected', '03', 'payment.failed rejected'],
    ['not sent', failing('bad-request', 'http-400'), 'FAILED', 'http-400', 'http-400', 'payment.failed http-400'],
    ['not answered', failing('outcome-unknown', 'timeout'), 'UNKNOWN', 'timeout', 'timeout', 'payment.unknown timeout'],
    ['broken by us', new TypeError('a defect'), 'UNKNOWN', 'internal-error', 'internal-error', 'payment.unknown internal-error'],
  ])('that was %s is why, who said so, and what was said', async (_how, conduct, state, reason, wire, told) => {
    const kept = await keptOf(conduct);
    expect(await desk.history(kept.reference)).toEqual(['CREATED portal client/portal-1', ['CREATED', state, reason, 'open party/first'].filter((part) => part !== null).join(' ')]);
    expect(kept).toMatchObject({ told: [{ told: 'payment.opened first' }, { told }], codes: [{ code: wire }], evidence: [{ actor: 'party/first', source: 'open', operation: 'open-payment' }] });
    const isQuiet = !(conduct instanceof Error);
    expect(desk.logged).toEqual(isQuiet ? [] : [expect.objectContaining({ level: 40, party: 'first', reference: kept.reference, code: reason, correlationId: 'c-1', msg: 'a payment could not be opened at its gateway' })]);
    expect(desk.logged.map(({ err }) => (err as { type: string } | undefined)?.type)).toEqual(isQuiet ? [] : [conduct instanceof PartyError ? undefined : 'TypeError']);
  });
});

describe('a payment of an agency', () => {
  const within = (agencyScope: string) => desk.call('q', { role: 'operator', agencyScope });

  it('is seen, and dealt with, from that agency and those above it, and from no other', async () => {
    await declare({ A: 8_000 });
    const { reference } = await opened([gatewayOf('first')]);
    const { queries, settlements } = servicesOf([gatewayOf('first')]);
    const listed = async (underCode: string): Promise<boolean> => (await queries.list(desk.call(), { underCode }, { first: 200, after: null })).rows.some((row) => row.reference === reference);
    expect([await listed(AGENCY), await listed(PROVINCE), await listed('000.99.99.H42')]).toEqual([true, true, false]);
    for (const scope of [AGENCY, PROVINCE]) expect(await queries.find(within(scope), reference)).toMatchObject({ reference });
    expect([await queries.find(within('000.99.99.H42'), reference), await settlements.askNow(within('000.99.99.H42'), reference), await settlements.askNow(within(PROVINCE), reference)])
      .toEqual([null, { kind: 'refused', refusal: refused('NOT_FOUND') }, { kind: 'done', result: { reference } }]);
  });
});

describe('an opened payment is looked at', () => {
  const settled = WINDOWS.payWithinMs + WINDOWS.settleMs;
  const asking = { ask: () => Promise.resolve(said('pending')) };

  it.each<readonly [string, Conduct, Partial<PaymentGateway>, number]>([
    ['soon, where its gateway can be asked', OPENED, asking, WINDOWS.askAfterMs],
    ['as soon where it did not answer', failing('outcome-unknown', 'timeout'), asking, WINDOWS.askAfterMs],
    ['when the time to pay is over and settled, where nobody can be asked', OPENED, {}, settled],
    ['when all time is over, where nobody can be asked and no answer came', failing('outcome-unknown', 'timeout'), {}, WINDOWS.giveUpMs],
  ])('%s', async (_when, conduct, over, afterMs) => {
    await declare({ A: 8_000 });
    expect(await opened([gatewayOf('first', conduct, over)])).toMatchObject({ askAt: plus(afterMs), sentAt: NOW, expiresAt: plus(WINDOWS.payWithinMs), giveUpAt: plus(WINDOWS.giveUpMs) });
  });

  it('two minutes after it was written, should its process die; and given up no sooner than its money is settled', async () => {
    await declare({ A: 8_000 });
    let during: PaymentRow | null = null;
    const brief = gatewayOf('first', async ({ reference }) => {
      during = await desk.payment(reference);
      return OPENED;
    }, { windows: { ...WINDOWS, giveUpMs: 1_000 } });
    await opened([brief]);
    expect(during).toMatchObject({ state: 'CREATED', askAt: plus(120_000), giveUpAt: plus(settled) });
  });
});

describe('what is due', () => {
  const due = (over: Partial<PaymentGateway> = {}, of: Partial<PaymentGateway> = over) => desk.module([gatewayOf('first', OPENED, of)]).dueFor({ party: 'first', accountRegistration: 'in-order', ...over });
  const bill = { procedureCode: '1.001193.000.00.00.H42', procedureName: 'Thủ tục đăng ký khai sinh', agencyCode: AGENCY, agencyName: 'Phường Hoa Lư', account: ACCOUNT };
  const item = (key: string, amountVnd: number) => ({ key, kind: 'CHARGE', name: `Lệ phí ${key}`, amountVnd });

  it('of a dossier is what nobody pays, has paid, or was dropped, for who may bring it into an account', async () => {
    expect([await due().dueOfDossier(codeNumber(9_999)), await due().dueOfDossier(code)]).toEqual([{ kind: 'unknown' }, { kind: 'nothing-due' }]);
    await declare({ D: 5 });
    await declare({ A: 8_000, B: 9_000, C: 1_000, E: 700 }, { dropOthers: true });
    const { id } = await opened([gatewayOf('first')], { input: { itemKeys: ['B'] } });
    await desk.database.query(`UPDATE fee_items SET paid_by = $2 WHERE dossier_code = $1 AND key = 'C'`, [code, id]);
    expect(await due().dueOfDossier(code)).toEqual({ kind: 'due', bill: { ...bill, dossierCode: code, payer: null, reference: null, items: [item('A', 8_000), item('E', 700)], totalVnd: 8_700 } });
    expect(await due({ accountRegistration: 'by-hand' }).dueOfDossier(code)).toEqual({ kind: 'nothing-due' });
  });

  it('by a reference is the open payment, with who pays, for the service under which it was opened', async () => {
    await declare({ A: 8_000, B: 9_000 });
    const payer = { name: 'Nguyễn Văn An', idNumber: null, address: null, province: null, district: null };
    const { reference } = await opened([gatewayOf('first')], { input: { payer } });
    const answer = { kind: 'due', bill: { ...bill, dossierCode: code, payer, reference, items: [item('A', 8_000), item('B', 9_000)], totalVnd: 17_000 } };
    const merchantOf: PaymentGateway['merchantOf'] = ({ agencyCodes, gatewayData }) => `${agencyCodes[0] ?? ''}/${gatewayData['term'] ?? ''}`;
    expect(await due().dueOfReference(reference, null)).toEqual(answer);
    expect(await due({ merchantOf }).dueOfReference(reference, `${AGENCY}/A`)).toEqual(answer);
    for (const merchant of [null, 'OTHER']) expect(await due({ merchantOf }).dueOfReference(reference, merchant)).toEqual({ kind: 'unknown' });
    for (const none of ['OG0000000000000', `${reference}'`, '']) expect(await due().dueOfReference(none, null)).toEqual({ kind: 'unknown' });
    expect(await due({ party: 'second' }, {}).dueOfReference(reference, null)).toEqual({ kind: 'unknown' });
  });

  it.each([['CREATED', 'due'], ['AWAITING', 'due'], ['UNKNOWN', 'due'], ['PAID', 'nothing-due'], ['FAILED', 'nothing-due'], ['EXPIRED', 'nothing-due'], ['CANCELLED', 'nothing-due'], ['DISPUTED', 'nothing-due']])('by the reference of one that is %s: %s', async (state, kind) => {
    const reference = await desk.given(state, `gateway = 'first'`);
    expect(await due().dueOfReference(reference, null)).toMatchObject({ kind });
  });
});
