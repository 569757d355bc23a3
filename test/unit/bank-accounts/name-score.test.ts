import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareNames } from '../../../src/bank-accounts/name-score.js';

const PAIRS: readonly (readonly [declared: string, told: string, verdict: string])[] = [
  ['Ủy ban nhân dân xã Tân Hội', 'UBND XA TAN HOI', 'MATCHED'],
  ['Uỷ ban nhân dân xã Tân Hội', 'Ủy ban nhân dân xã Tân Hội', 'MATCHED'],
  ['UBND phường 1', 'UY BAN NHAN DAN PHUONG 01', 'MATCHED'],
  ['UBND P.1', 'UBND PHUONG 1', 'MATCHED'],
  ['UBND P1', 'UBND PHUONG 1', 'MATCHED'],
  ['Sở Y tế', 'SO Y TE', 'MATCHED'],
  ['Sở Tài nguyên và Môi trường', 'SO TNMT', 'MATCHED'],
  ['Sở Tài nguyên & Môi trường', 'SO TAI NGUYEN VA MOI TRUONG', 'MATCHED'],
  ['Sở Nông nghiệp và Môi trường tỉnh Đồng Tháp', 'SO NN-MT TINH DONG THAP', 'SIMILAR'],
  ['Sở Nông nghiệp và Môi trường tỉnh Đồng Tháp', 'SO NNMT TINH DONG THAP', 'MATCHED'],
  ['Trung tâm Phục vụ hành chính công', 'TTPVHCC', 'MATCHED'],
  ['Trung tâm Phục vụ hành chính công tỉnh Đồng Tháp', 'TT PVHCC T. DONG THAP', 'MATCHED'],
  ['UBND TT. Mỹ Thọ', 'UY BAN NHAN DAN THI TRAN MY THO', 'MATCHED'],
  ['UBND thành phố Mỹ Tho', 'UBND TP MI THO', 'MATCHED'],
  ['Uỷ ban nhân dân xã Phong Hòa', 'UYBANNHANDANXAPHONGHOA', 'MATCHED'],
  ['Văn phòng Đăng ký đất đai', 'VPDKDD', 'MATCHED'],
  ['Công an tỉnh Đồng Tháp', 'CA TINH DONG THAP', 'MATCHED'],
  ['Kho bạc Nhà nước', 'KBNN', 'MATCHED'],
  ['  sở   xây dựng ', 'SO XAY DUNG.', 'MATCHED'],
  ['Phòng TC-KH huyện Lấp Vò', 'PHONG TAI CHINH - KE HOACH HUYEN LAP VO', 'MATCHED'],
  ['Phòng TCKH huyện Lấp Vò', 'PHONG TAI CHINH KE HOACH H LAP VO', 'MATCHED'],
  ['Sở Y tế tỉnh Đồng Tháp', 'SO Y TE', 'SIMILAR'],
  ['UBND phường 1', 'UBND PHUONG 10', 'DIFFERENT'],
  ['UBND phường 1 thành phố Cao Lãnh tỉnh Đồng Tháp', 'UBND PHUONG 1 TP CAO LANH', 'SIMILAR'],
  ['Uỷ ban nhân dân xã Tân Hội', 'UBND XA TAN HOI DONG', 'SIMILAR'],
  ['Uỷ ban nhân dân xã Tân Hội', 'UBND PHUONG TAN HOI', 'SIMILAR'],
  ['Văn phòng Hội đồng nhân dân và Ủy ban nhân dân tỉnh Đồng Tháp', 'VAN PHONG HOI DONG NHAN DAN VA UY BAN NHAN DA', 'SIMILAR'],
  ['Sở Y tế tỉnh Đồng Tháp', 'TINH DONG THAP SO Y TE', 'SIMILAR'],
  ['Uỷ ban nhân dân xã Phong Hòa', 'UBND XA HOA PHONG', 'SIMILAR'],
  ['Uỷ ban nhân dân xã Phong Hòa', 'UBND XA PHONG PHU', 'DIFFERENT'],
  ['UBND tỉnh Đồng Tháp', 'UBND TINH DONG NAI', 'DIFFERENT'],
  ['UBND phường 1', 'UBND PHUONG 2', 'DIFFERENT'],
  ['UBND phường 1 thành phố Cao Lãnh tỉnh Đồng Tháp', 'UBND PHUONG 2 TP CAO LANH TINH DONG THAP', 'DIFFERENT'],
  ['Sở Y tế', 'PHONG Y TE', 'DIFFERENT'],
  ['Sở Y tế', 'SO XAY DUNG', 'DIFFERENT'],
  ['Sở Nội vụ', 'CONG TY TNHH NOI VU', 'DIFFERENT'],
  ['UBND xã Tân Hội', 'NGUYEN VAN AN', 'DIFFERENT'],
  ['UBND xã Tân Hội', '', 'DIFFERENT'],
  ['Trung tâm Phục vụ hành chính công tỉnh Đồng Tháp', 'TRUNG TAM PHUC VU HANH CHINH CONG TINH DONG NAI', 'DIFFERENT'],
];

describe('names of holders', () => {
  it.each(PAIRS)('%s and %s: %s', (declared, told, verdict) => {
    expect(compareNames(declared, told).verdict).toBe(verdict);
    expect(compareNames(told, declared).verdict).toBe(verdict);
  });

  it('score 1 with themselves and in every way of typing them, and stay between 0 and 1', () => {
    const names = fc.constantFrom(...PAIRS.map(([declared]) => declared));
    fc.assert(fc.property(names, fc.string(), (name, other) => {
      expect(compareNames(name, name.normalize('NFD').toUpperCase())).toEqual({ score: 1, verdict: 'MATCHED' });
      const { score } = compareNames(name, other);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
    }));
  });

  it('do not grow into something slow, whatever a bank answers', () => {
    expect(compareNames('tt p '.repeat(100), 'tt p '.repeat(100)).score).toBe(1);
  });
});
