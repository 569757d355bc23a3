import type { PartyCall } from '../../src/deliveries/party-call.js';
import type { ProcedureDatabasePort, ProcedurePage } from '../../src/procedures/procedure-database-port.js';
import type { NationalProcedure } from '../../src/procedures/procedure.js';

export const sampleProcedure = (number: number, over: Partial<NationalProcedure> = {}): NationalProcedure => ({
  code: `1.${String(number).padStart(6, '0')}`, partyId: String(number), name: `Cấp giấy phép xây dựng số ${String(number)}`, publishingAgency: { code: 'G17', name: 'Bộ Xây dựng' },
  kind: 'TTHC', isPublic: true, decisionNumber: null, decisionId: null, fields: [{ code: `LV${String(number % 7)}`, name: 'Hoạt động xây dựng' }], levels: [number % 2 === 0 ? 'PROVINCE' : 'COMMUNE'],
  subjects: [], methods: [{ method: 'ONLINE', times: [{ amount: 10, unit: 'WORKING_DAY', original: '10', description: null, fees: [] }] }], steps: [{ name: null, steps: ['<p onclick="x()">Nộp hồ sơ</p><script>x()</script>'] }],
  components: [], results: [], legalBases: [], executingAgencies: [{ code: '000.00.12.H42', name: 'Sở Xây dựng' }], competentAgencies: [], delegatedAgencies: [], coordinatingAgencies: [],
  requirements: null, receivingAddress: null, keywords: ['nhà ở riêng lẻ'], description: null, quirks: [], ...over,
});

/** A national database in memory that does what a test says: how records read, where it fails, where its cursor leads. */
export class ScriptedCatalogue implements ProcedureDatabasePort {
  readonly party = 'procedure-database';
  readonly records = new Map<string, NationalProcedure>();
  readonly versions = new Map<string, string>();
  /** References in the order in which they were read. */
  readonly reads: string[] = [];
  readonly pages: (string | null)[] = [];
  pageSize = 10;
  total: number | null = null;
  inFlight = 0;
  mostInFlight = 0;
  beforePage: (cursor: string | null) => void | Promise<void> = () => undefined;
  beforeRead: (reference: string, call: PartyCall) => void | Promise<void> = () => undefined;
  cursorAfter: (next: string | null, cursor: string | null) => string | null = (next) => next;

  constructor(count: number) {
    for (let number = 1; number <= count; number += 1) this.put(sampleProcedure(number));
  }

  put(procedure: NationalProcedure, version = '1'): void {
    this.records.set(procedure.code, procedure);
    this.versions.set(procedure.code, version);
  }

  async listProcedures(cursor: string | null): Promise<ProcedurePage> {
    this.pages.push(cursor);
    await this.beforePage(cursor);
    const from = cursor === null ? 0 : Number(cursor);
    const codes = [...this.records.keys()];
    const procedures = codes.slice(from, from + this.pageSize).map((code) => ({ reference: `r-${code}`, code, name: this.records.get(code)?.name ?? '', version: this.versions.get(code) ?? null }));
    const next = from + this.pageSize < codes.length ? String(from + this.pageSize) : null;
    return { procedures, nextCursor: this.cursorAfter(next, cursor), total: this.total };
  }

  async readProcedure(reference: string, call: PartyCall): Promise<{ procedure: NationalProcedure; original: unknown } | null> {
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      await this.beforeRead(reference, call);
      this.reads.push(reference);
      const procedure = this.records.get(reference.slice(2));
      return procedure === undefined ? null : { procedure, original: { wire: procedure.code } };
    } finally {
      this.inFlight -= 1;
    }
  }

  listFields(): Promise<readonly []> { return Promise.resolve([]); }
  listAgencies(): Promise<readonly []> { return Promise.resolve([]); }
  readDecision(): Promise<null> { return Promise.resolve(null); }
}
