import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toProcedure } from '../../../adapters/procedure-database/mapping.js';
import { toG3Procedure, toListed } from '../../../adapters/procedure-database/mapping-g3.js';
import { parseAmount, parseDate, parseDuration, parseFeeCode, parseUnit, Quirks, stemOf } from '../../../adapters/procedure-database/mapping-values.js';
import { procedureRecord } from '../../../adapters/procedure-database/wire.js';
import { g3List, g3Record } from '../../../adapters/procedure-database/wire-g3.js';

const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../fixtures/procedure-database/${name}.json`, import.meta.url), 'utf8')) as Record<string, unknown>;

/** What a value becomes, and the quirks that it leaves. */
const withQuirks = <Value>(parse: (quirks: Quirks) => Value): [Value, ...string[]] => {
  const quirks = new Quirks();
  const value = parse(quirks);
  return [value, ...quirks.all()];
};

describe('a record of LayThuTuc', () => {
  const procedure = toProcedure(procedureRecord.parse(fixture('read-procedure-g1')));

  it('is a procedure under its national code', () => {
    expect(procedure).toMatchObject({
      code: '1.001193', partyId: '4711', name: 'Đăng ký khai sinh', publishingAgency: { code: '000.00.00.G15' }, isPublic: true,
      decisionNumber: '1872/QĐ-BTP', decisionId: '321', levels: ['COMMUNE'], keywords: ['khai sinh', 'hộ tịch'], requirements: '<p>Không</p>', description: null,
      fields: [{ code: 'G15-HT01', name: 'Hộ tịch' }], subjects: [], results: [{ code: 'KQ.G15.000100', name: 'Giấy khai sinh' }],
      executingAgencies: [{ code: null, name: 'Ủy ban nhân dân cấp xã' }], competentAgencies: [{ code: '000.00.00.H42', name: 'UBND tỉnh' }],
      steps: [{ name: null, steps: ['<p><b>Bước 1:</b> Nộp hồ sơ</p>'] }],
      legalBases: [{ number: '60/2014/QH13', issuedOn: '2014-11-20', effectiveOn: null }],
    });
  });

  it('has its times and fees as numbers, with what was written beside them', () => {
    expect(procedure.methods).toEqual([
      {
        method: 'IN_PERSON',
        times: [
          {
            amount: 1, unit: 'WORKING_DAY', original: '1 NGÀY  làm việc', description: '<p>Ngay trong ngày</p>',
            fees: [
              { code: '2', amountVnd: 8000, description: null, original: '8.000' },
              { code: '1', amountVnd: 0, description: null, original: 'Không' },
              { code: '1', amountVnd: null, description: null, original: 'Theo quy định của HĐND tỉnh' },
              { code: '1', amountVnd: null, description: null, original: '50' },
            ],
          },
          { amount: null, unit: 'MONTH', original: 'Từ 5 đến 10 tháng', description: null, fees: [] },
        ],
      },
      { method: 'ONLINE', times: [] },
    ]);
  });

  it('names each quirk once', () => {
    expect([...procedure.quirks].sort()).toEqual([
      'AMOUNT_UNREADABLE', 'CURRENCY_UNKNOWN', 'DATE_UNREADABLE', 'FEES_NULL', 'FEE_CODE_QUOTED', 'LEVEL_UNKNOWN', 'METHOD_UNKNOWN', 'QUANTITY_UNREADABLE',
      'SUBJECTS_NULL', 'TIMES_NULL', 'TIME_UNREADABLE',
    ]);
  });

  it('keeps its papers with code, numbers and form', () => {
    expect(procedure.components).toEqual([{
      name: 'Giấy tờ phải nộp',
      components: [{
        code: '000.00.00.G15-KQ001234', name: 'Giấy chứng sinh', originals: 1, copies: null, formName: 'mau-01.docx', formUrl: 'https://example.vn/mau-01.docx',
        replacedByResultCode: 'KQ.G15.000012',
      }],
    }]);
  });

  it('is no record without a code or a name', () => {
    const raw = fixture('read-procedure-g1');
    for (const broken of [{ MATTHC: null }, { TENTTHC: ' ' }, { CAPTHUCHIEN: ['3'] }]) expect(procedureRecord.safeParse({ ...raw, ...broken }).success).toBe(false);
  });

  it('is not public unless it says so outright', () => {
    const raw = fixture('read-procedure-g1');
    const isPublic = (state: unknown): boolean => toProcedure(procedureRecord.parse({ ...raw, TRANGTHAI: state })).isPublic;
    expect(['1', 1].map(isPublic)).toEqual([true, true]);
    expect([0, '0', '2', null, 'x', ''].map(isPublic)).toEqual([false, false, false, false, false, false]);
  });

  it('reads with every list null, each named as a quirk', () => {
    const raw = Object.fromEntries(Object.entries(fixture('read-procedure-g1')).map(([name, value]) => [name, Array.isArray(value) ? null : value]));
    const bare = toProcedure(procedureRecord.parse(raw));
    expect([bare.methods, bare.steps, bare.components, bare.fields, bare.levels]).toEqual([[], [], [], [], []]);
    expect(bare.quirks).toEqual(expect.arrayContaining(['METHODS_NULL', 'STEPS_NULL', 'COMPONENTS_NULL', 'FIELDS_NULL', 'LEVELS_NULL', 'RESULTS_NULL']));
  });

  it('comes out in NFC whatever it came in', () => {
    const decomposed = JSON.parse(JSON.stringify(fixture('read-procedure-g1')).normalize('NFD')) as Record<string, unknown>;
    expect(toProcedure(procedureRecord.parse(decomposed))).toEqual(procedure);
  });
});

describe('a record of the new portal', () => {
  const procedure = toG3Procedure(g3Record.parse(fixture('read-procedure-g3')));

  it('is a procedure with its methods gathered', () => {
    expect(procedure).toMatchObject({
      code: '5.003882', partyId: '0b8f6f7e-2c41-4f55-a0a1-8d3f0c9e5a11', isPublic: true, levels: ['PROVINCE', 'COMMUNE'], decisionNumber: '833/QĐ-BXD', decisionId: null,
      fields: [{ code: null, name: 'Hoạt động xây dựng' }], requirements: 'Phù hợp quy hoạch\nBảo đảm an toàn', keywords: ['xây dựng', 'nhà ở'],
      receivingAddress: 'Trung tâm Phục vụ hành chính công', steps: [{ name: null, steps: ['Bước 1\n<p>Nộp hồ sơ</p>'] }],
      components: [{ name: 'Hồ sơ', components: [{ code: null, name: 'Đơn đề nghị', originals: 1, copies: 0, formName: 'mau-01.docx' }] }],
      legalBases: [{ number: '175/2024/NĐ-CP', name: 'Nghị định 175/2024/NĐ-CP' }], coordinatingAgencies: [],
    });
    expect(procedure.methods.map(({ method, times }) => [method, times.map(({ amount, unit }) => [amount, unit])])).toEqual([
      ['ONLINE', [[15, 'WORKING_DAY'], [10, null]]], ['IN_PERSON', [[20, 'DAY']]],
    ]);
    expect(procedure.methods[0]?.times[0]?.fees).toEqual([{ code: null, amountVnd: 75_000, description: 'Lệ phí', original: '75000' }]);
    expect([...procedure.quirks].sort()).toEqual(['FEES_NULL', 'METHOD_UNKNOWN', 'TIME_UNIT_UNKNOWN']);
  });

  it('is listed with a mark that moves with field and agency', () => {
    const [first] = g3List.parse(fixture('list-procedures-g3')['data']).items;
    if (first === undefined) throw new Error('the fixture lists nothing');
    const listed = toListed(first);
    expect(listed).toMatchObject({ reference: '0b8f6f7e-2c41-4f55-a0a1-8d3f0c9e5a11', code: '5.003882', name: 'Cấp giấy phép xây dựng nhà ở riêng lẻ' });
    expect(toListed({ ...first })?.version).toBe(listed?.version);
    expect(toListed({ ...first, categories: [{ name: 'Kiến trúc' }] })?.version).not.toBe(listed?.version);
  });

  it('without a code is not listed', () => {
    expect(g3List.parse(fixture('list-procedures-g3')['data']).items.map(toListed).filter((listed) => listed !== null)).toHaveLength(1);
  });
});

describe('a record that says next to nothing', () => {
  it('is still read, over either kind of wire', () => {
    const quirks = ['COMPONENTS_NULL', 'FIELDS_NULL', 'METHODS_NULL', 'STEPS_NULL'];
    const bare = toProcedure(procedureRecord.parse({ MATTHC: '1.001193', TENTTHC: 'Đăng ký khai sinh' }));
    expect(bare).toMatchObject({ code: '1.001193', partyId: '1.001193', isPublic: false, keywords: [], methods: [], requirements: null });
    expect(bare.quirks).toEqual(expect.arrayContaining([...quirks, 'ID_MISSING', 'STATE_MISSING']));
    const portal = toG3Procedure(g3Record.parse({ id: 'a', code: '5.003882', name: 'Cấp giấy phép' }));
    expect(portal).toMatchObject({ code: '5.003882', partyId: 'a', levels: [], keywords: [], receivingAddress: null, requirements: null, decisionNumber: null });
    expect(portal.quirks).toEqual(expect.arrayContaining(quirks));
  });
});

describe('values', () => {
  it.each([
    ['Không', 0], ['KHÔNG', 0], ['miễn phí', 0], ['0', 0], ['200.000', 200_000], ['1.500.000', 1_500_000], ['20,000', 20_000], ['50000', 50_000], ['100.000 đồng', 100_000],
    ['8.000đ', 8_000], ['30 000', 30_000], ['Không'.normalize('NFD'), 0],
  ])('%p is %p đồng', (text, amount) => {
    expect(withQuirks((quirks) => parseAmount(text, 'Đồng', quirks))).toEqual([amount]);
  });

  it.each(['1.5', '200.00', '1.2000', '1.000,000', '-5', 'Không quy định', 'theo bảng giá', '0,1%', '1e6', '99999999999999999999'])('%p is no amount', (text) => {
    expect(withQuirks((quirks) => parseAmount(text, 'Đồng', quirks))).toEqual([null, 'AMOUNT_UNREADABLE']);
  });

  it('knows no amount where none is written, or in another currency', () => {
    expect(withQuirks((quirks) => parseAmount(null, 'Đồng', quirks))).toEqual([null, 'AMOUNT_MISSING']);
    expect(withQuirks((quirks) => parseAmount('10', 'USD', quirks))).toEqual([null, 'CURRENCY_UNKNOWN']);
    expect(withQuirks((quirks) => parseAmount('10', 'đồng/hồ sơ', quirks))).toEqual([10]);
  });

  it('reads every whole amount back from the Vietnamese way of writing it', () => {
    fc.assert(fc.property(fc.nat({ max: 2_000_000_000 }), (amount) => {
      expect(withQuirks((quirks) => parseAmount(amount.toLocaleString('vi-VN'), 'VNĐ', quirks))).toEqual([amount]);
    }));
  });

  it('never makes an amount or a unit of anything else', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const [amount] = withQuirks((quirks) => parseAmount(text, null, quirks));
      if (amount !== null && amount !== 0) expect(text).toMatch(/\d/);
      expect(['WORKING_DAY', 'DAY', 'HOUR', 'MONTH', null]).toContain(withQuirks((quirks) => parseUnit(text, quirks))[0]);
    }));
    expect(withQuirks((quirks) => parseUnit('constructor', quirks))).toEqual([null, 'TIME_UNIT_UNKNOWN']);
  });

  it.each([['5', [5]], ['1.5', [1.5]], ['05 ngày', [5, 'TIME_IN_WORDS']], ['5 - 10', [null, 'TIME_UNREADABLE']], ['ngay', [null, 'TIME_UNREADABLE']], [null, [null, 'TIME_MISSING']]])(
    'a time of %p is %j', (text, expected) => {
      expect(withQuirks((quirks) => parseDuration(text, quirks))).toEqual(expected);
    });

  it.each([["1'", ['1', 'FEE_CODE_QUOTED']], ['2', ['2']], ["'", [null, 'FEE_CODE_QUOTED']], [null, [null]]])('a fee code of %p is %j', (text, expected) => {
    expect(withQuirks((quirks) => parseFeeCode(text, quirks))).toEqual(expected);
  });

  it.each([['20/11/2014', '2014-11-20'], ['1/7/2025', '2025-07-01'], ['2025-07-01T00:00:00', '2025-07-01'], ['20250701', '2025-07-01'], ['20250701000000', '2025-07-01']])('%p is %p', (text, date) => {
    expect(withQuirks((quirks) => parseDate(text, quirks))).toEqual([date]);
  });

  it.each(['31/02/2025', '2025', 'hôm nay', '99/99/9999'])('%p is no date', (text) => {
    expect(withQuirks((quirks) => parseDate(text, quirks))).toEqual([null, 'DATE_UNREADABLE']);
  });

  it.each([['1.001193.000.00.00.H42', '1.001193'], ['2.002621.H56', '2.002621'], ['1.006714', '1.006714'], ['ABC', 'ABC'], ['1.0067145', '1.0067145']])('the stem of %p is %p', (code, stem) => {
    expect(stemOf(code)).toBe(stem);
  });
});
