import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FeeDeclaration } from '../../../src/payments/fee-service.js';
import type { FeeInput } from '../../../src/payments/payment-input.js';
import { DossierGateway, OTHER_PORTAL, PORTAL } from '../../support/dossier-gateway.js';
import { codeNumber, dossierInput } from '../../support/dossier-inputs.js';
import { PaymentDesk, bank } from '../../support/payment-desk.js';

let desk: PaymentDesk;
let gateway: DossierGateway;
let code = '';
let number = 0;
/** Some payment of something else. */
let another = '';

const fee = (key: string, over: Partial<FeeInput> = {}): FeeInput => ({ key, kind: 'CHARGE', name: `Lệ phí ${key}`, amountVnd: 8_000, ...over });
const declare = (fees: readonly FeeInput[], over: Partial<FeeDeclaration> = {}, { client, role } = PORTAL) =>
  desk.module([bank()]).services.fees.declare(desk.call(client, { role }), { dossierCode: code, fees, dropOthers: false, ...over });
/** What stands in the way, by field. */
const problemsOf = async (answer: ReturnType<typeof declare>): Promise<string[]> => {
  const found = await answer;
  return found.kind === 'refused' ? found.refusal.problems.map((problem) => `${found.refusal.code} ${problem.field} ${problem.code}`) : [found.kind];
};
const stored = (): Promise<Record<string, unknown>[]> => desk.rows(code, `SELECT key, kind, name, amount_vnd::integer AS vnd, dropped_at IS NOT NULL AS dropped, paid_by IS NOT NULL AS paid FROM fee_items WHERE dossier_code = $1 ORDER BY id`);
const row = (key: string, over = {}) => ({ key, kind: 'CHARGE', name: `Lệ phí ${key}`, vnd: 8_000, dropped: false, paid: false, ...over });
const mark = (key: string, column: 'paid_by' | 'open_payment', reference = another): Promise<unknown> =>
  desk.database.query(`UPDATE fee_items SET ${column} = (SELECT id FROM payments WHERE reference = $1) WHERE dossier_code = $2 AND key = $3`, [reference, code, key]);
const attempts = () => desk.rows(code, 'SELECT client, operation, target_kind FROM access_attempts WHERE target = $1 ORDER BY client');

beforeAll(async () => {
  desk = await PaymentDesk.open();
  gateway = new DossierGateway(desk.database);
  another = await desk.given('PAID');
});
afterAll(() => desk.close());
beforeEach(async () => {
  code = codeNumber(number += 1);
  await gateway.upsert(`k${String(number)}`, [dossierInput({ code })]);
});

describe('what a dossier owes', () => {
  it('is kept as declared, and changed where it is not paid', async () => {
    expect(await declare([fee('A'), fee('B')])).toEqual({ kind: 'done', result: { dossierCode: code } });
    expect(await desk.rows(code, 'SELECT DISTINCT agency_code AS agency, client FROM fee_items WHERE dossier_code = $1')).toEqual([{ agency: '000.12.34.H42', client: 'portal-1' }]);
    await declare([fee('A', { amountVnd: 9_000, kind: 'FEE', name: 'Phí khác' })]);
    expect(await stored()).toEqual([row('A', { kind: 'FEE', name: 'Phí khác', vnd: 9_000 }), row('B')]);
  });

  it('goes only where that is asked for, and comes back when it is declared again', async () => {
    await declare([fee('A'), fee('B')]);
    await declare([fee('A')], { dropOthers: true });
    expect(await stored()).toEqual([row('A'), row('B', { dropped: true })]);
    await declare([fee('B')]);
    expect(await stored()).toEqual([row('A'), row('B')]);
  });

  it.each([{ amountVnd: 9_000 }, { name: 'Tên khác' }, { kind: 'FEE' } as const])('that is paid, or being paid, cannot change: %j', async (over) => {
    await declare([fee('A'), fee('B'), fee('C')]);
    await mark('B', 'paid_by');
    await mark('C', 'open_payment');
    expect(await problemsOf(declare([fee('A', over), fee('B', over), fee('C', over)]))).toEqual(['INPUT fees[1] FEE_PAID', 'INPUT fees[2] FEE_HELD']);
    expect(await stored()).toEqual([row('A'), row('B', { paid: true }), row('C')]);
    expect(await problemsOf(declare([fee('A', over), fee('B'), fee('C')]))).toEqual(['done']);
  });

  it('is not dropped while it is being paid, and stays where it is paid', async () => {
    await declare([fee('A'), fee('B'), fee('C')]);
    await mark('B', 'open_payment');
    await mark('C', 'paid_by');
    expect(await problemsOf(declare([fee('A')], { dropOthers: true }))).toEqual(['INPUT dropOthers FEE_HELD']);
    expect(await problemsOf(declare([fee('A'), fee('B')], { dropOthers: true }))).toEqual(['done']);
    expect(await stored()).toEqual([row('A'), row('B'), row('C', { paid: true })]);
  });

  it('is owed again where all the money of it went back, and it is declared again', async () => {
    await declare([fee('A')]);
    const refunded = await desk.given('PAID', `state = 'REFUNDED', refunded_vnd = paid_vnd`);
    await mark('A', 'paid_by', refunded);
    await declare([fee('A')]);
    expect(await stored()).toEqual([row('A')]);
  });

  it('is refused whole where one of it is wrong', async () => {
    expect(await problemsOf(declare([fee('A'), fee('B', { amountVnd: 0 })]))).toEqual([expect.stringMatching(/^INPUT fees\[1\]/)]);
    expect([await stored(), await attempts()]).toEqual([[], []]);
  });

  it('is declared once under its key', async () => {
    const { services: { fees } } = desk.module([bank()]);
    const call = desk.call(PORTAL.client, { role: 'portal' });
    const of = { dossierCode: code, fees: [fee('A')], dropOthers: false };
    expect([(await fees.declare(call, of)).kind, (await fees.declare(call, of)).kind, (await fees.declare(call, { ...of, dropOthers: true })).kind]).toEqual(['done', 'done', 'conflict']);
  });

  it('is declared by the portal whose dossier it is; who tries for another\'s is kept', async () => {
    expect(await problemsOf(declare([fee('A')], {}, OTHER_PORTAL))).toEqual(['INPUT dossierCode DOSSIER_UNKNOWN']);
    expect(await attempts()).toEqual([{ client: 'portal-2', operation: 'declareFees', target_kind: 'dossier' }]);
    expect(await problemsOf(declare([fee('A')], { dossierCode: 'no code' }))).toEqual(['INPUT dossierCode DOSSIER_UNKNOWN']);
    expect(await stored()).toEqual([]);
  });

  it('is read by who may see the dossier; who tries for another\'s is kept, and one who sees all of the province is not', async () => {
    await declare([fee('A')]);
    const { queries } = desk.module([bank()]).services;
    const read = async (caller: object, dossierCode = code) => (await queries.feesOf({ ...desk.call(), caller: { client: 'an', role: 'operator', agencyScope: null, ...caller } }, dossierCode))?.map(({ key }) => key) ?? null;
    expect([await read(PORTAL), await read({}), await read(OTHER_PORTAL), await read({ role: 'agency', client: 'far', agencyScope: '000.99.99.H42' }), await read({}, codeNumber(9_999))]).toEqual([['A'], ['A'], null, null, null]);
    expect(await attempts()).toEqual([{ client: 'far', operation: 'feesOfDossier', target_kind: 'dossier' }, { client: 'portal-2', operation: 'feesOfDossier', target_kind: 'dossier' }]);
    expect(await desk.rows(codeNumber(9_999), 'SELECT 1 FROM access_attempts WHERE target = $1')).toEqual([]);
  });
});
