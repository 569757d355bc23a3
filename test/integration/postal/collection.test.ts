import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { vietnamDay } from '../../../src/agencies/agency.js';
import { checkLedgerNow } from '../../../src/payments/reconciliation-work.js';
import { dayAfter } from '../../../src/payments/reconciliation-day.js';
import { eventually } from '../../support/eventually.js';
import { insertAccount, startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';
import { CITIZEN } from '../../support/postal-stage.js';

const ORDER = `mutation ($key: IdempotencyKey!, $order: ReturnInput!) { orderReturn(idempotencyKey: $key, order: $order) { __typename
  ... on ShipmentSaved { shipment { number state collectVnd } } ... on ShipmentActionRefused { code problems { field code } } } }`;
const IMPORT = `mutation ($key: IdempotencyKey!, $day: LocalDate!, $file: String!) { importStatement(idempotencyKey: $key, gateway: "vnpost", day: $day, contentBase64: $file, replacesEarlier: false, reason: "kiểm thử") {
  __typename ... on ReconciliationStarted { run { id } } ... on PaymentActionRefused { code problems { field code } } } }`;
const RUN = `query ($id: ID!) { reconciliationRun(id: $id) { id state matched differenceCount openCount } }`;

let stage: PaymentStage;
let vnpostUrl = '';
let next = 700;

const post = async (path: string, body: object): Promise<void> => {
  const reply = await fetch(`${vnpostUrl}/control/${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  if (!reply.ok) throw new Error(`${path}: ${String(reply.status)} ${await reply.text()}`);
};
const order = (dossierCode: string, over: object = {}): Promise<Found> =>
  stage.as('portal', ORDER, { key: randomUUID(), order: { dossierCode, carrier: 'vnpost', recipient: CITIZEN, collectItemKeys: ['LP1'], ...over } });

/** A dossier that owes one fee, and a parcel that collects it; once the post has the order. */
const onTheWay = async (amountVnd: number): Promise<{ readonly code: string; readonly reference: string }> => {
  next += 1;
  const code = await stage.dossier(next);
  await stage.declare(code, [['LP1', amountVnd]]);
  const answer = await order(code);
  if (answer.__typename !== 'ShipmentSaved') throw new Error(JSON.stringify(answer));
  expect(answer['shipment']).toMatchObject({ number: code, collectVnd: amountVnd });
  const { rows: [row] } = await stage.database.query<{ reference: string }>('SELECT p.reference FROM shipments s JOIN payments p ON p.id = s.payment_id WHERE s.order_number = $1', [code]);
  await reached(code, 'ORDERED');
  return { code, reference: row?.reference ?? '' };
};

const reached = (number: string, state: string): Promise<unknown> => eventually(`${number} to be ${state}`, async () => {
  const { rows: [row] } = await stage.database.query<{ state: string }>('SELECT state FROM shipments WHERE order_number = $1', [number]);
  return row?.state === state;
}, { timeoutMs: 30_000 });

const told = (number: string, word: string): Promise<unknown> => eventually(`the post to tell of ${number}: ${word}`, async () => {
  const { rows: [row] } = await stage.database.query<{ collection: string | null }>('SELECT collection FROM shipments WHERE order_number = $1', [number]);
  return row?.collection === word;
}, { timeoutMs: 30_000 });

const yesterday = (): string => dayAfter(vietnamDay(new Date()), -1);

/** The post's own statement of everything so far, brought in; gives the run at its end. */
const reconcile = async (statement?: string): Promise<Found> => {
  const text = statement ?? await (await fetch(`${vnpostUrl}/control/statement`)).text();
  const answer = await stage.as('operator', IMPORT, { key: randomUUID(), day: yesterday(), file: Buffer.from(text).toString('base64') });
  if (answer.__typename !== 'ReconciliationStarted') throw new Error(JSON.stringify(answer));
  const { id } = answer['run'] as { id: string };
  return eventually('the run to end', async () => {
    const run = await stage.as('operator', RUN, { id });
    if (run['codes'] !== undefined) throw new Error(JSON.stringify(run));
    return run['state'] === 'DONE' || run['state'] === 'FAILED' ? run : null;
  }, { timeoutMs: 30_000 });
};
/** What was left for persons, or waits. */
const leftOpen = async (run: Found): Promise<readonly string[]> =>
  (await stage.database.query<{ found: string }>(`SELECT concat_ws(' ', class, kind, action, reference) AS found FROM reconciliation_differences WHERE run_id = $1 AND resolved_at IS NULL ORDER BY 1`, [run['id']])).rows.map(({ found }) => found);

beforeAll(async () => {
  stage = await startPaymentStage({ POSTAL_POLL_SECONDS: '1', VNPOST_TRACKING_LAG_MS: '0', RECONCILE_AT: 'off' }, { worker: true });
  vnpostUrl = new URL(stage.gateway.environment['VNPOST_URL'] ?? '').origin;
  await post('pace', { stepMs: null });
  await insertAccount(stage.database, '000.12.34.H42', { gateways: ['vnpay', 'vnpost'] });
  await stage.database.query(`INSERT INTO postal_offices (agency_code, contact, actor, role, reason) VALUES ('000.12.34.H42', $1, 'test', 'test', 'test')`, [JSON.stringify({ ...CITIZEN, name: 'Bộ phận Một cửa' })]);
  await stage.database.query(`INSERT INTO postal_place_lists (carrier) VALUES ('vnpost') ON CONFLICT DO NOTHING`);
  await stage.database.query(`INSERT INTO postal_places (carrier, epoch, level, path, name, code, source) VALUES ('vnpost', 'TWO_LEVEL', 'PROVINCE', 'ninh binh', 'Ninh Bình', '43', 'FILE')`);
}, 120_000);
afterAll(() => stage.gateway.close());

describe('money at the door', () => {
  it('holds its fees: no other payment is opened beside it, and nobody cancels it alone', async () => {
    const { code, reference } = await onTheWay(35_000);
    expect(await stage.read(reference)).toMatchObject({ state: 'AWAITING', gateway: 'vnpost', amountVnd: 35_000 });
    expect(await stage.open(code)).toMatchObject({ __typename: 'PaymentAlreadyOpen', references: [reference] });
    expect(await stage.act('operator', 'cancelPayment', `reference: "${reference}"`)).toMatchObject({ __typename: 'PaymentActionRefused', code: 'STATE' });
    expect(await order(code)).toMatchObject({ __typename: 'ShipmentUnderWay' });
  });

  it('is not to be had where nothing is owed, or of fees that nobody declared; nothing is ordered then', async () => {
    next += 1;
    const code = await stage.dossier(next);
    expect(await order(code)).toMatchObject({ __typename: 'ShipmentActionRefused', code: 'COLLECTION', problems: [{ field: 'order.collectItemKeys' }] });
    await stage.declare(code, [['LP1', 10_000]]);
    expect(await order(code, { collectItemKeys: ['LP9'] })).toMatchObject({ code: 'COLLECTION', problems: [{ field: 'order.collectItemKeys', code: 'FEE_UNKNOWN' }] });
    const { rows } = await stage.database.query('SELECT 1 FROM shipments WHERE dossier_code = $1', [code]);
    expect(rows).toEqual([]);
    expect((await stage.open(code)).__typename).toBe('PaymentOpened');
  });

  it('is not paid at the word "delivered", nor "collected", nor "paid out"; only by the statement, once, and then it is the agency\'s', async () => {
    const { code, reference } = await onTheWay(58_000);
    await post('progress', { orderNumber: code, path: 'cod-paid-out' });
    await reached(code, 'DELIVERED');
    await told(code, 'PAID_OUT');
    expect(await stage.read(reference)).toMatchObject({ state: 'AWAITING', paidVnd: 0 });
    expect(await stage.ledger(reference)).toEqual({});
    const run = await reconcile();
    expect(run).toMatchObject({ state: 'DONE', openCount: 0 });
    expect(await stage.read(reference)).toMatchObject({ state: 'PAID', paidVnd: 58_000 });
    const { rows: [account] } = await stage.database.query<{ id: string }>('SELECT account_id AS id FROM payments WHERE reference = $1', [reference]);
    const held = { [`AGENCY/${account?.id ?? ''}`]: 58_000, CITIZEN: -58_000 };
    expect(await stage.ledger(reference)).toEqual(held);
    // The same again, in another file: nothing moves.
    await reconcile(`${await (await fetch(`${vnpostUrl}/control/statement`)).text()}\r\n`);
    expect(await stage.ledger(reference)).toEqual(held);
  });

  it('waits for a person when it was paid out twice, and when the post says another amount', async () => {
    const [twice, other] = [await onTheWay(21_000), await onTheWay(22_000)];
    for (const { code } of [twice, other]) {
      await post('progress', { orderNumber: code, path: 'cod-paid-out' });
      await told(code, 'PAID_OUT');
    }
    await post('misbehave-statement', { kind: 'paid-twice', orderNumber: twice.code });
    await post('misbehave-statement', { kind: 'other-amount', orderNumber: other.code });
    const run = await reconcile();
    expect(await stage.read(twice.reference)).toMatchObject({ state: 'PAID', paidVnd: 21_000 });
    expect(await stage.read(other.reference)).toMatchObject({ state: 'AWAITING', paidVnd: 0 });
    expect(await leftOpen(run)).toEqual([`AMOUNT PAYMENT RECORDED ${other.reference}`, `AMOUNT PAYOUT PERSON ${other.reference}`, `STATE PAYOUT WAITS ${twice.reference}`]);
  });

  it('of a parcel that came back is owed again, and can be paid otherwise', async () => {
    const { code, reference } = await onTheWay(17_000);
    await post('progress', { orderNumber: code, path: 'returned' });
    await reached(code, 'RETURNED');
    expect(await stage.read(reference)).toMatchObject({ state: 'FAILED' });
    expect((await stage.open(code)).__typename).toBe('PaymentOpened');
  });

  it('does not move at a person\'s word about the parcel: two persons set its fees free, or the statement pays them', async () => {
    const [back, delivered] = [await onTheWay(13_000), await onTheWay(14_000)];
    for (const [{ code }, state] of [[back, 'RETURNED'], [delivered, 'DELIVERED']] as const) {
      const answer = await stage.as('operator', 'mutation ($key: IdempotencyKey!, $number: ID!, $state: CorrectedShipmentState!) { correctShipment(idempotencyKey: $key, number: $number, state: $state, reason: "gọi bưu cục") { ... on ShipmentSaved { shipment { state collection } } } }',
        { key: randomUUID(), number: code, state });
      expect(answer).toEqual({ shipment: { state, collection: null } });
    }
    for (const { code, reference } of [back, delivered]) {
      expect(await stage.read(reference)).toMatchObject({ state: 'AWAITING', paidVnd: 0 });
      expect((await stage.open(code)).__typename).toBe('PaymentAlreadyOpen');
      expect(await stage.ledger(reference)).toEqual({});
    }
    const [settlement] = ((await stage.act('operator', 'settlePaymentByHand', `reference: "${back.reference}", settleAs: NOT_PAID`))['payment'] as { settlements: { id: string }[] }).settlements;
    expect(await stage.act('supervisor', 'decideSettlement', `id: "${settlement?.id ?? ''}", approve: true`)).toMatchObject({ payment: { state: 'FAILED' } });
    expect((await stage.open(back.code)).__typename).toBe('PaymentOpened');
    await post('progress', { orderNumber: delivered.code, path: 'cod-paid-out' });
    await told(delivered.code, 'PAID_OUT');
    await reconcile();
    expect(await stage.read(delivered.reference)).toMatchObject({ state: 'PAID', paidVnd: 14_000 });
  });

  it('leaves the ledger balanced', async () => {
    expect(await checkLedgerNow(stage.database)).toMatchObject({ faultCount: 0 });
  });
});
