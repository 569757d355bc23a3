import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import type { SandboxEvent, VnpostLedger } from './sandbox-ledger.js';

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1_000;
const START = '0'.repeat(24);

const documentOf = ({ oid, customerCode, orderNumber, itemCode, atMs, code, text, office }: SandboxEvent): object => ({
  _id: { $oid: oid }, CustomerCode: customerCode, OrderNumber: orderNumber, EventTime: atMs, POSID: office, ItemCode: itemCode, StatusCode: code, StatusMessage: text,
  // What postmen write by hand; nobody should rely on it, and it names people.
  Notes: code === 4 ? 'Người nhận: NGUYỄN THỊ CANARY' : null,
});

/** How a page can be wrong. */
export type PageFlaw = 'repeat-page' | 'duplicate-events' | 'reorder-events' | 'half-page';

/** order/tracking: what happened behind an id, as RESTHeart shows a collection. */
export class TrackingDesk {
  readonly #ledger: VnpostLedger;
  #lastPage: readonly SandboxEvent[] | null = null;

  constructor(ledger: VnpostLedger) {
    this.#ledger = ledger;
  }

  /** Null for a page that may be asked for; else what RESTHeart says to it. */
  refusal({ query }: SandboxHttpRequest): WireAnswer | null {
    const size = Number(query.get('pagesize') ?? DEFAULT_PAGE);
    const isGood = Number.isInteger(size) && size >= 1 && size <= LARGEST_PAGE && /^[0-9a-f]{24}$/.test(query.get('lastId') ?? START);
    return isGood ? null : jsonAnswer(400, { 'http status code': 400, 'http status description': 'Bad Request', message: 'illegal argument, pagesize must be >= 0 and <= 1000' });
  }

  page({ query }: SandboxHttpRequest, flaw: PageFlaw | null = null): WireAnswer {
    const size = Number(query.get('pagesize') ?? DEFAULT_PAGE);
    const due = this.#ledger.after(query.get('lastId') ?? START, size);
    const events = flaw === 'repeat-page' ? this.#lastPage ?? this.#ledger.after(START, size) : due;
    this.#lastPage = events;
    const documents = events.map(documentOf);
    const shown = flaw === 'duplicate-events' ? documents.flatMap((document) => [document, document]) : flaw === 'reorder-events' ? documents.toReversed() : documents;
    return jsonAnswer(200, {
      _size: this.#ledger.events().length, _total_pages: Math.ceil(this.#ledger.events().length / size), _returned: shown.length,
      _embedded: { 'rh:doc': flaw === 'half-page' ? shown.slice(0, Math.floor(shown.length / 2)) : shown },
    });
  }

  clear(): void {
    this.#lastPage = null;
  }
}
