import { LedgerFile } from '../support/sandbox-ledger-file.js';

/** One status and its time; milliseconds since 1970, whole seconds. */
export interface Step {
  readonly status: number;
  readonly reason: string | null;
  readonly atMs: number;
}

export interface SandboxParcel {
  readonly waybill: string;
  readonly reference: string;
  readonly service: string;
  readonly payment: number;
  readonly collectVnd: number;
  readonly feeVnd: number;
  readonly recipient: string;
  readonly steps: readonly Step[];
}

export type NewParcel = Omit<SandboxParcel, 'waybill' | 'steps'>;

const NEW = 100;
export const CANCELLED = 107;
const TAKEN = 200;
const FETCHED = 105;

export const statusOf = ({ steps }: SandboxParcel): number => steps.at(-1)?.status ?? NEW;
/** By the document: below 200, and neither fetched nor cancelled. */
export const isCancellable = (parcel: SandboxParcel): boolean => statusOf(parcel) < TAKEN && ![FETCHED, CANCELLED].includes(statusOf(parcel));

const wholeSecond = (ms: number): number => Math.floor(ms / 1_000) * 1_000;

/** What Viettel Post has taken. Kept in a file where one is named. */
export class ViettelPostLedger {
  readonly #file: LedgerFile<SandboxParcel>;
  readonly #parcels = new Map<string, SandboxParcel>();

  constructor(path: string | null) {
    this.#file = new LedgerFile<SandboxParcel>(path);
    for (const parcel of this.#file.earlier) this.#parcels.set(parcel.waybill, parcel);
  }

  take(fresh: NewParcel): SandboxParcel {
    return this.#keep({ ...fresh, waybill: String(15_878_180_001 + this.#parcels.size), steps: [{ status: NEW, reason: null, atMs: wholeSecond(Date.now()) }] });
  }

  /** A second after the step before at least, so that times tell the order. */
  move(parcel: SandboxParcel, status: number, reason: string | null = null): SandboxParcel {
    const atMs = Math.max(wholeSecond(Date.now()), (parcel.steps.at(-1)?.atMs ?? 0) + 1_000);
    return this.#keep({ ...parcel, steps: [...parcel.steps, { status, reason, atMs }] });
  }

  /** By waybill, or by our number. */
  named(code: string): readonly SandboxParcel[] {
    return this.parcels().filter(({ waybill, reference }) => waybill === code || reference === code);
  }

  parcels(): readonly SandboxParcel[] {
    return [...this.#parcels.values()];
  }

  totals(): object {
    const parcels = this.parcels();
    return { parcels: parcels.length, cancelled: parcels.filter((parcel) => statusOf(parcel) === CANCELLED).length, collectVnd: parcels.reduce((sum, { collectVnd }) => sum + collectVnd, 0) };
  }

  clear(): void {
    this.#parcels.clear();
    this.#file.clear();
  }

  close(): void {
    this.#file.close();
  }

  #keep(parcel: SandboxParcel): SandboxParcel {
    this.#parcels.set(parcel.waybill, parcel);
    this.#file.append(parcel);
    return parcel;
  }
}
