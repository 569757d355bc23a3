import { randomUUID } from 'node:crypto';
import type { CodLine } from '../support/sandbox-cod-statement.js';
import { LedgerFile } from '../support/sandbox-ledger-file.js';

/** One status and its time; milliseconds since 1970, whole seconds. */
export interface Step {
  readonly status: number;
  readonly cause: string;
  readonly atMs: number;
}

export interface SandboxParcel {
  readonly id: string;
  readonly itemCode: string;
  readonly orderCode: string;
  readonly customerCode: string;
  readonly service: string;
  readonly collectVnd: number;
  readonly feeVnd: number;
  readonly steps: readonly Step[];
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

const wholeSecond = (ms: number): number => Math.floor(ms / 1_000) * 1_000;

/** What the post has taken. It knows no repeats: the same order twice is two parcels. Kept in a file where one is named. */
export class MyVnpostLedger {
  readonly #file: LedgerFile<SandboxParcel>;
  readonly #parcels = new Map<string, SandboxParcel>();

  constructor(path: string | null) {
    this.#file = new LedgerFile<SandboxParcel>(path);
    for (const parcel of this.#file.earlier) this.#parcels.set(parcel.id, parcel);
  }

  take(fresh: NewParcel): SandboxParcel {
    const itemCode = `E${String(100_000_001 + this.#parcels.size)}VN`;
    return this.#keep({ ...fresh, id: randomUUID(), itemCode, steps: [{ status: ACCEPTED, cause: '', atMs: wholeSecond(Date.now()) }], payouts: 0 });
  }

  /** A second after the step before at least, so that times tell the order. */
  move(parcel: SandboxParcel, status: number, cause = ''): SandboxParcel {
    const atMs = Math.max(wholeSecond(Date.now()), (parcel.steps.at(-1)?.atMs ?? 0) + 1_000);
    return this.#keep({ ...parcel, steps: [...parcel.steps, { status, cause, atMs }], payouts: parcel.payouts + (status === PAID_OUT ? 1 : 0) });
  }

  payOutAgain(parcel: SandboxParcel): SandboxParcel {
    return this.#keep({ ...parcel, payouts: parcel.payouts + 1 });
  }

  parcel(id: string): SandboxParcel | null {
    return this.#parcels.get(id) ?? null;
  }

  /** By our code or by a waybill; more than one where an order was sent twice. */
  named(code: string): readonly SandboxParcel[] {
    return this.parcels().filter(({ orderCode, itemCode }) => orderCode === code || itemCode === code);
  }

  parcels(): readonly SandboxParcel[] {
    return [...this.#parcels.values()];
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
    const parcels = this.parcels();
    return {
      parcels: parcels.length, cancelled: parcels.filter((parcel) => statusOf(parcel) === CANCELLED).length,
      collectVnd: parcels.reduce((sum, { collectVnd }) => sum + collectVnd, 0), paidOutVnd: parcels.reduce((sum, { collectVnd, payouts }) => sum + collectVnd * payouts, 0),
    };
  }

  clear(): void {
    this.#parcels.clear();
    this.#file.clear();
  }

  close(): void {
    this.#file.close();
  }

  #keep(parcel: SandboxParcel): SandboxParcel {
    this.#parcels.set(parcel.id, parcel);
    this.#file.append(parcel);
    return parcel;
  }
}
