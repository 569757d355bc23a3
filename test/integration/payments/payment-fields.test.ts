import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { GraphQLError } from 'graphql';
import { ROLES } from '../../../src/access/caller.js';
import type { Role } from '../../../src/access/caller.js';
import { ForbiddenError, UserInputError } from '../../../src/errors/gateway-error.js';
import { creditContext, sealQr } from '../../../src/payments/payment-content.js';
import type { PaymentModule } from '../../../src/payments/payment-module.js';
import { DossierGateway } from '../../support/dossier-gateway.js';
import { codeNumber, dossierInput } from '../../support/dossier-inputs.js';
import { AMOUNT_VND, DESK_CIPHER, PaymentDesk, bank, refundPort } from '../../support/payment-desk.js';
import { insertAccount } from '../../support/payment-gateway.js';
import type { Found } from '../../support/payment-gateway.js';

const REFUSED = '__typename ... on PaymentActionRefused { code message { vi en } problems { field code } } ... on IdempotencyConflict { key message { vi en } }';
const PAYMENT = '... on PaymentChanged { payment { reference state surplus person { code } settlements { id settleAs bankReference state } } }';
const REFUND = '... on RefundChanged { refund { requestId amountVnd state approvedBy settledBy handOutcome handReference payment { reference state } } }';

let desk: PaymentDesk;
let payments: PaymentModule;
let gateway: DossierGateway;

beforeAll(async () => {
  desk = await PaymentDesk.open();
  await insertAccount(desk.database, '000.12.34.H42', { gateways: [] });
  await desk.database.query(`UPDATE bank_accounts SET usable_at = '2020-01-01'`);
  payments = desk.module([bank({ refunds: refundPort(), open: () => Promise.resolve({ kind: 'opened', payUrl: 'https://pay.example/x', qrContent: null, gatewayTransaction: null, gatewayData: {} }) })]);
  gateway = new DossierGateway(desk.database, { also: { sdl: ['payment.graphql'], resolvers: () => payments.resolvers } });
});
afterAll(() => desk.close());

const callerOf = (role: Role) => ({ client: { portal: 'portal-1', operator: 'an', supervisor: 'binh' }[role as string] ?? role, role, agencyScope: null });
const ask = async (role: Role, document: string, variables: object = {}): Promise<{ readonly found: Found | null; readonly errors: readonly (Error | undefined)[] }> => {
  const { data, errors } = await gateway.call(callerOf(role), document, variables);
  return { found: Object.values((data as Readonly<Record<string, Found | null>> | null | undefined) ?? {})[0] ?? null, errors: errors.map((error) => (error as GraphQLError).originalError) };
};
const read = async (role: Role, document: string, variables: object = {}): Promise<Found | null> => {
  const { found, errors } = await ask(role, document, variables);
  expect(errors).toEqual([]);
  return found;
};
/** A mutation with a key of its own, and a reason where one is asked for. */
const act = (role: Role, field: string, args: string, { result = PAYMENT, reason = 'reason: "vì sao", ' } = {}): Promise<Found | null> =>
  read(role, `mutation { ${field}(idempotencyKey: "${randomUUID()}", ${reason}${args}) { ${REFUSED} ${result} } }`);
const refundAct = (role: Role, field: string, args: string): Promise<Found | null> => act(role, field, args, { result: REFUND });
const idOf = (answer: Found | null): string => String((answer?.['refund'] as Found)['requestId']);
const refunded = (reference: string, over: object) => ({ __typename: 'RefundChanged', refund: expect.objectContaining({ payment: expect.objectContaining({ reference }), ...over }) });

const READERS: readonly Role[] = ['portal', 'agency', 'operator', 'supervisor', 'leader', 'auditor'];
const OPERATORS: readonly Role[] = ['operator', 'supervisor'];

describe('who may', () => {
  const CALL = 'idempotencyKey: "k"';
  const WHY = `${CALL}, reason: "vì sao"`;
  it.each<readonly [string, readonly Role[]]>([
    ['mutation { declareFees(#, dossierCode: "x", fees: []) { __typename } }', ['portal']], ['mutation { openPayment(#, payment: { dossierCode: "x" }) { __typename } }', ['portal']],
    ['mutation { cancelPayment(!, reference: "x") { __typename } }', ['portal', ...OPERATORS]], ['mutation { askPayment(!, reference: "x") { __typename } }', OPERATORS],
    ['mutation { requestRefund(!, reference: "x") { __typename } }', OPERATORS], ['mutation { approveRefund(!, requestId: "x") { __typename } }', ['supervisor']], ['mutation { declineRefund(!, requestId: "x") { __typename } }', OPERATORS],
    ['mutation { recordManualRefund(!, requestId: "x", bankReference: "1") { __typename } }', OPERATORS], ['mutation { settleRefundByHand(!, requestId: "x", settleAs: NOT_DONE) { __typename } }', OPERATORS],
    ['mutation { decideSurplus(!, reference: "x", as: KEEP) { __typename } }', OPERATORS], ['mutation { closePaymentCase(!, reference: "x") { __typename } }', OPERATORS],
    ['mutation { settlePaymentByHand(!, reference: "x", settleAs: NOT_PAID) { __typename } }', OPERATORS], ['mutation { decideSettlement(!, id: "1", approve: true) { __typename } }', ['supervisor']], ['mutation { matchCredit(!, id: "9999") { __typename } }', OPERATORS],
    ['{ payment(reference: "x") { reference } }', READERS], ['{ payments { nodes { reference } } }', READERS], ['{ feesOfDossier(dossierCode: "x") { key } }', READERS],
    ['{ refunds { nodes { requestId } } }', [...OPERATORS, 'auditor']], ['{ unmatchedCredits { nodes { id } } }', [...OPERATORS, 'auditor']],
  ])('%s: %j', async (field, may) => {
    const passed = await Promise.all(ROLES.map(async (role) => ((await ask(role, field.replace('#', CALL).replace('!', WHY))).errors.some((error) => error instanceof ForbiddenError) ? [] : [role])));
    expect(passed.flat()).toEqual([...ROLES].filter((role) => may.includes(role)));
  });
});

describe('what a portal does', () => {
  const DECLARE = `mutation ($code: ID!, $key: IdempotencyKey!, $amountVnd: Float!, $drop: Boolean!) { declareFees(idempotencyKey: $key, dossierCode: $code, fees: [{ key: "A", kind: FEE, name: "Phí A", amountVnd: $amountVnd }], dropOthers: $drop) { ${REFUSED} ... on FeesDeclared { fees { key kind name amountVnd dropped openPayment paidBy } } } }`;
  const OPEN = `mutation ($key: IdempotencyKey!, $code: ID!, $gateway: String) { openPayment(idempotencyKey: $key, payment: { dossierCode: $code, gateway: $gateway }) { ${REFUSED}
    ... on PaymentOpened { payment { reference state payUrl stateLabel { vi en } items { key amountVnd } } } ... on PaymentAlreadyOpen { message { vi en } references } ... on NoUsableAccount { message { vi en } } ... on NoGateway { message { vi en } } } }`;
  const dossier = async (number: number): Promise<string> => {
    const code = codeNumber(number);
    await gateway.upsert(`k${String(number)}`, [dossierInput({ code })]);
    return code;
  };

  it('shows what is owed, what is being paid and what is paid, by the references of payments', async () => {
    const code = await dossier(1);
    const fee = { key: 'A', kind: 'FEE', name: 'Phí A', amountVnd: 8_000, dropped: false, openPayment: null, paidBy: null };
    expect(await read('portal', DECLARE, { key: 'd1', code, amountVnd: 8_000, drop: false })).toEqual({ __typename: 'FeesDeclared', fees: [fee] });
    const opened = await read('portal', OPEN, { key: 'o1', code });
    const { reference } = opened?.['payment'] as Found;
    expect(opened).toEqual({ __typename: 'PaymentOpened', payment: { reference, state: 'AWAITING', payUrl: 'https://pay.example/x', stateLabel: { vi: 'Chờ thanh toán', en: 'Waiting for the citizen' }, items: [{ key: 'A', amountVnd: 8_000 }] } });
    const owed = 'query ($code: ID!) { feesOfDossier(dossierCode: $code) { key kind name amountVnd dropped openPayment paidBy } }';
    expect(await read('leader', owed, { code })).toEqual([{ ...fee, openPayment: reference }]);
    await desk.database.query(`UPDATE fee_items SET open_payment = NULL, paid_by = (SELECT id FROM payments WHERE reference = $2), dropped_at = now() WHERE dossier_code = $1`, [code, reference]);
    expect(await read('portal', owed, { code })).toEqual([{ ...fee, paidBy: reference, dropped: true }]);
    expect(await read('portal', owed, { code: codeNumber(99) })).toBeNull();
  });

  it('is refused in both languages, with what stands in the way', async () => {
    const code = await dossier(2);
    expect(await read('portal', OPEN, { key: 'o2', code })).toEqual({ __typename: 'PaymentActionRefused', code: 'NOTHING_DUE', message: { vi: 'Hồ sơ không còn khoản nào phải nộp', en: 'The dossier owes nothing' }, problems: [] });
    await read('portal', DECLARE, { key: 'd2', code, amountVnd: 8_000, drop: true });
    expect(await read('portal', DECLARE, { key: 'd2', code, amountVnd: 9_000, drop: true })).toEqual({ __typename: 'IdempotencyConflict', key: 'd2', message: { vi: 'Khoá chống trùng đã dùng cho nội dung khác', en: 'The key was used with other content' } });
    expect(await read('portal', OPEN, { key: 'o3', code, gateway: 'none' })).toEqual({ __typename: 'NoGateway', message: { vi: 'Hiện không có cổng thanh toán nào dùng được cho cơ quan này', en: 'No payment gateway can be used for this agency now' } });
    const { reference } = (await read('portal', OPEN, { key: 'o4', code }))?.['payment'] as Found;
    expect(await read('portal', OPEN, { key: 'o5', code })).toEqual({ __typename: 'PaymentAlreadyOpen', message: { vi: 'Khoản thu đang có một lượt thanh toán chưa kết thúc', en: 'A payment of these fees is open' }, references: [reference] });
    expect(await read('portal', DECLARE, { key: 'd3', code, amountVnd: 9_000, drop: false })).toMatchObject({ code: 'INPUT', problems: [{ field: 'fees[0]', code: 'FEE_HELD' }] });
    await desk.database.query(`UPDATE fee_items SET open_payment = NULL WHERE dossier_code = $1`, [code]);
    await desk.database.query(`UPDATE bank_accounts SET usable_at = '2100-01-01' WHERE agency_code = '000.12.34.H42'`);
    expect(await read('portal', OPEN, { key: 'o6', code })).toEqual({ __typename: 'NoUsableAccount', message: { vi: 'Cơ quan chưa có tài khoản thụ hưởng dùng được', en: 'The agency has no bank account that can be used' } });
  });

  it('needs no reason to end a payment, which an operator must give', async () => {
    const given = (): Promise<string> => desk.given('AWAITING', `client = 'portal-1'`);
    const [first, second, third] = [await given(), await given(), await given()];
    const cancelled = (reference: string) => ({ __typename: 'PaymentChanged', payment: { reference, state: 'CANCELLED', surplus: false, person: null, settlements: [] } });
    expect(await act('portal', 'cancelPayment', `reference: "${first}"`, { reason: '' })).toEqual(cancelled(first));
    expect(await act('portal', 'cancelPayment', `reference: "${second}"`)).toEqual(cancelled(second));
    const [key, sent] = [randomUUID(), (reason: string, reference: string) => read('portal', `mutation { cancelPayment(idempotencyKey: "${key}", reason: "${reason}", reference: "${reference}") { __typename } }`)];
    const fourth = await given();
    expect([await sent('đổi cách nộp', fourth), await sent('đổi cách nộp', fourth), await sent('khác', fourth)]).toEqual(['PaymentChanged', 'PaymentChanged', 'IdempotencyConflict'].map((__typename) => ({ __typename })));
    for (const reason of ['', 'reason: "  ", ', 'reason: null, ']) {
      const { errors } = await ask('operator', `mutation { cancelPayment(idempotencyKey: "${randomUUID()}", ${reason}reference: "${third}") { __typename } }`);
      expect(errors).toEqual([expect.any(UserInputError)]);
      expect((errors[0] as UserInputError).problems).toMatchObject([{ field: 'reason', code: 'LENGTH' }]);
    }
    expect(await act('operator', 'cancelPayment', `reference: "${third}"`)).toEqual(cancelled(third));
    expect(await desk.audit(third)).toMatchObject([{ actor: 'an', action: 'cancel-payment', reason: 'vì sao' }]);
  });
});

describe('what persons do', () => {
  it('about refunds shows the refund as it is after it', async () => {
    const reference = await desk.given('PAID');
    const first = await refundAct('operator', 'requestRefund', `reference: "${reference}", amountVnd: 30000`);
    expect(first).toEqual(refunded(reference, { amountVnd: 30_000, state: 'REQUESTED' }));
    expect(await refundAct('supervisor', 'declineRefund', `requestId: "${idOf(first)}"`)).toEqual(refunded(reference, { state: 'DECLINED', settledBy: 'binh' }));
    const second = idOf(await refundAct('operator', 'requestRefund', `reference: "${reference}"`));
    expect(await refundAct('supervisor', 'approveRefund', `requestId: "${second}"`)).toEqual(refunded(reference, { amountVnd: AMOUNT_VND, state: 'APPROVED', approvedBy: 'binh', payment: { reference, state: 'REFUNDING' } }));
    expect(await refundAct('supervisor', 'recordManualRefund', `requestId: "${second}", bankReference: "UNC-1"`)).toMatchObject({ __typename: 'PaymentActionRefused', code: 'STATE', message: { vi: 'Trạng thái hiện tại không cho phép thao tác này', en: 'Its state does not allow this' } });
    await desk.database.query(`UPDATE refunds SET state = 'PROCESSING', approved_at = now() - interval '4 days' WHERE request_id = $1`, [second]);
    await desk.database.query(`UPDATE deliveries SET state = 'accepted', settled_at = now() WHERE id = (SELECT delivery_id FROM refunds WHERE request_id = $1)`, [second]);
    expect(await refundAct('operator', 'settleRefundByHand', `requestId: "${second}", settleAs: DONE, bankReference: "UNC-2"`)).toEqual(refunded(reference, { state: 'PROCESSING', handOutcome: 'DONE', handReference: 'UNC-2' }));
    expect(await refundAct('supervisor', 'settleRefundByHand', `requestId: "${second}", settleAs: NOT_DONE`)).toEqual(refunded(reference, { state: 'PROCESSING', handOutcome: 'NOT_DONE', handReference: null }));
    expect(await refundAct('operator', 'declineRefund', `requestId: "${second}"`)).toMatchObject({ code: 'ALREADY_DECIDED' });
  });

  it('a refund that a person carried is shown with the bank\'s number', async () => {
    const reference = await desk.given('PAID', `gateway = 'gone'`);
    const requestId = idOf(await refundAct('operator', 'requestRefund', `reference: "${reference}", amountVnd: 10000`));
    expect(await refundAct('supervisor', 'recordManualRefund', `requestId: "${requestId}", bankReference: "UNC-3"`)).toEqual(refunded(reference, { state: 'DONE', settledBy: 'binh' }));
    expect(await read('auditor', '{ refunds(state: DONE, first: 1) { nodes { requestId gatewayTransaction stateLabel { vi en } payment { reference paidVnd } } pageInfo { hasNextPage } } }'))
      .toMatchObject({ nodes: [{ requestId, gatewayTransaction: 'UNC-3', stateLabel: { vi: 'Đã hoàn', en: 'Given back' }, payment: { reference, paidVnd: AMOUNT_VND } }], pageInfo: { hasNextPage: false } });
  });

  it('about a surplus is to keep it, or to ask for it back', async () => {
    const surplus = async (): Promise<string> => {
      const reference = await desk.given('PAID', `surplus = true, person_reason = 'surplus'`);
      await desk.rows(reference, 'UPDATE fee_items SET paid_by = NULL WHERE dossier_code = $1');
      await desk.rows(reference, `SELECT post_ledger('SURPLUS', 'TRANSIT/bank', 'REFUND_DUE', amount_vnd, id, NULL) FROM payments WHERE reference = $1`);
      return reference;
    };
    const [kept, back] = [await surplus(), await surplus()];
    expect(await act('operator', 'decideSurplus', `reference: "${kept}", as: KEEP`)).toMatchObject({ payment: { reference: kept, state: 'PAID', surplus: false, person: null } });
    expect(await act('operator', 'decideSurplus', `reference: "${back}", as: REFUND`)).toMatchObject({ payment: { reference: back, state: 'PAID', surplus: true, person: { code: 'surplus' } } });
    expect(await desk.rows(back, 'SELECT amount_vnd::integer AS vnd, state FROM refunds WHERE payment_id = (SELECT id FROM payments WHERE reference = $1)')).toEqual([{ vnd: AMOUNT_VND, state: 'REQUESTED' }]);
  });

  it('about a payment shows the payment as it is after it', async () => {
    const reference = await desk.given('UNKNOWN', `person_reason = 'amount'`);
    expect(await act('operator', 'askPayment', `reference: "${reference}"`)).toMatchObject({ payment: { reference, state: 'UNKNOWN' } });
    expect((await desk.payment(reference))?.askAt).not.toBeNull();
    expect(await act('operator', 'closePaymentCase', `reference: "${reference}"`)).toMatchObject({ payment: { person: null } });
    const asked = await act('operator', 'settlePaymentByHand', `reference: "${reference}", settleAs: NOT_PAID`);
    const { settlements: [first] } = asked?.['payment'] as { settlements: { id: string }[] };
    expect(asked).toMatchObject({ payment: { settlements: [{ settleAs: 'NOT_PAID', bankReference: null, state: 'REQUESTED' }] } });
    expect(await act('supervisor', 'decideSettlement', `id: "${first?.id ?? ''}", approve: false`)).toMatchObject({ payment: { state: 'UNKNOWN', settlements: [{ state: 'DECLINED' }] } });
    const again = (await act('operator', 'settlePaymentByHand', `reference: "${reference}", settleAs: PAID, bankReference: "FT-9"`))?.['payment'] as { settlements: { id: string }[] };
    expect(await act('supervisor', 'decideSettlement', `id: "${again.settlements[1]?.id ?? ''}", approve: true`)).toMatchObject({ payment: { state: 'PAID', settlements: [{ state: 'DECLINED' }, { bankReference: 'FT-9', state: 'APPROVED' }] } });
    for (const field of ['askPayment', 'closePaymentCase']) expect(await act('operator', field, 'reference: "OGNONE00"')).toMatchObject({ code: 'NOT_FOUND', message: { vi: 'Không tìm thấy', en: 'There is no such thing' } });
  });

  it('about money without a payment shows it, with its text only to who may match it', async () => {
    const credit = async (number: string): Promise<string> => (await desk.database.query<{ id: string }>(`INSERT INTO unmatched_credits (party, bank_reference, amount_vnd, key_id, content_sealed, reason, at) VALUES ('bank', $1, 50000, 'k1', $2, 'no-reference', now()) RETURNING id`, [number, DESK_CIPHER.seal('nguyen van an nop le phi', creditContext('bank', number))])).rows[0]?.id ?? '';
    const [first, second, reference] = [await credit('C-1'), await credit('C-2'), await desk.given('AWAITING')];
    const list = (role: Role, resolved = 'false') => read(role, `{ unmatchedCredits(resolved: ${resolved}) { nodes { id bankReference content resolution } pageInfo { hasNextPage } } }`);
    const shown = (id: string, bankReference: string, content: string | null, resolution: string | null = null) => ({ id, bankReference, content, resolution });
    for (const role of OPERATORS) expect(await list(role)).toEqual({ nodes: [shown(first, 'C-1', 'nguyen van an nop le phi'), shown(second, 'C-2', 'nguyen van an nop le phi')], pageInfo: { hasNextPage: false } });
    expect(await list('auditor')).toMatchObject({ nodes: [shown(first, 'C-1', null), shown(second, 'C-2', null)] });
    const result = '... on CreditMatched { credit { id resolution resolvedBy content } }';
    expect(await act('operator', 'matchCredit', `id: "${first}", reference: "${reference}"`, { result })).toEqual({ __typename: 'CreditMatched', credit: { id: first, resolution: 'proposed', resolvedBy: 'an', content: 'nguyen van an nop le phi' } });
    expect(await act('supervisor', 'matchCredit', `id: "${second}"`, { result })).toMatchObject({ credit: { id: second, resolution: 'closed' } });
    expect(await act('supervisor', 'matchCredit', `id: "${second}"`, { result })).toMatchObject({ code: 'ALREADY_DECIDED' });
    expect(await list('auditor', 'true')).toMatchObject({ nodes: [shown(second, 'C-2', null, 'closed')] });
  });
});

describe('a payment as people read it', () => {
  it('has its state and why a person must look in both languages, also for a reason that is new', async () => {
    const [known, other] = [await desk.given('PAID', `person_reason = 'paid-twice'`), await desk.given('DISPUTED', `person_reason = 'brand-new'`)];
    const look = 'query ($reference: ID!) { payment(reference: $reference) { stateLabel { vi en } person { code message { vi en } } qr { content } } }';
    expect(await read('leader', look, { reference: known })).toEqual({ stateLabel: { vi: 'Đã thanh toán', en: 'Paid' }, person: { code: 'paid-twice', message: { vi: 'Có thể đã thu tiền hai lần', en: 'Money may have been taken twice' } }, qr: null });
    expect(await read('auditor', look, { reference: other })).toMatchObject({ person: { code: 'brand-new', message: { vi: 'Cần người xem xét', en: 'A person must look' } } });
    expect(await read('auditor', look, { reference: 'OGNONE00' })).toBeNull();
    await desk.rows(known, `UPDATE payments SET qr_sealed = '${sealQr(DESK_CIPHER, known, '00020101')}' WHERE reference = $1`);
    expect(await read('portal', look, { reference: known })).toBeNull();
    expect(await read('operator', look, { reference: known })).toMatchObject({ qr: { content: '00020101' } });
    // A code of VietQR is the account's whole number, which a leader sees nowhere.
    expect(await read('leader', look, { reference: known })).toMatchObject({ person: { code: 'paid-twice' }, qr: null });
  });

  it('comes with all that hangs on it, of a page for one statement each', async () => {
    const [first, second] = [await desk.given('AWAITING', `agency_code = 'H42.7'`), await desk.given('PAID', `agency_code = 'H42.7'`)];
    await act('operator', 'askPayment', `reference: "${first}"`);
    await act('operator', 'cancelPayment', `reference: "${first}"`);
    await refundAct('operator', 'requestRefund', `reference: "${second}", amountVnd: 20000`);
    const { queries } = payments.services;
    const statements = [jest.spyOn(queries, 'itemsOf'), jest.spyOn(queries, 'historiesOf'), jest.spyOn(queries, 'refundsOf'), jest.spyOn(queries, 'settlementsOf'), jest.spyOn(queries, 'byReferences')];
    const page = await read('operator', '{ payments(filter: { underCode: "H42.7" }) { nodes { reference items { key } history { source toState } refunds { amountVnd payment { reference } } settlements { id } } pageInfo { hasNextPage endCursor } } }');
    expect(page).toEqual({ pageInfo: { hasNextPage: false, endCursor: expect.any(String) }, nodes: [
      { reference: second, items: [{ key: 'LP' }], history: [{ source: 'OPERATOR', toState: 'REFUNDING' }], refunds: [{ amountVnd: 20_000, payment: { reference: second } }], settlements: [] },
      { reference: first, items: [{ key: 'LP' }], history: [{ source: 'OPERATOR', toState: 'CANCELLED' }], refunds: [], settlements: [] },
    ] });
    expect(statements.map((spy) => spy.mock.calls.length)).toEqual([1, 1, 1, 1, 1]);
  });
});
