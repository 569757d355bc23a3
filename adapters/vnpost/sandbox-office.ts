import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import type { VnpostLedger } from './sandbox-ledger.js';
import { faultyDocument, faultyField, numberIn, priceOf, tariff, textIn } from './sandbox-rules.js';
import type { Fields } from './sandbox-rules.js';

const WEIGHT_UNKNOWN_GRAMS = 500;

export type Shape = 'path' | 'service';

const WORDS: Readonly<Record<number, string>> = {
  100: 'Thành công', 101: 'Đơn hàng đã tồn tại', 102: 'Không tìm thấy đơn hàng', 103: 'Đơn hàng không huỷ được', 104: 'Thiếu hoặc sai dữ liệu', 105: 'Mã khách hàng không đúng',
};

/** The SDK's side knows ints, an LGSP hands on texts. */
export const statusAnswer = (shape: Shape, status: number, words = WORDS[status] ?? 'Lỗi'): WireAnswer =>
  jsonAnswer(200, { Status: shape === 'service' ? String(status) : status, Message: words });

/** The clerk behind orders, cancellations, documents and prices. */
export class PostOffice {
  readonly #ledger: VnpostLedger;
  readonly #customers: ReadonlySet<string>;

  constructor(ledger: VnpostLedger, customers: readonly string[]) {
    this.#ledger = ledger;
    this.#customers = new Set(customers);
  }

  /** @param riseVnd by which it costs more than was quoted */
  create(order: Fields, shape: Shape, riseVnd = 0): WireAnswer {
    const faulty = faultyField(order);
    if (faulty !== null) return statusAnswer(shape, 104, `Thiếu hoặc sai dữ liệu: ${faulty}`);
    const [customerCode, orderNumber] = [textIn(order, 'CustomerCode'), textIn(order, 'OrderNumber')];
    if (!this.#customers.has(customerCode)) return statusAnswer(shape, 105);
    if (this.#ledger.find(customerCode, orderNumber) !== null) return statusAnswer(shape, 101);
    const feeVnd = tariff(numberIn(order, 'SenderProvince') ?? 0, numberIn(order, 'ReceiverProvince') ?? 0, WEIGHT_UNKNOWN_GRAMS) + riseVnd;
    this.#ledger.take({ customerCode, orderNumber, collectVnd: numberIn(order, 'CODAmount') ?? 0, feeVnd }, textIn(order, 'ItemCode') || null);
    return statusAnswer(shape, 100);
  }

  cancel(query: URLSearchParams, shape: Shape): WireAnswer {
    const parcel = this.#ledger.find(query.get('CustomerCode') ?? '', query.get('OrderNumber') ?? '');
    if (parcel === null) return statusAnswer(shape, 102);
    if (this.#ledger.isTaken(parcel)) return statusAnswer(shape, 103);
    this.#ledger.cancel(parcel);
    return statusAnswer(shape, 100);
  }

  document(document: Fields, shape: Shape): WireAnswer {
    const faulty = faultyDocument(document);
    if (faulty !== null) return statusAnswer(shape, 104, `Thiếu hoặc sai dữ liệu: ${faulty}`);
    const customerCode = textIn(document, 'CustomerCode');
    if (!this.#customers.has(customerCode)) return statusAnswer(shape, 105);
    const parcel = this.#ledger.find(customerCode, textIn(document, 'OrderNumber'));
    if (parcel !== null) this.#ledger.keep({ ...parcel, notices: parcel.notices + 1 });
    return statusAnswer(shape, parcel !== null && parcel.notices > 0 ? 101 : 100);
  }

  price(question: Fields, shape: Shape): WireAnswer {
    const price = priceOf(question);
    return price === null ? statusAnswer(shape, 104) : jsonAnswer(200, { content: { price } });
  }
}
