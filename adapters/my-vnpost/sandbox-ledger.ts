import { randomUUID } from 'node:crypto';
import type { CodLine } from '../support/sandbox-cod-statement.js';
import { nextStepAtMs, ParcelLedger } from '../support/sandbox-parcels.js';
import type { KeptParcel, ParcelStep } from '../support/sandbox-parcels.js';

export interface Step extends ParcelStep {
  readonly cause: string;
}

export interface SandboxParcel extends KeptParcel<Step> {
  readonly id: string;
  readonly itemCode: string;
  readonly orderCode: string;
  readonly customerCode: string;
  readonly service: string;
  readonly feeVnd: number;
  /** How often the statement says that its money was paid out. */
  readonly payouts: number;
}

export type NewParcel = Pick<SandboxParcel, 'orderCode' | 'customerCode' | 'service' | 'collectVnd' | 'feeVnd'>;

const ACCEPTED = 20;
export const CANCELLED = 60;
const COLLECTED = 110;
const PAID_OUT = 120;
/** Before the post has it in hand. */
const CANCELLABLE: readonly number[] = [20, 61, 62];

export const statusOf = ({ steps }: SandboxParcel): number => steps.at(-1)?.status ?? ACCEPTED;
export const isCancellable = (parcel: SandboxParcel): boolean => CANCELLABLE.includes(statusOf(parcel));

/** What the post has taken. It knows no repeats: the same order twice is two parcels. */
export class MyVnpostLedger extends ParcelLedger<Step, SandboxParcel> {
  constructor(path: string | null) {
    super(path, { idOf: ({ id }) => id, namesOf: ({ orderCode, itemCode }) => [orderCode, itemCode] });
  }

  take(fresh: NewParcel): SandboxParcel {
    const itemCode = `E${String(100_000_001 + this.parcels().length)}VN`;
    return this.keep({ ...fresh, id: randomUUID(), itemCode, steps: [{ status: ACCEPTED, cause: '', atMs: nextStepAtMs([]) }], payouts: 0 });
  }

  move(parcel: SandboxParcel, status: number, cause = ''): SandboxParcel {
    const step = { status, cause, atMs: nextStepAtMs(parcel.steps) };
    return this.keep({ ...parcel, steps: [...parcel.steps, step], payouts: parcel.payouts + (status === PAID_OUT ? 1 : 0) });
  }

  payOutAgain(parcel: SandboxParcel): SandboxParcel {
    return this.keep({ ...parcel, payouts: parcel.payouts + 1 });
  }

  codLines(): readonly CodLine[] {
    return this.parcels().flatMap(({ orderCode, itemCode, collectVnd, steps, payouts }) => {
      const line = (state: CodLine['state'], status: number): readonly CodLine[] =>
        steps.filter((step) => step.status === status).map(({ atMs }) => ({ orderNumber: orderCode, carrierNumber: itemCode, amountVnd: collectVnd, state, atMs }));
      const [paid] = line('PAID_OUT', PAID_OUT);
      return [...line('COLLECTED', COLLECTED), ...(paid === undefined ? [] : Array.from({ length: payouts }, () => paid))];
    });
  }

  totals(): object {
    const paidOutVnd = this.parcels().reduce((sum, { collectVnd, payouts }) => sum + collectVnd * payouts, 0);
    return { ...this.counted((parcel) => statusOf(parcel) === CANCELLED), paidOutVnd };
  }
}
