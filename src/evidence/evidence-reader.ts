import { UserInputError } from '../errors/gateway-error.js';
import type { EvidenceHead, EvidenceRecord } from './evidence.js';
import type { EvidenceStore } from './evidence-store.js';
import type { TimeStampStore } from './time-stamp-store.js';

export interface RecordPage {
  readonly records: readonly EvidenceRecord[];
  readonly hasNextPage: boolean;
}

/** A head with what a time-stamping authority said of it; null: nothing yet, or none is configured. */
export interface ShownHead extends EvidenceHead {
  readonly stampedAt: Date | null;
}

export interface HeadPage {
  readonly heads: readonly ShownHead[];
  readonly hasNextPage: boolean;
}

interface Page {
  readonly first: number;
  /** Number of the last entry of the page before, as text; null for the first page. */
  readonly after: string | null;
}

const MAX_PAGE = 200;
const STORABLE = /^[^\0]{1,200}$/;
const NUMBER = /^\d{1,15}$/;

const refuse = (field: string, text: { readonly vi: string; readonly en: string }): never => {
  throw new UserInputError([{ field, code: 'INVALID', message: text }]);
};

const parsePage = ({ first, after }: Page): { after: number; limit: number } => {
  if (first < 1 || first > MAX_PAGE) refuse('first', { vi: `Từ 1 đến ${String(MAX_PAGE)}`, en: `Between 1 and ${String(MAX_PAGE)}` });
  if (after !== null && !NUMBER.test(after)) refuse('after', { vi: 'Con trỏ không hợp lệ', en: 'This is no cursor of this list' });
  return { after: Number(after ?? 0), limit: first + 1 };
};

/** Pages of evidence for people. Throws `UserInputError` for a page that cannot be. */
export class EvidenceReader {
  readonly #store: EvidenceStore;
  readonly #stamps: TimeStampStore;

  constructor(store: EvidenceStore, stamps: TimeStampStore) {
    this.#store = store;
    this.#stamps = stamps;
  }

  async records(chain: string, page: Page): Promise<RecordPage> {
    const range = parsePage(page);
    const found = STORABLE.test(chain) && Buffer.from(chain).toString() === chain ? await this.#store.records(chain, range) : [];
    return { records: found.slice(0, page.first), hasNextPage: found.length > page.first };
  }

  async heads(page: Page): Promise<HeadPage> {
    const range = parsePage(page);
    const [found, stamps] = await Promise.all([this.#store.heads(range), this.#stamps.stamps(range)]);
    const stampedAt = new Map(stamps.map(({ head, at }) => [head, new Date(at)]));
    return { heads: found.slice(0, page.first).map((head) => ({ ...head, stampedAt: stampedAt.get(head.number) ?? null })), hasNextPage: found.length > page.first };
  }
}
