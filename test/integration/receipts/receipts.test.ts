import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../../../src/access/caller.js';
import { bearer } from '../../support/composed-gateway.js';
import { eventually } from '../../support/eventually.js';
import { insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

let stage: PaymentStage;
let officeUrl: string;

const PAYER = { name: 'Nguyễn Thị <Mẫu> & Con', idNumber: '036199054321', address: 'Số 9 ngõ Mẫu', province: 'Ninh Bình' };
const RECEIPT = 'key paymentReference dossierCode state adjusts totalVnd pattern serial number issuer code person { code } pdfUrl';

beforeAll(async () => {
  stage = await startPaymentStage({ RECEIPTS_ISSUE: 'true', REFUND_FOUR_EYES_ABOVE_VND: '1000000', VNPT_RECEIPT_IN_FLIGHT_MS: '200' }, { worker: true });
  officeUrl = stage.gateway.environment['VNPT_RECEIPT_URL'] ?? '';
  await insertAccount(stage.database, '000.12.34.H42');
});
afterAll(() => stage.gateway.close());

const office = async (path: string, body?: object): Promise<unknown> => {
  const response = await fetch(`${officeUrl}/control/${path}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
  return response.status === 404 ? null : response.json();
};
afterEach(async () => { await office('behave', {}); });

const receiptOf = (reference: string, role: Role = 'operator'): Promise<Found> => stage.as(role, `query ($reference: ID!) { receipt(paymentReference: $reference) { ${RECEIPT} } }`, { reference });
const receiptsOf = async (paymentReference: string): Promise<readonly Found[]> =>
  (await stage.as('operator', `query ($filter: ReceiptFilter!) { receipts(filter: $filter) { nodes { ${RECEIPT} } pageInfo { hasNextPage endCursor } } }`, { filter: { paymentReference } }))['nodes'] as Found[];
const until = async (reference: string, state: string, person: string | null = null): Promise<Found> => {
  let found: Found = {};
  await eventually(`the receipt of ${reference} to be ${state}`, async () => {
    found = await receiptOf(reference);
    return found['state'] === state && ((found['person'] as Found | null)?.['code'] ?? null) === person;
    // The lost answers before may have opened the breaker, which tries again after a while.
  }, { timeoutMs: 45_000 });
  return found;
};
const paid = async (number: number, fees: readonly (readonly [string, number])[] = [['LP1', 50_000]]): Promise<{ readonly code: string; readonly reference: string }> => {
  const code = await stage.dossier(number);
  await stage.declare(code, fees);
  const { reference, payUrl } = paymentOf(await stage.open(code, { payer: PAYER }));
  await stage.press(String(reference), String(payUrl));
  await stage.until(String(reference), 'PAID');
  return { code, reference: String(reference) };
};
const events = async (code: string): Promise<readonly string[]> => {
  const { rows } = await stage.database.query<{ type: string }>(`SELECT type FROM events WHERE dossier_code = $1 AND operation = 'receipt' ORDER BY id`, [code]);
  return rows.map(({ type }) => type);
};
const act = (field: string, args: string): Promise<Found> =>
  stage.as('operator', `mutation ($key: IdempotencyKey!) { ${field}(idempotencyKey: $key, reason: "kiểm thử", ${args}) { __typename ... on ReceiptChanged { receipt { state person { code } } } ... on PaymentActionRefused { code } } }`, { key: randomUUID() });
const refund = async (reference: string, amountVnd: number | null): Promise<void> => {
  const asked = await stage.act('operator', 'requestRefund', `reference: "${reference}"${amountVnd === null ? '' : `, amountVnd: ${String(amountVnd)}`}`);
  expect(asked).toMatchObject({ __typename: 'RefundChanged' });
  await eventually('the refund to be taken', async () => {
    const response = await fetch(`${stage.vnpayUrl}/control/settle-refund`, { method: 'POST', body: JSON.stringify({ reference, status: '00' }) });
    return response.ok;
  }, { timeoutMs: 15_000 });
};

describe('a paid payment', () => {
  it('has its receipt issued once, and the PDF behind a signed link', async () => {
    const { code, reference } = await paid(900, [['LP1', 8_000], ['LP2', 50_000]]);
    const receipt = await until(reference, 'ISSUED');
    expect(receipt).toMatchObject({ key: reference, totalVnd: 58_000, pattern: '01BLP0-001', serial: 'BL-26E', number: expect.stringMatching(/^\d+$/), issuer: 'vnpt-receipt' });
    expect(await office(`receipts/${reference}`)).toMatchObject({ totalVnd: 58_000, dossierCode: code, state: 'issued' });
    const pdf = await fetch(String(receipt['pdfUrl']));
    expect([pdf.status, pdf.headers.get('content-type'), pdf.headers.get('content-disposition')]).toEqual([200, 'application/pdf', `attachment; filename*=UTF-8''bien-lai-${reference}.pdf`]);
    expect((await pdf.text()).startsWith('%PDF-')).toBe(true);
    expect(await events(code)).toEqual(['receipt.issued']);
  });

  it('shows the paper to those who may know the payer, and nothing to a stranger', async () => {
    const { reference } = await paid(901);
    await until(reference, 'ISSUED');
    expect((await receiptOf(reference, 'portal'))['pdfUrl']).toEqual(expect.stringContaining('/files/'));
    expect((await receiptOf(reference, 'auditor'))['pdfUrl']).toBeNull();
    expect(await receiptOf(reference, 'agency')).toEqual({ codes: [] });
    const anonymous = await stage.gateway.query({}, `{ receipt(paymentReference: "${reference}") { key } }`);
    expect(anonymous.codes).not.toEqual([]);
    const { rows } = await stage.database.query<{ journal: string }>(`SELECT coalesce(string_agg(a::text, ' '), '') AS journal FROM attempts a`);
    for (const canary of ['Mẫu', PAYER.idNumber, 'demo-staff-password']) expect(`${rows[0]?.journal ?? ''} ${stage.gateway.logLines.join(' ')}`).not.toContain(canary);
  });

  it.each(['reset', '5xx', 'html', 'fault', 'reset-before'])('has one receipt after a lost answer (%s)', async (kind) => {
    const before = (await office('receipts')) as unknown[];
    await office('misbehave', { kind, operation: 'issue' });
    const { reference } = await paid(910 + ['reset', '5xx', 'html', 'fault', 'reset-before'].indexOf(kind));
    expect(await until(reference, 'ISSUED')).toMatchObject({ key: reference, number: expect.stringMatching(/^\d+$/) });
    expect((await office('receipts')) as unknown[]).toHaveLength(before.length + 1);
  });

  it('that the office refuses waits for a person, who has it issued under the same key', async () => {
    await office('misbehave', { kind: 'code', operation: 'issue', value: 'ERR:5' });
    const { code, reference } = await paid(920);
    expect(await until(reference, 'REFUSED', 'refused')).toMatchObject({ code: 'ERR:5', pdfUrl: null });
    expect(await act('reissueReceipt', `key: "${reference}"`)).toMatchObject({ __typename: 'ReceiptChanged', receipt: { person: null } });
    await until(reference, 'ISSUED');
    expect(await act('reissueReceipt', `key: "${reference}"`)).toMatchObject({ __typename: 'PaymentActionRefused', code: 'STATE' });
    expect(await act('reissueReceipt', 'key: "OG0000000000000"')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await events(code)).toEqual(['receipt.refused', 'receipt.issued']);
  });
});

describe('what an operator watches', () => {
  it('is counted while it is owed, when it was refused, and when it is issued', async () => {
    const figures = async (): Promise<string> => (await fetch(`${stage.gateway.url}/metrics`, { headers: bearer(stage.gateway.keys.operator) })).text();
    const isReady = async (): Promise<unknown> => (await (await fetch(`${stage.gateway.url}/health/ready`)).json()) as unknown;
    // It stays owed until we have looked.
    await office('misbehave', { kind: '5xx-before', operation: 'issue', times: 100 });
    const { reference } = await paid(940);
    await eventually('an owed receipt among the figures', async () => /^onestop_receipts_open\{issuer="vnpt-receipt",state="OWED"\} 1$/m.test(await figures()));
    expect(await figures()).toMatch(/^onestop_receipt_oldest_seconds\{issuer="vnpt-receipt",state="OWED"\} [\d.e-]+$/m);
    await office('behave', {});
    await until(reference, 'ISSUED');
    expect(await figures()).not.toContain('onestop_receipts_open{');
    expect(await figures()).toMatch(/^onestop_receipts_total\{issuer="vnpt-receipt",outcome="issued"\} [1-9]\d*$/m);
    await office('misbehave', { kind: 'code', operation: 'issue', value: 'ERR:5' });
    const refused = await paid(941);
    await until(refused.reference, 'REFUSED', 'refused');
    expect(await figures()).toMatch(/^onestop_receipts_for_persons\{issuer="vnpt-receipt",reason="refused"\} 1$/m);
    // What waits for a person makes no process unfit.
    expect(await isReady()).toMatchObject({ checks: { receipts: true } });
    await act('reissueReceipt', `key: "${refused.reference}"`);
    await until(refused.reference, 'ISSUED');
  });
});

describe('money that went back', () => {
  it('cancels the receipt when all of it did', async () => {
    const { code, reference } = await paid(930);
    await until(reference, 'ISSUED');
    await refund(reference, null);
    await stage.until(reference, 'REFUNDED');
    await until(reference, 'CANCELLED');
    expect(await office(`receipts/${reference}`)).toMatchObject({ state: 'cancelled' });
    expect(await events(code)).toEqual(['receipt.issued', 'receipt.cancelled']);
  });

  it('adjusts it when a part did, and leaves the rest to a person when the rest follows', async () => {
    const { code, reference } = await paid(931, [['LP1', 8_000], ['LP2', 50_000]]);
    await until(reference, 'ISSUED');
    await refund(reference, 20_000);
    await eventually('the adjustment', async () => (await receiptsOf(reference)).some(({ adjusts, state }) => adjusts === reference && state === 'ISSUED'), { timeoutMs: 20_000 });
    const [adjusting] = await receiptsOf(reference);
    expect(adjusting).toMatchObject({ key: `${reference}A1`, totalVnd: 38_000, adjusts: reference });
    expect(await office(`receipts/${reference}A1`)).toMatchObject({ totalVnd: 38_000, adjusts: reference });
    await refund(reference, 38_000);
    await until(reference, 'ISSUED', 'adjusted-before');
    expect(await act('closeReceiptCase', `key: "${reference}", cancelled: true`)).toMatchObject({ receipt: { state: 'CANCELLED', person: null } });
    expect(await events(code)).toEqual(['receipt.issued', 'receipt.adjusted', 'receipt.cancelled']);
  });
});
