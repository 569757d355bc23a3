import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasPdfTools } from '../../support/pdf-tools.js';
import { dossierInput } from '../../support/portal-client.js';
import { startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

const describeRead = hasPdfTools() ? describe : describe.skip;

const AGENCIES = 'code,other_codes,name_vi,kind,level,parent_code\n000.00.00.H42,H42,Tỉnh,PROVINCE,PROVINCE,\n000.12.34.H42,H42.12.34,Phường Hoa Lư,WARD,COMMUNE,H42';
const PLACES = 'carrier,levels,province,province_code\nvnpost,2,Tỉnh Ninh Bình,43\nvnpost,2,Hà Nội,10';
const ADDRESS = { epoch: 'TWO_LEVEL', province: 'Ninh Bình', commune: 'Phường Hoa Lư', street: 'Số 1 Trần Hưng Đạo' };
const OFFICE = { name: 'Bộ phận Một cửa phường Hoa Lư', phone: '02293871234', address: ADDRESS };
const CITIZEN = { name: 'Nguyễn Thị Quỳnh Như', phone: '0987654321', address: { ...ADDRESS, province: 'Hà Nội', commune: 'Phường Cầu Giấy', street: 'Số 9 ngõ 82' } };

let stage: PaymentStage;
let folder: string;
let number: string;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const ask = async (role: Parameters<PaymentStage['as']>[0], document: string, variables: object = {}): Promise<Found> => {
  const answer = await stage.as(role, document, variables);
  if (JSON.stringify(answer).includes('Refused') || 'codes' in answer) throw new Error(JSON.stringify(answer));
  return answer;
};
const PAPERS = 'query ($number: ID!) { shipment(number: $number) { number waybill handoverList } }';
const SHOWN = 'query ($number: ID!) { shipment(number: $number) { number state recipient { name address { epoch province district commune street } } } }';
const papers = (role: Parameters<PaymentStage['as']>[0]): Promise<Found> => stage.as(role, PAPERS, { number });
const textOf = async (url: unknown): Promise<{ readonly status: number; readonly name: string | null; readonly text: string }> => {
  const response = await fetch(String(url));
  const file = join(folder, `${randomUUID()}.pdf`);
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  return { status: response.status, name: response.headers.get('content-disposition'), text: response.ok ? execFileSync('pdftotext', ['-raw', file, '-'], { encoding: 'utf8' }).replace(/\s+/g, ' ') : '' };
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'papers-'));
  stage = await startPaymentStage({});
  await ask('operator', 'mutation ($file: String!) { importAgencies(idempotencyKey: "a", contentBase64: $file, reason: "nhập") { __typename } }', { file: base64(AGENCIES) });
  await ask('operator', 'mutation ($file: String!) { importPostalPlaces(idempotencyKey: "p", contentBase64: $file, reason: "nhập") { __typename ... on PlacesImported { refused } } }', { file: base64(PLACES) });
  await ask('operator', 'mutation ($contact: PostalContactInput) { setPostalOffice(idempotencyKey: "o", agencyCode: "H42.12.34", contact: $contact, reason: "khai báo") { __typename } }', { contact: OFFICE });
  const documents = ['Tờ khai đăng ký khai sinh.pdf', 'Giấy chứng sinh.pdf'].map((name, index) => (
    { id: `TL-${String(index)}`, name, componentCode: '000.00.00.G15-KQ0001', fileReference: `2026/${String(index)}.pdf`, deleted: false, digitised: true, reuse: 'NONE', fromNationalStore: false }));
  const dossier = { ...dossierInput(970), documents };
  await ask('portal', 'mutation ($dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: "d", dossiers: $dossiers) { ... on DossiersAnswered { items { __typename } } } }', { dossiers: [dossier] });
  const dossierCode = dossier.code;
  const ordered = await ask('portal', `mutation ($order: ReturnInput!) { orderReturn(idempotencyKey: "r", order: $order) { __typename ... on ShipmentSaved { shipment { number } } ... on ShipmentAddressUnknown { field level } } }`,
    { order: { dossierCode, recipient: CITIZEN, carrier: 'vnpost', contents: 'Giấy khai sinh (bản chính)' } });
  number = (ordered['shipment'] as { number: string }).number;
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stage.gateway.close();
});

describeRead('papers of a parcel', () => {
  it('are not for the anonymous, nor for another agency, nor for roles that may not know the citizen', async () => {
    expect((await stage.gateway.query({}, PAPERS, { number })).codes).toEqual(['UNAUTHENTICATED']);
    expect((await stage.gateway.query({ authorization: `Bearer ${stage.gateway.keys.agency}` }, PAPERS, { number })).data).toEqual({ shipment: null });
    for (const role of ['leader', 'auditor'] as const) expect(await papers(role)).toEqual({ number, waybill: null, handoverList: null });
  });

  it('come over signed links with what the sealed parcel and its dossier say', async () => {
    const { waybill, handoverList } = await papers('portal');
    const label = await textOf(waybill);
    expect(label).toMatchObject({ status: 200, name: `attachment; filename*=UTF-8''phieu-gui-${number}.pdf` });
    for (const part of ['Bộ phận Một cửa phường Hoa Lư', 'Nguyễn Thị Quỳnh Như', 'Số 9 ngõ 82, Phường Cầu Giấy, Hà Nội', 'Giấy khai sinh (bản chính)', `Số đơn: ${number}`]) expect(label.text).toContain(part);
    const list = await textOf(handoverList);
    expect(list).toMatchObject({ status: 200, name: `attachment; filename*=UTF-8''phieu-ho-so-${number}.pdf` });
    expect(list.text).toContain('1 Tờ khai đăng ký khai sinh.pdf 2 Giấy chứng sinh.pdf Tổng số: 2 loại giấy tờ');
    expect((await textOf((await papers('operator'))['waybill'])).status).toBe(200);
  });

  it('and the parcel are read as before when its place is no more, to which nothing more is ordered', async () => {
    const before = await stage.as('portal', SHOWN, { number });
    const ended = await ask('operator', 'mutation ($file: String!) { importPostalPlaces(idempotencyKey: "e", contentBase64: $file, reason: "bỏ") { ... on PlacesImported { ended } } }', { file: base64(`${PLACES.split('\n')[0] ?? ''},ended\nvnpost,2,Hà Nội,,yes`) });
    expect(ended).toEqual({ ended: 1 });
    expect(await stage.as('portal', SHOWN, { number })).toEqual(before);
    expect(before).toMatchObject({ recipient: { address: { province: 'Hà Nội' } } });
    expect((await textOf((await papers('portal'))['waybill'])).text).toContain('Số 9 ngõ 82, Phường Cầu Giấy, Hà Nội');
    const suggested = await stage.as('portal', 'query { addressSuggestions(carrier: "vnpost", epoch: TWO_LEVEL, province: "Hà Nội", commune: "Phường Cầu Giấy") { __typename ... on AddressUnmapped { level } } }', {});
    expect(suggested).toEqual({ __typename: 'AddressUnmapped', level: 'PROVINCE' });
  });

  it('open nothing by a forged link, and nothing once the citizen was erased', async () => {
    const { waybill, handoverList } = await papers('portal');
    const link = String(waybill);
    expect((await textOf(`${link.slice(0, -9)}${link.at(-9) === 'A' ? 'B' : 'A'}${link.slice(-8)}`)).status).toBe(404);
    await stage.database.query('UPDATE shipments SET content = NULL WHERE order_number = $1', [number]);
    expect([(await textOf(waybill)).status, (await textOf(handoverList)).status]).toEqual([404, 404]);
    expect(await papers('portal')).toEqual({ number, waybill: null, handoverList: null });
  });
});
