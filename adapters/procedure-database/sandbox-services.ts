import type { CatalogueEntry, SandboxCatalogue } from './sandbox-catalogue.js';
import type { MischiefKind } from './sandbox-mischief.js';
import { factsOf, spelled } from './sandbox-record.js';
import { FIELDS } from './sandbox-vocabulary.js';
import { serviceRecord } from './sandbox-wire-forms.js';
import { textOf } from './sandbox-wires.js';
import type { SandboxCall } from './sandbox-wires.js';

/** Operation of each service name on G1 and G2. */
export const OPERATIONS: Readonly<Record<string, string>> = {
  LayDanhSachTTHC: 'list-procedures', LayDanhSachTTHCDonVi: 'list-procedures', LayThuTuc: 'read-procedure',
  LayDanhMucLinhVuc: 'list-fields', LayDanhMucCoQuan: 'list-agencies', LayQDCB: 'read-decision',
};

/** Ministries and departments that the vocabulary names, each once. */
const agencyRows = (agencyCode: string): readonly object[] => {
  const top = agencyCode.split('.').at(-1) ?? agencyCode;
  const ministries = new Map(FIELDS.map(({ ministry }) => [...ministry] as const));
  const departments = new Map(FIELDS.map(({ department: [number, name] }) => [`000.00.${String(number).padStart(2, '0')}.${top}`, name] as const));
  return [
    ...[...ministries].map(([code, name]) => ({ MADONVI: code, TENDONVI: name, CAPDONVI: '0' })),
    ...[...departments].map(([code, name]) => ({ MADONVI: code, TENDONVI: name, CAPDONVI: '1' })),
  ];
};

const FIELD_ROWS = FIELDS.map(({ code, name }) => ({ MALINHVUC: code, TENLINHVUC: name, MANGANH: code.slice(0, 3) }));

/** The services of G1 and G2 over the catalogue; how a code is suffixed differs between the two. */
export class SandboxServices {
  readonly #catalogue: SandboxCatalogue;
  readonly #agencyCode: string;
  readonly #suffix: string;

  constructor(catalogue: SandboxCatalogue, agencyCode: string, suffix: string) {
    this.#catalogue = catalogue;
    this.#agencyCode = agencyCode;
    this.#suffix = suffix;
  }

  /** The procedure that a call names, by its code with or without suffix. */
  entryOf(fields: Readonly<Record<string, unknown>>): CatalogueEntry | null {
    return this.#catalogue.byCode(textOf(fields['maTTHC']).slice(0, 8));
  }

  rows(call: SandboxCall, twist: MischiefKind | null): readonly object[] {
    switch (call.operation) {
      case 'list-procedures': return twist === 'empty-list' ? [] : this.#listed();
      case 'read-procedure': return twist === 'missing' ? [] : this.#record(call, twist);
      case 'list-fields': return FIELD_ROWS;
      case 'list-agencies': return agencyRows(this.#agencyCode);
      default: return this.#decision(textOf(call.fields['idQDCB']));
    }
  }

  #listed(): readonly object[] {
    return this.#catalogue.entries().filter(({ state }) => state !== 'withdrawn')
      .map((entry) => ({ MATTHC: `${entry.code}.${this.#suffix}`, TENTTHC: spelled(entry, entry.name) }));
  }

  #record(call: SandboxCall, twist: MischiefKind | null): readonly object[] {
    const { entry } = call;
    if (entry === null || entry.state === 'withdrawn') return [];
    const asked = textOf(call.fields['maTTHC']);
    if (twist === 'bad-record') return [{ ...serviceRecord(entry, asked, this.#agencyCode), TENTTHC: null }];
    const other = this.#catalogue.entries()[entry.index + 1] ?? entry;
    return twist === 'other-record' ? [serviceRecord(other, other.code, this.#agencyCode)] : [serviceRecord(entry, asked, this.#agencyCode)];
  }

  #decision(id: string): readonly object[] {
    const entry = this.#catalogue.entries().find((candidate) => factsOf(candidate).decisionId === id);
    if (entry === undefined) return [];
    return [{ IDQUYETDINHCONGBO: id, SOQUYETDINH: factsOf(entry).decisionNumber, NGAYBANHANH: '20/06/2025', TRICHYEU: `Công bố thủ tục hành chính lĩnh vực ${entry.field.name}` }];
  }
}
