import { createHash } from 'node:crypto';
import { CIRCUMSTANCES, FIELDS, WELL_KNOWN } from './sandbox-vocabulary.js';
import type { FieldWords } from './sandbox-vocabulary.js';

/** `unpublished`: G1 and G2 still list it, with another state in the record; G3 knows it no more. `withdrawn`: nobody knows it. */
export type EntryState = 'public' | 'unpublished' | 'withdrawn';

/** What a control command may set; absent fields stay. */
export interface EntryChange {
  readonly name?: string | undefined;
  readonly feeText?: string | undefined;
  readonly days?: number | undefined;
  readonly fieldCode?: string | undefined;
}

export interface CatalogueEntry {
  readonly index: number;
  readonly id: string;
  readonly code: string;
  /** 32 bytes by which everything else of the record is chosen; the same for the same seed. */
  readonly dice: Buffer;
  name: string;
  field: FieldWords;
  feeText: string | null;
  days: number | null;
  state: EntryState;
  /** 1 at first; a change adds one. */
  version: number;
}

const fieldOf = (code: string): FieldWords | undefined => FIELDS.find((field) => field.code === code);

const uuidOf = (dice: Buffer): string => {
  const hex = dice.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

const PREFIXES = ['1', '1', '2', '1', '3', '5'];

/** Action × object × circumstance of the field, in an order that gives the plain names first. */
const nameOf = (field: FieldWords, number: number): string => {
  const object = field.objects[number % field.objects.length] ?? '';
  const rest = Math.floor(number / field.objects.length);
  const action = field.actions[rest % field.actions.length] ?? '';
  const circumstance = CIRCUMSTANCES[Math.floor(rest / field.actions.length) % CIRCUMSTANCES.length] ?? '';
  const name = [action, object, circumstance].filter((part) => part !== '').join(' ');
  // Names shared with a well-known procedure would make every search by name ambiguous.
  return WELL_KNOWN.some(([, known]) => known === name) ? `${name} lưu động` : name;
};

/** One in fifty withdrawn and one in a hundred unpublished from the start; the well-known ones never. */
const stateOf = (dice: Buffer): EntryState => {
  const roll = dice.readUInt16BE(6) % 100;
  if (roll < 2) return 'withdrawn';
  return roll === 2 ? 'unpublished' : 'public';
};

const createEntry = (seed: number, index: number): CatalogueEntry => {
  const dice = createHash('sha256').update(`${seed}:${index}`).digest();
  const known = WELL_KNOWN[index];
  const made = index - WELL_KNOWN.length;
  const field = (known === undefined ? FIELDS[made % FIELDS.length] : fieldOf(known[2])) as FieldWords;
  return {
    index, dice, field,
    id: uuidOf(dice),
    // Numbers from 010000 on, so that none meets a well-known code.
    code: known?.[0] ?? `${PREFIXES[(dice[8] ?? 0) % PREFIXES.length]}.${String(10_000 + made).padStart(6, '0')}`,
    name: known?.[1] ?? nameOf(field, Math.floor(made / FIELDS.length)),
    feeText: null, days: null, version: 1,
    state: known === undefined ? stateOf(dice) : 'public',
  };
};

/** The sandbox's catalogue: made by a seed, changed by command. */
export class SandboxCatalogue {
  readonly #seed: number;
  readonly #size: number;
  #entries: CatalogueEntry[] = [];
  #byCode = new Map<string, CatalogueEntry>();
  #byId = new Map<string, CatalogueEntry>();

  /** @param size procedures in all, the withdrawn ones included; names repeat above some 13,000 */
  constructor(seed: number, size: number) {
    this.#seed = seed;
    this.#size = size;
    this.reset();
  }

  reset(): void {
    this.#entries = Array.from({ length: this.#size }, (_unused, index) => createEntry(this.#seed, index));
    this.#byCode = new Map(this.#entries.map((entry) => [entry.code, entry]));
    this.#byId = new Map(this.#entries.map((entry) => [entry.id, entry]));
  }

  entries(): readonly CatalogueEntry[] {
    return this.#entries;
  }

  byCode(code: string): CatalogueEntry | null {
    return this.#byCode.get(code) ?? null;
  }

  byId(id: string): CatalogueEntry | null {
    return this.#byId.get(id) ?? null;
  }

  /** A new version of it; without anything named, its name says so and it takes a day longer. */
  change(entry: CatalogueEntry, change: EntryChange): void {
    entry.version += 1;
    const isPlain = Object.values(change).every((value) => value === undefined);
    entry.name = change.name ?? (isPlain ? `${entry.name.replace(/ \(sửa đổi lần \d+\)$/, '')} (sửa đổi lần ${entry.version - 1})` : entry.name);
    entry.days = change.days ?? (isPlain ? (entry.days ?? 5) + 1 : entry.days);
    entry.feeText = change.feeText ?? entry.feeText;
    entry.field = (change.fieldCode === undefined ? undefined : fieldOf(change.fieldCode)) ?? entry.field;
  }

  totals(): Readonly<Record<EntryState, number>> {
    const totals = { public: 0, unpublished: 0, withdrawn: 0 };
    for (const { state } of this.#entries) totals[state] += 1;
    return totals;
  }
}
