import { describe, expect, it } from '@jest/globals';
import { createDueReceiver } from '../../../adapters/payment-platform/due-question.js';
import type { DueAnswer } from '../../../src/payments/due-port.js';
import { sampleOrder } from '../../contract/sample-payment.js';
import { fixture, settings } from './samples.js';

const TOKEN = 'a-token-of-the-portal-0123456789';
const NOW = new Date('2026-03-15T03:32:15Z');
const ASKED = Buffer.from(JSON.stringify(fixture('due-asked')));
const order = sampleOrder();
const DUE: DueAnswer = {
  kind: 'due',
  bill: {
    dossierCode: order.dossierCode, procedureCode: order.procedureCode, procedureName: order.procedureName, agencyCode: 'H42.05.12', agencyName: order.agencyName,
    items: order.items, totalVnd: order.amountVnd, account: order.account, payer: order.payer, reference: null,
  },
};

const receiver = (env: Readonly<Record<string, string>> = { PAYMENT_PLATFORM_DUE_TOKENS: `portal:${TOKEN}` }) => {
  const made = createDueReceiver(settings(env), () => NOW);
  if (made === null) throw new Error('nobody may ask');
  return made;
};
const proof = (authorization: string | undefined, env?: Readonly<Record<string, string>>) =>
  receiver(env).verify({ bytes: ASKED, headers: authorization === undefined ? {} : { authorization }, peer: { address: '10.1.2.3', certificate: null } });
const answered = (answer: DueAnswer, env?: Readonly<Record<string, string>>): Record<string, unknown> =>
  JSON.parse(receiver(env).reply(answer, { dossierCode: order.dossierCode }).body) as Record<string, unknown>;

describe('the question what a dossier owes', () => {
  it('is taken from nobody unless a token or an address is configured', () => {
    expect(createDueReceiver(settings(), () => NOW)).toBeNull();
    expect(receiver().addresses).toBeNull();
    expect(receiver({ PAYMENT_PLATFORM_DUE_ADDRESSES: '10.0.0.0/8' }).addresses).toEqual(['10.0.0.0/8']);
  });

  it('needs the token where there is one, addresses or not', () => {
    expect(proof(`Bearer ${TOKEN}`)).toEqual({ kind: 'verified', verifiedBy: 'portal' });
    for (const other of [undefined, '', TOKEN, `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, 'Bearer ']) expect(proof(other)).toEqual({ kind: 'refused', reason: 'token' });
    expect(proof(undefined, { PAYMENT_PLATFORM_DUE_TOKENS: `portal:${TOKEN}`, PAYMENT_PLATFORM_DUE_ADDRESSES: '10.0.0.0/8' })).toEqual({ kind: 'refused', reason: 'token' });
    expect(proof(undefined, { PAYMENT_PLATFORM_DUE_ADDRESSES: '10.0.0.0/8' })).toEqual({ kind: 'verified', verifiedBy: 'address' });
  });

  it.each([['[]', null], ['{}', null], ['{"MaHoSo":""}', null], ['{"MaHoSo":7}', null], ['x', null], ['{"MaHoSo":"A","MaHoSo":"B"}', null], ['{"MaHoSo":" H42-1 "}', { dossierCode: 'H42-1' }]])('%s is read as %j', (text, question) => {
    expect(receiver().read(Buffer.from(text))).toEqual(question);
  });

  it('is answered with what a receipt is written from, and without the payer', () => {
    const { error_code: code, message } = answered(DUE);
    expect([code, message]).toMatchObject([1, {
      MaTraCuuTT: `${order.dossierCode}20260315103215`, MaHoSo: order.dossierCode, MaDichVu: '2', TKThuHuong: order.account.number, HoTenNguoiNop: '', SoCMNDNguoiNop: '000000000',
      PhiLePhi: [{ SoTien: '8000' }, { SoTien: '50000' }], DSKhoanNop: [{ SoTien: '8000' }, { SoTien: '50000' }],
    }]);
    expect(JSON.stringify(message)).not.toContain(order.payer?.name);
    expect(answered(DUE, { PAYMENT_PLATFORM_DUE_ADDRESSES: '10.0.0.0/8', PAYMENT_PLATFORM_DUE_PAYER: 'true' })).toMatchObject({ message: { HoTenNguoiNop: order.payer?.name } });
  });

  it('is answered with 0 where nothing is due, and with -1 where the dossier is not known', () => {
    expect([answered({ kind: 'nothing-due' }), answered({ kind: 'unknown' })]).toMatchObject([{ error_code: 0 }, { error_code: -1 }]);
  });

  it.each([['unverified', 401], ['unreadable', 400], ['unavailable', 503], ['too-large', 413]] as const)('that is %s is answered with %i', (why, status) => {
    const reply = receiver().fail(why);
    expect([reply.status, JSON.parse(reply.body)]).toMatchObject([status, { error_code: -1 }]);
  });
});
