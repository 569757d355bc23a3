import { DEMO_FIELDS, demoAgencies } from './sandbox-lists.js';
import type { SandboxLedger } from './sandbox-ledger.js';
import { dossierProblem, statusProblem, stepProblem } from './sandbox-rules.js';

/** A call after its wire generation has been taken off. */
export interface ServiceCall {
  readonly service: string;
  readonly updating: boolean;
  readonly data: readonly unknown[];
  readonly fields: Readonly<Record<string, unknown>>;
  readonly dossierCodes: readonly string[];
}

export interface ServiceAnswer {
  readonly code: number | string;
  readonly message: string;
  readonly result?: readonly object[];
}

type Item = Readonly<Record<string, string>>;

const refuse = (message: string): ServiceAnswer => ({ code: -1, message });
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What the portal does with a call: wire-neutral, honest, and without any misbehaviour. */
export class SandboxServices {
  readonly #ledger: SandboxLedger;
  readonly #agencyCode: string;
  readonly #existsCode: number | string;
  /** Dossiers that came from the portal itself; any code is taken, since the sandbox sends none. */
  readonly #handlers: Readonly<Record<string, (call: ServiceCall) => ServiceAnswer>>;

  constructor(ledger: SandboxLedger, options: { readonly agencyCode: string; readonly existsCode: number | string }) {
    this.#ledger = ledger;
    this.#agencyCode = options.agencyCode;
    this.#existsCode = options.existsCode;
    this.#handlers = {
      DongBoHoSoMC: (call) => this.#syncDossiers(call),
      CapNhatTienDoHoSoMC: (call) => this.#appendSteps(call),
      DongBoTrangThaiHoSo: (call) => this.#reportStatus(call),
      TraCuuHoSo: (call) => this.#findDossier(call),
      TraCuuTechID: (call) => this.#findTechnicalId(call),
      LayDanhMucCoQuan: () => ({ code: 0, message: 'Thành công', result: demoAgencies(this.#agencyCode) }),
      LayDanhMucLinhVuc: () => ({ code: 0, message: 'Thành công', result: DEMO_FIELDS }),
    };
  }

  handle(call: ServiceCall): ServiceAnswer {
    const handler = this.#handlers[call.service];
    return handler === undefined ? refuse(`Dịch vụ ${call.service.slice(0, 50)} không tồn tại`) : handler(call);
  }

  /** Stores what it can and answers per item; `refused` is refused whatever it holds (an ASSUMPTION, see wire.ts). */
  handlePerItem(call: ServiceCall, refused: (item: Item, index: number) => boolean): ServiceAnswer {
    const result = call.data.map((raw, index) => {
      const item = raw as Item;
      const answer = refused(item, index) ? refuse('Dữ liệu không hợp lệ') : this.handle({ ...call, data: [raw] });
      const time = item['ThoiDiemXuLy'] === undefined ? {} : { ThoiDiemXuLy: item['ThoiDiemXuLy'] };
      return { MaHoSo: text(item['MaHoSo']), ...time, error_code: answer.code, message: answer.message };
    });
    return { code: 0, message: 'Thành công', result };
  }

  #syncDossiers(call: ServiceCall): ServiceAnswer {
    if (call.data.length === 0) return refuse('Không có dữ liệu hồ sơ');
    const problem = call.data.map(dossierProblem).find((found) => found !== null);
    if (problem !== undefined) return refuse(problem);
    const items = call.data as readonly Item[];
    const wrong = items.find((item) => this.#ledger.holds(text(item['MaHoSo'])) !== call.updating);
    if (wrong !== undefined) {
      const code = text(wrong['MaHoSo']);
      return call.updating ? refuse(`Hồ sơ ${code} không tồn tại`) : { code: this.#existsCode, message: `Hồ sơ ${code} đã tồn tại` };
    }
    for (const item of items) this.#store(call.updating ? 'update' : 'insert', item);
    return { code: 0, message: call.updating ? 'Cập nhật hồ sơ thành công' : 'Đồng bộ hồ sơ thành công' };
  }

  /** Used by the "exists" misbehaviour: as if an earlier insert had arrived and its answer had been lost. */
  storeAsInserted(call: ServiceCall): void {
    for (const item of call.data as readonly Item[]) {
      if (!this.#ledger.holds(text(item['MaHoSo']))) this.#store('insert', item);
    }
  }

  #store(kind: 'insert' | 'update', item: Item): void {
    this.#ledger.add({ kind, dossierCode: text(item['MaHoSo']), status: text(item['TrangThaiHoSo']), processedAt: '' }, item);
  }

  #appendSteps(call: ServiceCall): ServiceAnswer {
    if (call.data.length === 0) return refuse('Không có dữ liệu tiến độ');
    const problem = call.data.map(stepProblem).find((found) => found !== null);
    if (problem !== undefined) return refuse(problem);
    const items = call.data as readonly Item[];
    const unknown = items.find((item) => !this.#ledger.holds(text(item['MaHoSo'])));
    if (unknown !== undefined) return refuse(`Hồ sơ ${text(unknown['MaHoSo'])} không tồn tại, vui lòng đồng bộ hồ sơ trước`);
    // A step that is already there is stored again without a word: the wire has no step id (§14 point 2).
    for (const item of items) {
      this.#ledger.add({ kind: 'step', dossierCode: text(item['MaHoSo']), status: text(item['TrangThai']), processedAt: text(item['ThoiDiemXuLy']) }, null);
    }
    return { code: 0, message: 'Cập nhật tiến độ thành công' };
  }

  #reportStatus(call: ServiceCall): ServiceAnswer {
    const data = call.fields['data'];
    const problem = call.fields['type'] === '2' ? statusProblem(data) : 'Giá trị của trường type không hợp lệ';
    if (problem !== null) return refuse(problem);
    const item = data as Item;
    this.#ledger.add({ kind: 'status', dossierCode: text(item['MaHoSo']), status: text(item['TrangThai']), processedAt: text(item['NgayXuLy']) }, null);
    return { code: 0, message: 'Cập nhật trạng thái thành công' };
  }

  #findDossier(call: ServiceCall): ServiceAnswer {
    const code = text(call.fields['mahoso']);
    if (code === '') return refuse('Trường mahoso là bắt buộc');
    const held = this.#ledger.dossier(code);
    return { code: 0, message: 'Thành công', result: held === null ? [] : [{ MaHoSo: code, TrangThaiHoSo: held.status }] };
  }

  /** Knows every 12-digit id that does not end in 0, and makes up the technical id from it. */
  #findTechnicalId(call: ServiceCall): ServiceAnswer {
    const id = text(call.fields['mstorcmnd']);
    if (call.fields['provider'] !== 'wso2is') return refuse('Giá trị của trường provider không hợp lệ');
    const isKnown = /^\d{12}$/.test(id) && !id.endsWith('0');
    return { code: 0, message: 'Thành công', result: isKnown ? [{ TECHNICALID: `TECH-${id.split('').reverse().join('')}` }] : [] };
  }
}
