import { LedgerFile } from './sandbox-ledger-file.js';

/** One status and its time; milliseconds since 1970, whole seconds. */
export interface ParcelStep {
  readonly status: number;
  readonly atMs: number;
}

export interface KeptParcel<Step extends ParcelStep = ParcelStep> {
  readonly collectVnd: number;
  readonly steps: readonly Step[];
}

interface Numbers<Parcel> {
  /** The carrier's own, of which there is one a parcel. */
  readonly idOf: (parcel: Parcel) => string;
  /** By which a parcel is found: the carrier's and ours. */
  readonly namesOf: (parcel: Parcel) => readonly string[];
}

const wholeSecond = (ms: number): number => Math.floor(ms / 1_000) * 1_000;

/** What a carrier that tells of parcels by statuses has taken. Kept in a file where one is named. */
export class ParcelLedger<Step extends ParcelStep, Parcel extends KeptParcel<Step>> {
  readonly #numbers: Numbers<Parcel>;
  readonly #file: LedgerFile<Parcel>;
  readonly #parcels = new Map<string, Parcel>();

  constructor(path: string | null, numbers: Numbers<Parcel>) {
    this.#numbers = numbers;
    this.#file = new LedgerFile<Parcel>(path);
    for (const parcel of this.#file.earlier) this.#parcels.set(numbers.idOf(parcel), parcel);
  }

  /** Taken or changed: written before it returns. */
  keep(parcel: Parcel): Parcel {
    this.#parcels.set(this.#numbers.idOf(parcel), parcel);
    this.#file.append(parcel);
    return parcel;
  }

  parcel(id: string): Parcel | null {
    return this.#parcels.get(id) ?? null;
  }

  /** By our number or by the carrier's; more than one where an order was taken twice. */
  named(code: string): readonly Parcel[] {
    return this.parcels().filter((parcel) => this.#numbers.namesOf(parcel).includes(code));
  }

  parcels(): readonly Parcel[] {
    return [...this.#parcels.values()];
  }

  /** For the control call `state`. */
  counted(isCancelled: (parcel: Parcel) => boolean): { readonly parcels: number; readonly cancelled: number; readonly collectVnd: number } {
    const parcels = this.parcels();
    return { parcels: parcels.length, cancelled: parcels.filter(isCancelled).length, collectVnd: parcels.reduce((sum, { collectVnd }) => sum + collectVnd, 0) };
  }

  clear(): void {
    this.#parcels.clear();
    this.#file.clear();
  }

  close(): void {
    this.#file.close();
  }
}

/** A second after the step before at least, so that times tell the order. */
export const nextStepAtMs = (steps: readonly ParcelStep[]): number => Math.max(wholeSecond(Date.now()), (steps.at(-1)?.atMs ?? 0) + 1_000);
