import { LedgerFile } from '../support/sandbox-ledger-file.js';
import { CANCELLED, CODE_TEXTS, MONEY_PAID_OUT, MONEY_TAKEN, ownWay, TAKEN } from './sandbox-path.js';

/** No names and addresses: nothing here needs them. */
export interface SandboxParcel {
  readonly customerCode: string;
  readonly orderNumber: string;
  readonly itemCode: string;
  readonly collectVnd: number;
  readonly feeVnd: number;
  readonly orderedAtMs: number;
  readonly isCancelled: boolean;
  /** Times that its dossier was announced. */
  readonly notices: number;
}

export interface SandboxEvent {
  readonly oid: string;
  readonly customerCode: string;
  readonly orderNumber: string;
  readonly itemCode: string;
  readonly atMs: number;
  readonly code: number;
  readonly text: string;
  readonly office: string;
}

type Entry = { readonly parcel: SandboxParcel } | { readonly event: SandboxEvent };

const OFFICES = ['430000', '100000', '101010'] as const;
/** Machine and process of an object id: one of each here. */
const ID_MIDDLE = '0d5ec0de00';

const keyOf = ({ customerCode, orderNumber }: Pick<SandboxParcel, 'customerCode' | 'orderNumber'>): string => `${customerCode} ${orderNumber}`;

/** What the post knows: parcels and what happened to them, in the order in which it wrote it down. */
export class VnpostLedger {
  readonly #file: LedgerFile<Entry>;
  readonly #parcels = new Map<string, SandboxParcel>();
  readonly #byNumber = new Map<string, SandboxParcel>();
  readonly #history = new Map<string, SandboxEvent[]>();
  /** Parcels that move by themselves, until they have arrived. */
  readonly #moving = new Set<string>();
  #events: SandboxEvent[] = [];
  #second = 0;
  #count = 0;

  constructor(path: string | null) {
    this.#file = new LedgerFile<Entry>(path);
    for (const entry of this.#file.earlier) this.#remember(entry);
    this.#count = this.#events.length;
    this.#second = Number.parseInt(this.#events.at(-1)?.oid.slice(0, 8) ?? '0', 16);
  }

  find(customerCode: string, orderNumber: string): SandboxParcel | null {
    return this.#parcels.get(keyOf({ customerCode, orderNumber })) ?? null;
  }

  /** Whoever's it is: control calls know the number only. */
  byNumber(orderNumber: string): SandboxParcel | null {
    return this.#byNumber.get(orderNumber) ?? null;
  }

  all(): readonly SandboxParcel[] {
    return [...this.#parcels.values()];
  }

  take(fresh: Pick<SandboxParcel, 'customerCode' | 'orderNumber' | 'collectVnd' | 'feeVnd'>, itemCode: string | null): SandboxParcel {
    const parcel: SandboxParcel = { ...fresh, itemCode: itemCode ?? `CH${String(this.#parcels.size + 1).padStart(9, '0')}VN`, orderedAtMs: Date.now(), isCancelled: false, notices: 0 };
    this.keep(parcel);
    return parcel;
  }

  keep(parcel: SandboxParcel): void {
    const entry = { parcel };
    this.#remember(entry);
    this.#file.append(entry);
  }

  codesOf(parcel: SandboxParcel): readonly number[] {
    return (this.#history.get(keyOf(parcel)) ?? []).map(({ code }) => code);
  }

  /** On the road, or further: nobody can stop it. */
  isTaken(parcel: SandboxParcel): boolean {
    return this.codesOf(parcel).includes(TAKEN);
  }

  cancel(parcel: SandboxParcel): void {
    if (parcel.isCancelled) return;
    this.keep({ ...parcel, isCancelled: true });
    this.append(parcel, [CANCELLED]);
  }

  /** Writes codes down, the last of them as having happened now, a second apart and never before what is written already. */
  append(parcel: SandboxParcel, codes: readonly number[], nowMs = Date.now()): void {
    const lastMs = this.#history.get(keyOf(parcel))?.at(-1)?.atMs ?? 0;
    const firstMs = Math.max(lastMs + 1_000, nowMs - (codes.length - 1) * 1_000);
    for (const [index, code] of codes.entries()) this.#write(parcel, code, firstMs + index * 1_000);
  }

  /** Moves what moves by itself: one station each `stepMs` since it was ordered. */
  advance(stepMs: number, nowMs: number): void {
    for (const key of this.#moving) {
      const parcel = this.#parcels.get(key);
      const path = parcel === undefined || parcel.isCancelled ? [] : ownWay(this.codesOf(parcel), parcel.collectVnd);
      if (parcel === undefined || path.length === 0) {
        this.#moving.delete(key);
        continue;
      }
      const due = Math.floor((nowMs - parcel.orderedAtMs) / stepMs) - this.codesOf(parcel).length;
      if (due > 0) this.append(parcel, path.slice(0, due), nowMs);
    }
  }

  /** Events behind an id, oldest first: the list is in the order of ids, so it is found by halving. */
  after(oid: string, limit: number): readonly SandboxEvent[] {
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.oid ?? '') > oid) high = middle;
      else low = middle + 1;
    }
    return this.#events.slice(low, low + limit);
  }

  events(): readonly SandboxEvent[] {
    return this.#events;
  }

  totals(): object {
    const sum = (code: number): number => this.#events.filter((event) => event.code === code).reduce((total, event) => total + (this.find(event.customerCode, event.orderNumber)?.collectVnd ?? 0), 0);
    return {
      parcels: this.#parcels.size, cancelled: this.all().filter(({ isCancelled }) => isCancelled).length, events: this.#events.length,
      collectedVnd: sum(MONEY_TAKEN), paidOutVnd: sum(MONEY_PAID_OUT),
    };
  }

  clear(): void {
    this.#parcels.clear();
    this.#byNumber.clear();
    this.#history.clear();
    this.#moving.clear();
    this.#events = [];
    this.#file.clear();
  }

  close(): void {
    this.#file.close();
  }

  #write(parcel: SandboxParcel, code: number, atMs: number): void {
    const { customerCode, orderNumber, itemCode } = parcel;
    const event: SandboxEvent = { oid: this.#nextId(), customerCode, orderNumber, itemCode, atMs, code, text: CODE_TEXTS[code] ?? `Mã ${code}`, office: OFFICES[code % OFFICES.length] ?? OFFICES[0] };
    const entry = { event };
    this.#remember(entry);
    this.#file.append(entry);
  }

  #remember(entry: Entry): void {
    if ('event' in entry) {
      this.#events.push(entry.event);
      const key = keyOf(entry.event);
      this.#history.set(key, [...(this.#history.get(key) ?? []), entry.event]);
      return;
    }
    const key = keyOf(entry.parcel);
    if (!this.#parcels.has(key)) this.#moving.add(key);
    this.#parcels.set(key, entry.parcel);
    this.#byNumber.set(entry.parcel.orderNumber, entry.parcel);
  }

  /** Ids only grow, whatever the clock does. */
  #nextId(): string {
    this.#second = Math.max(this.#second, Math.floor(Date.now() / 1_000));
    this.#count += 1;
    return `${this.#second.toString(16).padStart(8, '0')}${ID_MIDDLE}${this.#count.toString(16).padStart(6, '0').slice(-6)}`;
  }
}
