import { describe, expect, it } from '@jest/globals';
import { initBody } from '../../../adapters/payment-platform/mapping.js';
import { readBill, readOpening } from '../../../adapters/payment-platform/mapping-answers.js';
import { infoFlaws } from '../../../adapters/payment-platform/mapping-receipt-info.js';
import { sampleOrder } from '../../contract/sample-payment.js';
import { fixture, problemsOf, receiver, signedConfirm } from './samples.js';

const terms = { version: '1.0.6', partnerCode: 'G17TEST', serverIp: '10.0.0.1', serviceSuffix: '.01', feeWord: '1', chargeWord: '2' };
const json = (body: unknown) => ({ status: 200, headers: {}, contentType: 'application/json', body: Buffer.from(JSON.stringify(body)) });
const read = (changes: Readonly<Record<string, unknown>> = {}, env: Readonly<Record<string, string>> = {}) => receiver(env).read(signedConfirm(changes));

describe('INIT', () => {
  it('carries the whole order, the amount as text, and what a receipt is written from', () => {
    const order = sampleOrder({ createdAt: new Date('2026-03-15T03:32:15.789Z') });
    const body = initBody(order, terms, 'PPSECRET123');
    expect(body).toMatchObject({ LoaiBanTin: 'INIT', SoTien: '58000', ThoiGianGD: '20260315103215', ThongTinGiaoDich: 'THANH TOAN HO SO 000.12.34.H42-260315-0001', Ip: '10.0.0.1', NgonNgu: 'vi-VN' });
    expect(body.ThongTinBienLai).toMatchObject({
      MaDichVu: '2', MaDVC: '1.001193.000.00.00.H42.01', MaTTHC: '1.001193.000.00.00.H42', MaDonVi: 'H42.05.12', MaHoSo: order.dossierCode, TKThuHuong: order.account.number, MaNHThuHuong: 'VCB',
      PhiLePhi: [{ LoaiPhiLePhi: '2', MaPhiLePhi: 'le-phi', TenPhiLePhi: 'Lệ phí hộ tịch', SoTien: '8000' }, { LoaiPhiLePhi: '1', MaPhiLePhi: 'phi', TenPhiLePhi: 'Phí cấp bản sao trích lục', SoTien: '50000' }],
      DSKhoanNop: [{ NoiDung: 'Lệ phí hộ tịch', SoTien: '8000' }, { NoiDung: 'Phí cấp bản sao trích lục', SoTien: '50000' }], HoTenNguoiNop: order.payer?.name, SoQD: '',
    });
    expect(JSON.stringify(body)).not.toContain(order.clientIp);
  });

  it('sends empty texts for what is not known, nine noughts for a missing number, and cuts what is too long', () => {
    const info = initBody(sampleOrder({ payer: null, procedureName: 'Đ'.repeat(300), agencyCodes: [] }), terms, 'PPSECRET123').ThongTinBienLai;
    expect(info).toMatchObject({ HoTenNguoiNop: '', SoCMNDNguoiNop: '000000000', DiaChiNguoiNop: '', TinhNguoiNop: '', MaDonVi: '', TenTTHC: 'Đ'.repeat(200) });
  });

  it('is answered flat or inside the wrapper, and both are read alike', () => {
    const expected = { verdict: 'success', code: '00', words: 'Thành công', payUrl: 'https://thanhtoan.example.gov.vn/pay?id=1' };
    for (const name of ['init-opened', 'init-opened-wrapped']) expect(readOpening(json(fixture(name)), 'OG0123456789ABC').value).toEqual(expected);
    expect(() => readOpening(json(fixture('init-opened')), 'OG0000000000000')).toThrow('unreadable');
  });

  it.each([
    [{ error_code: '0', message: 'Thành công' }], [{ error_code: '1', message: '{"MaLoi":"00"}' }], [{ error_code: '0', message: '{"MaLoi":"00","MaLoi":"99"}' }], [{}], [{ MaLoi: '42' }],
    [{ error_code: '0', message: '"00"' }],
  ])('answered with %j is neither yes nor no', (body) => {
    expect(() => readOpening(json(body), 'OG0123456789ABC')).toThrow('unreadable');
  });
});

describe('CONFIRM', () => {
  it('is read as a payment', () => {
    expect(read()).toEqual({
      reference: 'G17260101000001', dossierCode: '000.00.00.G17-260101-0001', merchant: 'G17TEST', says: 'paid', code: '00', text: 'Thành công', amountVnd: 50_000, gatewayTransaction: 'PP0000123456',
      bankCode: 'VIETINBANK', paidAt: new Date('2026-01-01T03:32:15Z'),
    });
  });

  it.each([['01', 'failed'], ['99', 'pending'], ['42', 'pending'], ['0', 'pending'], ['constructor', 'pending']])('with code %s is %s', (MaLoi, says) => {
    expect(read({ MaLoi })).toMatchObject({ says, code: MaLoi, paidAt: null });
  });

  it('fails by the codes that are configured', () => {
    expect(read({ MaLoi: '42' }, { PAYMENT_PLATFORM_FAILED_CODES: '01,42' })).toMatchObject({ says: 'failed' });
    expect(read({ MaLoi: '01' }, { PAYMENT_PLATFORM_FAILED_CODES: '' })).toMatchObject({ says: 'failed' });
  });

  it('keeps with its code where unsigned information contradicts what is signed', () => {
    const info = { MaHoSo: 'H42-1', PhiLePhi: [{ MaPhiLePhi: 'a', SoTien: '49999' }] };
    expect(read({ MaHoSo: 'H42-1' })).toMatchObject({ says: 'paid', code: '00/dossier', amountVnd: 50_000 });
    expect(read({ ThongTinBienLai: info })).toMatchObject({ says: 'paid', code: '00/info-dossier/info-fees' });
    expect(read({ ThongTinBienLai: 'nonsense' })).toMatchObject({ code: '00/info-shape' });
  });

  it('names no dossier and no transaction where there is none, and is nothing in another currency', () => {
    expect(read({ MaHoSo: null, MaGiaoDich: '', MaNganHang: '' })).toMatchObject({ dossierCode: null, gatewayTransaction: null, bankCode: null });
    expect(read({ MaTienTe: 'USD' })).toBeNull();
    expect(receiver().read(Buffer.from('x'))).toBeNull();
  });

  it.each([
    ['applied', 'confirmed', '00'], ['applied', 'already', '00'], ['applied', null, '00'], ['refused', 'state', '00'], ['refused', 'unknown-order', '99'], ['refused', 'amount', '99'],
    ['refused', null, '99'], ['unreadable', null, '99'], ['unverified', null, '99'], ['stale', null, '99'], ['conflict', null, '99'], ['unavailable', null, '99'], ['too-large', null, '99'],
  ] as const)('%s %s is answered with %s', (outcome, code, MaLoi) => {
    const bytes = signedConfirm();
    const { status, body } = receiver().reply(outcome, code, outcome === 'too-large' ? undefined : bytes);
    const { MaXacThuc } = JSON.parse(bytes.toString()) as { MaXacThuc: string };
    const isEchoed = outcome !== 'unverified' && outcome !== 'too-large';
    expect([status, JSON.parse(body)]).toMatchObject([200, { MaLoi, MaThamChieu: isEchoed ? 'G17260101000001' : '', MaXacThuc: isEchoed ? MaXacThuc : '' }]);
  });
});

describe('information that comes back unsigned', () => {
  const expected = { dossierCode: 'H42-1', amountVnd: 50_000, account: { bankCode: 'VCB', number: '0123' } };
  it.each([
    [undefined, []], [null, []], ['', []], [{}, []], [{ MaHoSo: 'H42-1', TKThuHuong: '0123', MaNHThuHuong: 'VCB', PhiLePhi: [{ SoTien: 50_000 }] }, []],
    [{ MaHoSo: 'H42-2' }, ['info-dossier']], [{ TKThuHuong: '9' }, ['info-account']], [{ MaNHThuHuong: 'BIDV' }, ['info-account']],
    [{ PhiLePhi: [{ SoTien: '1' }] }, ['info-fees']], [{ PhiLePhi: [{ SoTien: 'x' }] }, ['info-fees']], [{ PhiLePhi: [] }, []], [[], ['info-shape']],
  ])('%j differs in %j', (info, flaws) => {
    expect(infoFlaws(info, expected)).toEqual(flaws);
  });
});

describe('GET_BILL', () => {
  it('is a PDF by its bytes, and not by what it calls itself', () => {
    const pdf = { status: 200, headers: {}, contentType: 'application/octet-stream', body: Buffer.from('%PDF-1.7 …\n%%EOF\n') };
    expect(readBill(pdf).value).toEqual({ kind: 'pdf', bytes: pdf.body });
    expect(readBill(pdf).body).toEqual({ bytes: pdf.body.length });
    expect(() => readBill({ ...pdf, contentType: 'application/pdf', body: Buffer.from('<p>') })).toThrow('unreadable');
    expect(() => readBill({ ...pdf, contentType: 'application/pdf', status: 503, body: Buffer.from('') })).toThrow('status');
    expect(() => readBill({ ...pdf, body: pdf.body.subarray(0, -7) })).toThrow('unreadable');
    expect(readBill(json({ MaLoi: '05' })).value).toEqual({ kind: 'none', code: '05' });
  });
});

describe('the settings of the payment platform', () => {
  it.each([
    [{ PAYMENT_PLATFORM_QUERY_URL: '' }, 'PAYMENT_PLATFORM_QUERY_URL'], [{ PAYMENT_PLATFORM_PARTNERS: '' }, 'PAYMENT_PLATFORM_PARTNERS'],
    [{ PAYMENT_PLATFORM_TOKEN_URL: 'https://lgsp.example.gov.vn/token' }, 'PAYMENT_PLATFORM_CONSUMER_KEY'], [{ PAYMENT_PLATFORM_SETTLE_MS: '60000' }, 'PAYMENT_PLATFORM_SETTLE_MS'],
    [{ PAYMENT_PLATFORM_PARTNERS: '[{"agency":"A.1","partnerCode":"X","secret":"secret-one"},{"agency":"A.2","partnerCode":"X","secret":"secret-two"}]' }, 'two different secrets'],
    [{ PAYMENT_PLATFORM_CONFIRM_TYPES: ',' }, 'PAYMENT_PLATFORM_CONFIRM_TYPES'], [{ PAYMENT_PLATFORM_DUE_ADDRESSES: 'somewhere' }, 'PAYMENT_PLATFORM_DUE_ADDRESSES'],
  ])('%j are refused', (env, problem) => {
    expect(problemsOf(env).join('\n')).toContain(problem);
    expect(problemsOf({})).toEqual([]);
  });
});
