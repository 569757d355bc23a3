import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldText } from '../agencies/fold-text.js';
import { PACKAGE_ROOT } from '../package-root.js';
import { STATE_TREASURY } from './account-number.js';

/** A bank, or the State Treasury. */
export interface Bank {
  readonly code: string;
  readonly shortName: string;
  readonly name: string;
  /** Six digits; null for the State Treasury and for a bank that is in no card scheme. */
  readonly bin: string | null;
  readonly swift: string | null;
  /** Three digits within a Citad code; null where not known. */
  readonly citad: string | null;
}

const FILE = join(PACKAGE_ROOT, 'schemas', 'seeds', 'banks.json');
/** Province, bank, branch. */
const CITAD = /^\d{2}(\d{3})\d{3}$/;
/** A head office's SWIFT code; branches add three characters. */
const SWIFT = /^([A-Z]{4}VN[A-Z0-9]{2})([A-Z0-9]{3})?$/;

const keyOf = (text: string): string => foldText(text).replace(/[^a-z0-9]/g, '').toUpperCase();

/** The list of banks, looked into by whatever an official knows a bank by. */
export class BankList {
  readonly banks: readonly Bank[];
  readonly #byKey = new Map<string, Bank>();

  constructor(banks: readonly Bank[]) {
    this.banks = banks;
    // Codes go first: a short name of one bank may be the code of another.
    for (const names of [({ code }: Bank) => [code], ({ bin, swift, citad }: Bank) => [bin, swift, citad], ({ shortName, name }: Bank) => [shortName, name]]) {
      for (const bank of banks) {
        for (const text of names(bank)) if (text !== null && !this.#byKey.has(keyOf(text))) this.#byKey.set(keyOf(text), bank);
      }
    }
  }

  /** By code, BIN, SWIFT, Citad code or name; null where the list has no such bank. */
  find(text: string): Bank | null {
    const key = keyOf(text);
    const found = this.#byKey.get(key) ?? this.#byKey.get(CITAD.exec(key)?.[1] ?? '') ?? this.#byKey.get(SWIFT.exec(key)?.[1] ?? '');
    return found ?? null;
  }

  get treasury(): Bank | null {
    return this.find(STATE_TREASURY);
  }
}

/** The list that comes with the program. */
export const readBankList = (): BankList => new BankList(JSON.parse(readFileSync(FILE, 'utf8')) as readonly Bank[]);
