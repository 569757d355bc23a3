import type { CatalogueEntry } from './sandbox-catalogue.js';

/** The facts of a record before a wire gives them its form, odd spellings included. */
export interface SandboxFacts {
  readonly days: string;
  readonly unit: string;
  readonly feeText: string;
  readonly feeCode: string;
  /** 0 ministry, 1 province, 2 district, 3 commune. */
  readonly levels: readonly number[];
  readonly decisionId: string;
  readonly decisionNumber: string;
  readonly legalNumber: string;
  /** Lists that the party gives as null. */
  readonly nulls: { readonly methods: boolean; readonly requirements: boolean; readonly legal: boolean; readonly fees: boolean };
}

const die = (entry: CatalogueEntry, index: number, sides: number): number => (entry.dice[index] ?? 0) % sides;

const UNITS = ['Ngày làm việc', 'Ngày làm việc', 'Ngày làm việc', 'NGÀY LÀM VIỆC', 'Ngày  làm việc ', 'Ngày', 'ngày', 'Giờ', 'tháng'];
const FEES = ['Không', 'Không', 'Không', 'không', '0', '200.000', '50000', '8.000', '1.500.000', '100.000 đồng', '20,000', 'Theo quy định của Bộ Tài chính', '0,1% tổng mức đầu tư'];
const LEVELS: readonly (readonly number[])[] = [[1], [1], [3], [1, 3], [0, 1], [3], [1, 2, 3]];

/** What the record says, by the entry's dice. About one in twenty-five has an odd list, one in eight a stray quote. */
export const factsOf = (entry: CatalogueEntry): SandboxFacts => ({
  days: String(entry.days ?? 1 + die(entry, 20, 30)),
  unit: UNITS[die(entry, 21, UNITS.length)] ?? 'Ngày',
  feeText: entry.feeText ?? FEES[die(entry, 22, FEES.length)] ?? 'Không',
  feeCode: die(entry, 23, 8) === 0 ? "1'" : String(1 + die(entry, 24, 2)),
  levels: LEVELS[die(entry, 25, LEVELS.length)] ?? [1],
  decisionId: String(100 + die(entry, 26, 200)),
  decisionNumber: `${1000 + die(entry, 26, 200)}/QĐ-${entry.field.code.slice(0, 3)}`,
  legalNumber: `${1 + die(entry, 28, 150)}/2025/NĐ-CP`,
  nulls: { methods: die(entry, 29, 50) === 0, requirements: die(entry, 30, 4) === 0, legal: die(entry, 31, 40) === 0, fees: die(entry, 19, 40) === 0 },
});

/** Some records come in decomposed Unicode, as real servers mix the two. */
export const spelled = (entry: CatalogueEntry, text: string): string => (die(entry, 18, 30) === 0 ? text.normalize('NFD') : text);

/** Name in lower case at its head, as it stands inside a sentence. */
const inSentence = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

export const stepsOf = (entry: CatalogueEntry): readonly string[] => [
  `<p><strong>Bước 1:</strong> Cá nhân, tổ chức nộp hồ sơ đề nghị ${inSentence(entry.name)} tại Trung tâm Phục vụ hành chính công.</p>`,
  '<p><strong>Bước 2:</strong> Công chức kiểm tra hồ sơ; hồ sơ chưa hợp lệ thì hướng dẫn bổ sung.</p>',
  `<p><strong>Bước 3:</strong> ${entry.field.department[1]} giải quyết và trả kết quả.<br/>Phiên bản ${entry.version}.</p>`,
];

export const papersOf = (entry: CatalogueEntry): readonly { readonly code: string; readonly name: string; readonly originals: string; readonly copies: string }[] =>
  Array.from({ length: 2 + die(entry, 17, 4) }, (_unused, position) => ({
    code: `${entry.field.ministry[0]}-KQ${String(entry.index * 10 + position).padStart(6, '0').slice(-6)}`,
    name: ['Tờ khai theo mẫu', 'Giấy tờ tùy thân', 'Giấy tờ chứng minh nơi cư trú', 'Bản vẽ hoặc tài liệu kèm theo', 'Văn bản ủy quyền'][position] ?? 'Giấy tờ khác',
    originals: position === 0 ? '1' : '0',
    copies: position === 0 ? '0' : '1',
  }));

export const resultOf = (entry: CatalogueEntry): { readonly code: string; readonly name: string } =>
  ({ code: `KQ.${entry.field.code.slice(0, 3)}.${String(entry.index).padStart(6, '0')}`, name: `Kết quả ${inSentence(entry.name)}` });

export const executingOf = (entry: CatalogueEntry, provinceCode: string): readonly { readonly code: string; readonly name: string }[] => {
  const { levels } = factsOf(entry);
  const top = provinceCode.split('.').at(-1) ?? provinceCode;
  const [number, name] = entry.field.department;
  const department = { code: `000.00.${String(number).padStart(2, '0')}.${top}`, name };
  const commune = { code: '', name: 'Ủy ban nhân dân cấp xã' };
  const ministry = { code: entry.field.ministry[0], name: entry.field.ministry[1] };
  return [...(levels.includes(0) ? [ministry] : []), ...(levels.includes(1) ? [department] : []), ...(levels.includes(3) ? [commune] : [])];
};
