import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sealQr } from '../../../src/payments/payment-content.js';
import { FieldCipher } from '../../../src/store/field-cipher.js';
import { FIELD_KEY, insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

const AGENCY = '000.12.34.H42';
let stage: PaymentStage;

beforeAll(async () => {
  stage = await startPaymentStage();
});
afterAll(() => stage.gateway.close());

describe('declaring fees', () => {
  it('keeps what a dossier owes, changes what is unpaid, and drops the rest only when asked', async () => {
    const code = await stage.dossier(1);
    expect(await stage.declare(code, [['LP1', 8_000], ['LP2', 10_000]])).toMatchObject({ fees: [{ key: 'LP1', amountVnd: 8_000 }, { key: 'LP2' }] });
    expect(await stage.declare(code, [['LP1', 9_000]])).toMatchObject({ fees: [{ key: 'LP1', amountVnd: 9_000, dropped: false }, { key: 'LP2', dropped: false }] });
    expect(await stage.declare(code, [['LP1', 9_000]], true)).toMatchObject({ fees: [{ key: 'LP1' }, { key: 'LP2', dropped: true }] });
    expect(await stage.declare(code, [['LP2', 11_000]])).toMatchObject({ fees: [{ key: 'LP1' }, { key: 'LP2', amountVnd: 11_000, dropped: false }] });
  });

  it.each([[[['LP1', 0]]], [[['LP1', 1.5]]], [[['LP1', 1_000_000_000_000]]], [[['L P', 1]]], [[['A', 1], ['A', 2]]], [[]]] as const)('refuses %j', async (fees) => {
    const code = await stage.dossier(2);
    expect(await stage.declare(code, fees)).toMatchObject({ __typename: 'PaymentActionRefused', code: 'INPUT' });
  });

  it('is for the portal whose dossier it is', async () => {
    expect(await stage.declare('000.12.34.H42-260101-99999', [['LP1', 1]])).toMatchObject({ code: 'INPUT', problems: [{ field: 'dossierCode', code: 'DOSSIER_UNKNOWN' }] });
    expect(await stage.as('agency', 'mutation { declareFees(idempotencyKey: "a", dossierCode: "x", fees: []) { __typename } }')).toEqual({ codes: ['FORBIDDEN'] });
  });
});

describe('opening a payment', () => {
  it('needs an account of the agency that the gateway knows', async () => {
    const code = await stage.dossier(10);
    await stage.declare(code, [['LP1', 50_000]]);
    expect(await stage.open(code)).toMatchObject({ __typename: 'NoUsableAccount' });
    const account = await insertAccount(stage.database, AGENCY, { gateways: [] });
    expect(await stage.open(code)).toMatchObject({ __typename: 'NoUsableAccount' });
    await stage.database.query(`INSERT INTO bank_account_registrations (account_id, gateway, confirmed_by) VALUES ($1, 'vnpay', 'a')`, [account]);
    expect(await stage.open(code, { gateway: 'no-such' })).toMatchObject({ __typename: 'NoGateway' });
    expect(await stage.open(code, { clientIp: 'x' })).toMatchObject({ code: 'INPUT', problems: [{ field: 'payment.clientIp', code: 'IP_ADDRESS' }] });
    expect(await stage.open(code, { itemKeys: ['LP9'] })).toMatchObject({ problems: [{ code: 'FEE_UNKNOWN' }] });
    expect(await stage.open('000.12.34.H42-260101-99999')).toMatchObject({ problems: [{ code: 'DOSSIER_UNKNOWN' }] });
    expect(paymentOf(await stage.open(code))).toMatchObject({ state: 'AWAITING', amountVnd: 50_000, gateway: 'vnpay', payUrl: expect.stringContaining('vnp_TxnRef=OG') as unknown, items: [{ key: 'LP1' }] });
  });

  it('is done once under its key, whatever the payment became, and refuses other content under it', async () => {
    const code = await stage.dossier(11);
    await stage.declare(code, [['LP1', 20_000]]);
    const key = randomUUID();
    const first = paymentOf(await stage.open(code, {}, key));
    await stage.press(String(first['reference']), String(first['payUrl']));
    await stage.until(String(first['reference']), 'PAID');
    expect(paymentOf(await stage.open(code, {}, key))).toMatchObject({ reference: first['reference'], state: 'PAID' });
    expect(await stage.open(code, { language: 'EN' }, key)).toMatchObject({ __typename: 'IdempotencyConflict', key });
    expect(await stage.open(code)).toMatchObject({ code: 'NOTHING_DUE' });
    expect(await stage.declare(code, [['LP1', 30_000]])).toMatchObject({ problems: [{ field: 'fees[0]', code: 'FEE_PAID' }] });
    expect(await stage.ledger(String(first['reference']))).toEqual({ CITIZEN: -20_000, 'TRANSIT/vnpay': 20_000 });
  });

  it('ten at once open one payment', async () => {
    const code = await stage.dossier(12);
    await stage.declare(code, [['LP1', 20_000], ['LP2', 5_000]]);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => stage.open(code, index % 2 === 0 ? {} : { itemKeys: ['LP2'] })));
    const kinds = answers.map((answer: Found) => answer.__typename).sort();
    expect(kinds).toEqual([...Array.from({ length: 9 }, () => 'PaymentAlreadyOpen'), 'PaymentOpened']);
    const { rows } = await stage.database.query<{ count: number }>('SELECT count(*)::integer AS count FROM payments WHERE dossier_code = $1', [code]);
    expect(rows[0]?.count).toBe(1);
    // Whichever of the ten won, it holds LP2.
    expect(await stage.declare(code, [['LP2', 1]])).toMatchObject({ problems: [{ code: 'FEE_HELD' }] });
  });

  it('draws the code of a payment that has one', async () => {
    const { reference } = await stage.opened(13);
    const content = '00020101021238570010A000000727';
    await stage.database.query('UPDATE payments SET qr_sealed = $2 WHERE reference = $1', [reference, sealQr(new FieldCipher([{ id: 'k1', key: FIELD_KEY }]), reference, content)]);
    const found = await stage.as('portal', 'query ($reference: ID!) { payment(reference: $reference) { qr { content svg pngDataUri } } }', { reference });
    for (const role of ['leader', 'auditor'] as const) expect(await stage.as(role, 'query ($reference: ID!) { payment(reference: $reference) { reference payUrl qr { content } } }', { reference })).toEqual({ reference, payUrl: null, qr: null });
    expect(found).toMatchObject({ qr: { content, svg: expect.stringContaining('<svg') as unknown, pngDataUri: expect.stringMatching(/^data:image\/png;base64,/) as unknown } });
  });
});

describe('what callers see', () => {
  it('is their own: another client, and another agency, see nothing', async () => {
    const { reference, code } = await stage.opened(20);
    expect(await stage.read(reference, 'portal')).toMatchObject({ reference });
    expect(await stage.read(reference, 'agency')).toEqual({ codes: [] });
    const list = 'query ($code: ID!) { payments(filter: { dossierCode: $code }) { nodes { reference } } }';
    expect(await stage.as('auditor', list, { code })).toEqual({ nodes: [{ reference }] });
    expect(await stage.as('agency', list, { code })).toEqual({ nodes: [] });
    await stage.database.query(`UPDATE payments SET client = 'other' WHERE reference = $1`, [reference]);
    expect(await stage.read(reference, 'portal')).toEqual({ codes: [] });
    expect(await stage.as('portal', `mutation { cancelPayment(idempotencyKey: "${randomUUID()}", reference: "${reference}") { ... on PaymentActionRefused { code } } }`)).toEqual({ code: 'NOT_FOUND' });
    expect(await stage.as('portal', 'query ($code: ID!) { feesOfDossier(dossierCode: $code) { key } }', { code: '000.12.34.H42-260101-99999' })).toEqual({ codes: [] });
  });

  it('is read page by page, filtered, and never tells who paid', async () => {
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const page = await stage.as('operator', 'query ($after: String) { payments(filter: { gateway: "vnpay", underCode: "000.12.34.H42", needsPerson: false, surplus: false, from: "2020-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" }, first: 2, after: $after) { nodes { reference } pageInfo { endCursor hasNextPage } } }', { after });
      seen.push(...(page['nodes'] as { reference: string }[]).map(({ reference }) => reference));
      const { endCursor, hasNextPage } = page['pageInfo'] as { endCursor: string; hasNextPage: boolean };
      after = endCursor;
      if (!hasNextPage) break;
    }
    const { rows } = await stage.database.query<{ reference: string }>('SELECT reference FROM payments ORDER BY id DESC');
    expect(seen).toEqual(rows.map(({ reference }) => reference));
    expect(await stage.as('operator', '{ payments(after: "x") { nodes { reference } } }')).toEqual({ codes: ['BAD_USER_INPUT'] });
    expect(await stage.as('operator', '{ payments(first: 201) { nodes { reference } } }')).toEqual({ codes: ['BAD_USER_INPUT'] });
  });
});
