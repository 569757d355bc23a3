import { nextStepAtMs, ParcelLedger } from '../support/sandbox-parcels.js';
import type { KeptParcel, ParcelStep } from '../support/sandbox-parcels.js';

export interface Step extends ParcelStep {
  readonly reason: string | null;
}

export interface SandboxParcel extends KeptParcel<Step> {
  readonly waybill: string;
  readonly reference: string;
  readonly service: string;
  readonly payment: number;
  readonly feeVnd: number;
  readonly recipient: string;
}

export type NewParcel = Omit<SandboxParcel, 'waybill' | 'steps'>;

const NEW = 100;
export const CANCELLED = 107;
const TAKEN = 200;
const FETCHED = 105;

export const statusOf = ({ steps }: SandboxParcel): number => steps.at(-1)?.status ?? NEW;
/** By the document: below 200, and neither fetched nor cancelled. */
export const isCancellable = (parcel: SandboxParcel): boolean => statusOf(parcel) < TAKEN && ![FETCHED, CANCELLED].includes(statusOf(parcel));

/** What Viettel Post has taken. */
export class ViettelPostLedger extends ParcelLedger<Step, SandboxParcel> {
  constructor(path: string | null) {
    super(path, { idOf: ({ waybill }) => waybill, namesOf: ({ waybill, reference }) => [waybill, reference] });
  }

  take(fresh: NewParcel): SandboxParcel {
    return this.keep({ ...fresh, waybill: String(15_878_180_001 + this.parcels().length), steps: [{ status: NEW, reason: null, atMs: nextStepAtMs([]) }] });
  }

  move(parcel: SandboxParcel, status: number, reason: string | null = null): SandboxParcel {
    return this.keep({ ...parcel, steps: [...parcel.steps, { status, reason, atMs: nextStepAtMs(parcel.steps) }] });
  }

  totals(): object {
    return this.counted((parcel) => statusOf(parcel) === CANCELLED);
  }
}
