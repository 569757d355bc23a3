import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../../src/access/caller.js';
import type { PaymentCall } from '../../../src/payments/payment-action.js';
import type { PaymentModule } from '../../../src/payments/payment-module.js';
import { DossierGateway, PORTAL } from '../../support/dossier-gateway.js';
import { codeNumber, dossierInput } from '../../support/dossier-inputs.js';
import { PaymentDesk, bank, refundPort } from '../../support/payment-desk.js';
import { insertAccount } from '../../support/payment-gateway.js';

let desk: PaymentDesk;
let services: PaymentModule['services'];
let number = 0;

interface Answered { readonly kind: 'done' | 'conflict' | 'refused'; readonly result?: unknown }
/** What a case does, and the same action with other content. */
interface Case { readonly by: Partial<Caller>; readonly dossier?: string; readonly act: (call: PaymentCall) => Promise<Answered>; readonly other: (call: PaymentCall) => Promise<Answered> }

const idOf = async (reference: string, amountVnd: number): Promise<string> => {
  const asked = await services.refunds.request(desk.call('an'), reference, amountVnd);
  if (asked.kind !== 'done') throw new Error(JSON.stringify(asked));
  return asked.result.requestId;
};
const dossier = async (): Promise<string> => {
  const code = codeNumber(number += 1);
  await new DossierGateway(desk.database).upsert(`k${String(number)}`, [dossierInput({ code })]);
  return code;
};
const fees = (dossierCode: string, amountVnd: number) => ({ dossierCode, dropOthers: false, fees: [{ key: 'A', kind: 'FEE' as const, name: 'Phí', amountVnd }] });
const settled = async (reference: string): Promise<string> => {
  const asked = await services.settlements.request(desk.call('an'), reference, { settleAs: 'NOT_PAID', bankReference: null });
  return asked.kind === 'done' ? asked.result.id : '';
};
const SETTLE = { settleAs: 'NOT_PAID', bankReference: null } as const;

const CASES: Readonly<Record<string, () => Promise<Case>>> = {
  declareFees: async () => {
    const code = await dossier();
    return { by: PORTAL, dossier: code, act: (call) => services.fees.declare(call, fees(code, 8_000)), other: (call) => services.fees.declare(call, fees(code, 9_000)) };
  },
  openPayment: async () => {
    const code = await dossier();
    await services.fees.declare(desk.call(PORTAL.client, PORTAL), fees(code, 8_000));
    return { by: PORTAL, dossier: code, act: (call) => services.opening.open(call, { dossierCode: code }), other: (call) => services.opening.open(call, { dossierCode: code, itemKeys: ['A'] }) };
  },
  requestRefund: async () => {
    const reference = await desk.given('PAID');
    return { by: {}, act: (call) => services.refunds.request(call, reference, 30_000), other: (call) => services.refunds.request(call, reference, 20_000) };
  },
  approveRefund: async () => {
    const id = await idOf(await desk.given('PAID'), 30_000);
    return { by: {}, act: (call) => services.refunds.approve(call, id), other: (call) => services.refunds.approve(call, 'NONE') };
  },
  declineRefund: async () => {
    const id = await idOf(await desk.given('PAID'), 30_000);
    return { by: {}, act: (call) => services.refunds.decline(call, id), other: (call) => services.refunds.decline(call, 'NONE') };
  },
  decideSurplus: async () => {
    const reference = await desk.given('PAID', 'surplus = true');
    await desk.rows(reference, `SELECT post_ledger('SURPLUS', 'TRANSIT/bank', 'REFUND_DUE', amount_vnd, id, NULL) FROM payments WHERE reference = $1`);
    return { by: {}, act: (call) => services.refunds.keepSurplus(call, reference), other: (call) => services.refunds.keepSurplus(call, 'OGNONE00') };
  },
  recordManualRefund: async () => {
    const id = await idOf(await desk.given('PAID', `gateway = 'gone'`), 10_000);
    return { by: {}, act: (call) => services.byHand.record(call, id, 'UNC-1'), other: (call) => services.byHand.record(call, id, 'UNC-2') };
  },
  settleRefundByHand: async () => {
    const id = await idOf(await desk.given('PAID', `gateway = 'gone'`), 10_000);
    return { by: {}, act: (call) => services.byHand.settle(call, id, { outcome: 'NOT_DONE', bankReference: null }), other: (call) => services.byHand.settle(call, id, { outcome: 'DONE', bankReference: 'UNC-1' }) };
  },
  settlePaymentByHand: async () => {
    const reference = await desk.given('UNKNOWN');
    return { by: {}, act: (call) => services.settlements.request(call, reference, SETTLE), other: (call) => services.settlements.request(call, reference, { settleAs: 'PAID', bankReference: 'FT-1' }) };
  },
  decideSettlement: async () => {
    const id = await settled(await desk.given('UNKNOWN'));
    return { by: {}, act: (call) => services.settlements.decide(call, id, false), other: (call) => services.settlements.decide(call, id, true) };
  },
  cancelPayment: async () => {
    const [reference, second] = [await desk.given('AWAITING'), await desk.given('AWAITING')];
    return { by: {}, act: (call) => services.settlements.cancel(call, reference), other: (call) => services.settlements.cancel(call, second) };
  },
  askPayment: async () => {
    const [reference, second] = [await desk.given('UNKNOWN'), await desk.given('UNKNOWN')];
    return { by: {}, act: (call) => services.settlements.askNow(call, reference), other: (call) => services.settlements.askNow(call, second) };
  },
  closePaymentCase: async () => {
    const [reference, second] = [await desk.given('PAID', `person_reason = 'paid-twice'`), await desk.given('PAID', `person_reason = 'paid-twice'`)];
    return { by: {}, act: (call) => services.cases.close(call, reference), other: (call) => services.cases.close(call, second) };
  },
  matchCredit: async () => {
    const { rows: [row] } = await desk.database.query<{ id: string }>(`INSERT INTO unmatched_credits (party, bank_reference, amount_vnd, key_id, reason, at) VALUES ('bank', 'C-1', 1, 'k1', 'no-reference', now()) RETURNING id`);
    const id = row?.id ?? '';
    return { by: {}, act: (call) => services.credits.match(call, id, null), other: (call) => services.credits.match(call, id, 'OGNONE00') };
  },
};

beforeAll(async () => {
  desk = await PaymentDesk.open();
  await insertAccount(desk.database, '000.12.34.H42', { gateways: [] });
  await desk.database.query(`UPDATE bank_accounts SET usable_at = '2020-01-01'`);
  services = desk.module([bank({ refunds: refundPort(), open: () => Promise.resolve({ kind: 'rejected', code: '03', text: 'no' }) })]).services;
});
afterAll(() => desk.close());

describe('a key', () => {
  it.each(Object.entries(CASES))('stands for one %s: done once, repeated with its answer, refused for anything else, and kept as evidence', async (action, given) => {
    const { by, dossier: code, act, other } = await given();
    const call = desk.call('binh', by);
    const before = (await desk.rows(call.caller.client, `SELECT coalesce(max(id), 0) AS id, $1 AS who FROM evidence`))[0]?.['id'];
    const done = await act(call);
    expect(done.kind).toBe('done');
    expect([await act(call), await other(call), await act({ ...call, reason: 'vì lẽ khác' })]).toEqual([done, { kind: 'conflict', key: call.idempotencyKey }, { kind: 'conflict', key: call.idempotencyKey }]);
    expect(await desk.rows(String(before), `SELECT chain, subject FROM evidence WHERE id > $1::bigint AND kind = 'mutation' ORDER BY id`)).toEqual([{ chain: code === undefined ? 'client/binh' : `lane/${code}`, subject: action }]);
  });
});
