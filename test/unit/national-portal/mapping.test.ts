import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toDossierItem, toStatusItem, toStepItem } from '../../../adapters/national-portal/mapping.js';
import { WIRE_LIMITS } from '../../../adapters/national-portal/wire-limits.js';
import { dossierProblem, stepProblem } from '../../../adapters/national-portal/sandbox-rules.js';
import type { DossierContent } from '../../../src/dossiers/dossier.js';
import { sampleDossier, sampleStep, submissionOf } from '../../contract/sample-dossier.js';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/national-portal/${name}.json`, import.meta.url), 'utf8'));

const itemOf = (changes: Partial<DossierContent> = {}) => toDossierItem(submissionOf(sampleDossier(7, changes)));

const fullDossier = sampleDossier(8, {
  channel: 'PUBLIC_POST',
  owner: { kind: 'BUSINESS', name: 'Công ty Mẫu', idNumber: '0700000000', technicalId: null, phone: null, email: null, fax: '0226000000', otherInfo: null },
  note: 'Ghi chú',
  dueAt: null,
  status: 'RESULT_RETURNED',
  returnedAt: new Date('2026-03-17T02:00:00Z'),
  returnInfo: 'Trả tại quầy',
  returnMethod: 'PUBLIC_POST',
  finishedAt: new Date('2026-03-16T17:30:00Z'),
  submissionPlace: 'NATIONAL_PORTAL',
  hasDigitisedComponents: false,
  ownerVerifiedByVneid: true,
  onlinePayment: 'PAID_ON_NATIONAL_PORTAL',
  consultedDatabases: [{ code: '7', consultedAt: new Date('2026-03-15T01:31:00Z') }],
  documents: [{
    id: '601', name: 'ban-ve.pdf', componentCode: null, fileReference: 'store/601', deleted: true, digitised: false, reuse: 'REUSED_LEVEL_2',
    fromNationalStore: true, replacesResultCode: 'KQ.G15.000001',
  }],
  fees: [{ name: 'Phí thẩm định', code: '1', amountVnd: 1500000, collectionCode: '1', kindCode: '2' }],
  otherAttachments: [{ name: 'Bản vẽ', quantity: 2, kindCode: '1' }],
  supplements: [{
    id: '11', requestedBy: 'Lê Thị Mẫu', content: 'Bổ sung bản vẽ', requestedAt: new Date('2026-03-15T03:00:00Z'), receivedBy: null, receivedInfo: null,
    receivedAt: null, completed: false, documents: [{ name: 'Bản vẽ', quantity: 1, kindCode: '1' }],
    fees: [], previousDueAt: new Date('2026-03-16T10:00:00Z'), newDueAt: null,
  }],
  results: [{ id: '601', name: 'Giấy phép', componentCode: null, fileReference: 'store/r1', resultCode: '000.00.00.G17-KQ0001' }],
});

describe('national portal mapping', () => {
  it.each([
    ['upsert-dossier-request', () => toDossierItem(submissionOf(sampleDossier(7)))],
    ['upsert-dossier-full-request', () => toDossierItem(submissionOf(fullDossier))],
    ['append-steps-request', () => toStepItem(sampleStep('1', 7))],
    ['report-status-request', () => toStatusItem({
      nationalCode: 'G22.99-260315-0001', dossierCode: '000.12.34.H42-260315-0007', ownerTechnicalId: null, status: 'REFUSED_AT_INTAKE',
      content: 'Không thuộc thẩm quyền', processedAt: new Date('2026-03-15T03:00:00Z'),
      documents: [{ id: '5', name: 'van-ban.pdf', componentCode: null, deleted: false, url: 'https://gateway.example.vn/files/5' }],
    })],
  ])('%s equals its fixture', (name, build) => {
    expect(build()).toEqual(fixture(name));
  });

  it('gives only items that the field table accepts', () => {
    expect(dossierProblem(itemOf())).toBeNull();
    expect(dossierProblem(toDossierItem(submissionOf(fullDossier)))).toBeNull();
    expect(stepProblem(toStepItem(sampleStep('1', 7)))).toBeNull();
  });

  it('sends every scalar as a string', () => {
    const scalars = (value: unknown): unknown[] => (typeof value === 'object' && value !== null ? Object.values(value).flatMap(scalars) : [value]);
    expect(scalars(toDossierItem(submissionOf(fullDossier))).filter((value) => typeof value !== 'string')).toEqual([]);
  });

  it.each([['036199012345', '1'], ['123456789', '2']])('names the kind of personal id %s', (idNumber, kind) => {
    const { owner } = sampleDossier(7);
    expect(itemOf({ owner: { ...owner, idNumber } }).DinhDanhCHS).toEqual([{ LoaiDinhDanh: kind, SoDinhDanh: idNumber }]);
  });

  it('claims nothing that the portal did not state (the habits of §4.5)', () => {
    const item = itemOf({ status: 'SUPPLEMENT_REQUESTED', dueAt: null, owner: { ...sampleDossier(7).owner, idNumber: '0700000000' } });
    expect(item.TrangThaiHoSo).toBe('5');
    expect(item.NgayHenTra).toBe('');
    expect(item.NgayKetThucXuLy).toBe('');
    expect(item.DanhSachGiayToKetQua).toEqual([]);
    expect(item.DSKetNoiCSDL).toEqual([]);
    expect(item.DinhDanhCHS).toEqual([]);
    expect(itemOf({ documents: [{ ...sampleDossier(7).documents[0]!, digitised: false }] }).TaiLieuNop[0]?.DuocSoHoa).toBe('0');
    expect(itemOf({ ownerVerifiedByVneid: true }).TaiKhoanDuocXacThucVoiVNeID).toBe('1');
  });

  it('cuts by code point at the limits of the wire, and never inside one', () => {
    const text = fc.string({ unit: 'binary', minLength: 0, maxLength: 1100 });
    fc.assert(fc.property(text, (subject) => {
      const sent = itemOf({ subject }).TrichYeuHoSo;
      const points = [...sent];
      expect(points.length).toBe(Math.min([...subject].length, WIRE_LIMITS.subject));
      expect(subject.startsWith(sent)).toBe(true);
    }), { numRuns: 200 });
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (officialName) => {
      expect([...toStepItem(sampleStep('1', 7, { officialName })).NguoiXuLy].length).toBeLessThanOrEqual(WIRE_LIMITS.officialName);
    }), { numRuns: 200 });
  });
});
