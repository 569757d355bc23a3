import { randomUUID } from 'node:crypto';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { GatewayWindows, GatewayWord, OpenAnswer, PaymentGateway, PaymentOrder, RefundAnswer, RefundOrder, RefundPort, RefundWord } from '../../src/payments/payment-gateway-port.js';
import { nearestEntry } from '../support/agency-entries.js';
import type { ApiAnswer, ApiQuestion, VnpayClient } from './client.js';
import { codeText } from './code-texts.js';
import type { VnpaySettings } from './config.js';
import { APPROVED, isQrRefusal, queryVerdict, refundVerdict } from './errors.js';
import { LARGEST_AMOUNT_VND, payFields, queryFields, refundAnswerOf, refundFields, refundWordOf, wordOf } from './mapping.js';
import type { Merchant } from './merchants.js';
import { PARTY } from './operations.js';
import type { VnpayOperation } from './operations.js';
import { canonicalQuery, joinedValues, sign } from './signature.js';
import { HASH_FIELD, QUERY_ORDER, REFUND_ORDER } from './wire.js';
import type { PayFields } from './wire.js';

type Asked = Pick<PaymentOrder, 'reference' | 'createdAt'>;

const signedQuery = (fields: PayFields, secret: string): string => {
  const canonical = canonicalQuery(new Map(Object.entries(fields)));
  return `${canonical}&${HASH_FIELD}=${sign(secret, canonical)}`;
};

const windowsOf = (settings: VnpaySettings): GatewayWindows => ({
  payWithinMs: settings.VNPAY_PAY_WITHIN_MS, askAfterMs: settings.VNPAY_ASK_AFTER_MS, askEveryMs: settings.VNPAY_ASK_EVERY_MS,
  settleMs: settings.VNPAY_SETTLE_MS, giveUpMs: settings.VNPAY_GIVE_UP_MS,
});

/** Under which terminal code it was opened, in what the gateway wants repeated: agencies get codes of their own later. */
const TERMINAL = 'terminal';

/** 32 letters and digits: unique per day is asked for, and so it is for ever. */
const newRequestId = (): string => randomUUID().replaceAll('-', '');

/** VNPAY 2.1.0. Opening builds a signed address and sends nothing, unless the content of a QR code is wanted. */
export class VnpayGateway implements PaymentGateway {
  readonly party = PARTY;
  readonly moneyGoes = 'transit';
  // The account behind a terminal code is agreed with VNPAY; no message carries one.
  readonly accountRegistration = 'by-hand';
  readonly windows: GatewayWindows;
  readonly opensUnsent: boolean;
  readonly refunds: RefundPort;
  readonly #settings: VnpaySettings;
  readonly #client: VnpayClient;

  constructor(settings: VnpaySettings, client: VnpayClient) {
    this.#settings = settings;
    this.#client = client;
    this.windows = windowsOf(settings);
    this.opensUnsent = !settings.VNPAY_QR_CONTENT;
    this.refunds = {
      partial: true,
      // querydr shows a transaction, and no number of ours.
      tellsApart: false,
      refund: (order, call) => this.#refund(order, call),
      askRefund: (order, call) => this.#askRefund(order, call),
    };
  }

  serves(agencyCodes: readonly string[]): boolean {
    return this.#merchantOf(agencyCodes) !== null;
  }

  opensUnder(agencyCodes: readonly string[]): Readonly<Record<string, string>> {
    const merchant = this.#merchantOf(agencyCodes);
    return merchant === null ? {} : { [TERMINAL]: merchant.tmnCode };
  }

  merchantOf({ agencyCodes, gatewayData }: Pick<PaymentOrder, 'agencyCodes' | 'gatewayData'>): string | null {
    return gatewayData[TERMINAL] ?? this.#merchantOf(agencyCodes)?.tmnCode ?? null;
  }

  async open(order: PaymentOrder, call: PartyCall): Promise<OpenAnswer> {
    const merchant = this.#merchantOf(order.agencyCodes);
    if (merchant === null) return { kind: 'rejected', code: 'no-merchant', text: 'No terminal code is configured for this agency.' };
    if (order.amountVnd > LARGEST_AMOUNT_VND) return { kind: 'rejected', code: 'amount', text: 'The amount is larger than the wire can carry.' };
    const payUrl = `${this.#settings.VNPAY_URL}?${signedQuery(this.#payFields(order, merchant, 'pay'), merchant.secret)}`;
    const opened = { kind: 'opened', payUrl, qrContent: null, gatewayTransaction: null, gatewayData: { [TERMINAL]: merchant.tmnCode } } as const;
    if (!this.#settings.VNPAY_QR_CONTENT) return opened;
    const fields = this.#payFields(order, merchant, 'genqr');
    const { code, qrContent } = await this.#client.askQr(signedQuery(fields, merchant.secret), fields, call);
    if (code === APPROVED && qrContent !== '') return { ...opened, qrContent };
    if (isQrRefusal(code)) return { kind: 'rejected', code, text: codeText('pay', code, order.language) ?? '' };
    // It may hold the order by now, under a code that says neither yes nor no.
    throw new PartyError('outcome-unknown', { party: PARTY, operation: 'open-payment', code: 'qr-code-unclear' });
  }

  async ask(order: PaymentOrder, call: PartyCall): Promise<GatewayWord> {
    const merchant = this.#merchantFor(order, 'ask-payment');
    const { reply } = await this.#query('ask-payment', { order, merchant }, call);
    return wordOf(reply, order.language);
  }

  /** Asks for an order that nobody made, with each terminal code: only a good secret is told that there is none. @throws PartyError */
  async check(call: PartyCall): Promise<string> {
    const merchants = [...new Map(this.#settings.VNPAY_MERCHANTS.map((merchant) => [merchant.tmnCode, merchant])).values()];
    for (const merchant of merchants) await this.#query('ask-payment', { order: { reference: `PROBE${newRequestId().slice(0, 12)}`, createdAt: new Date() }, merchant }, call);
    return `${merchants.length} terminal code(s) accepted`;
  }

  async #refund(order: RefundOrder, call: PartyCall): Promise<RefundAnswer> {
    const merchant = this.#merchantFor(order.payment, 'refund-payment');
    const fields = refundFields(order, { tmnCode: merchant.tmnCode, serverIp: this.#settings.VNPAY_SERVER_IP, now: new Date() });
    const { reply } = await this.#asked({
      operation: 'refund-payment', merchant, reference: order.payment.reference, form: 'refund', verdictOf: refundVerdict,
      body: { ...fields, [HASH_FIELD]: sign(merchant.secret, joinedValues(REFUND_ORDER, fields)) },
    }, call);
    return refundAnswerOf(reply, order.payment.language);
  }

  async #askRefund(order: RefundOrder, call: PartyCall): Promise<RefundWord> {
    const merchant = this.#merchantFor(order.payment, 'ask-refund');
    const { reply } = await this.#query('ask-refund', { order: order.payment, merchant }, call);
    return refundWordOf(reply, order);
  }

  #query(operation: VnpayOperation, { order, merchant }: { readonly order: Asked; readonly merchant: Merchant }, call: PartyCall): Promise<ApiAnswer> {
    const fields = queryFields(order, { tmnCode: merchant.tmnCode, requestId: newRequestId(), serverIp: this.#settings.VNPAY_SERVER_IP, now: new Date() });
    return this.#asked({
      operation, merchant, reference: order.reference, form: 'query', verdictOf: queryVerdict,
      body: { ...fields, [HASH_FIELD]: sign(merchant.secret, joinedValues(QUERY_ORDER, fields)) },
    }, call);
  }

  /** Being asked too often and a refused key say nothing of the order. */
  async #asked(question: ApiQuestion, call: PartyCall): Promise<ApiAnswer> {
    const answer = await this.#client.ask(question, call);
    const subject = { party: PARTY, operation: question.operation };
    if (answer.verdict === 'limited') throw new PartyError('rate-limited', { ...subject, code: 'asked-too-often', retryAfterMs: this.windows.askEveryMs, isOfOne: true });
    if (answer.verdict === 'key') throw new PartyError('refused-credentials', { ...subject, code: 'merchant-refused' });
    return answer;
  }

  #payFields(order: PaymentOrder, merchant: Merchant, command: PayFields['vnp_Command']): PayFields {
    return payFields(order, {
      tmnCode: merchant.tmnCode, orderType: this.#settings.VNPAY_ORDER_TYPE, bankCode: this.#settings.VNPAY_BANK_CODE,
      serverIp: this.#settings.VNPAY_SERVER_IP, returnUrl: this.#settings.VNPAY_RETURN_URL,
    }, command);
  }

  #merchantOf(agencyCodes: readonly string[]): Merchant | null {
    return nearestEntry(this.#settings.VNPAY_MERCHANTS, agencyCodes);
  }

  /** @throws PartyError where the terminal code under which it was opened is configured no more */
  #merchantFor(order: PaymentOrder, operation: VnpayOperation): Merchant {
    const terminal = order.gatewayData[TERMINAL];
    const merchant = terminal === undefined ? this.#merchantOf(order.agencyCodes) : this.#settings.VNPAY_MERCHANTS.find(({ tmnCode }) => tmnCode === terminal) ?? null;
    if (merchant === null) throw new PartyError('refused-credentials', { party: PARTY, operation, code: 'no-merchant' });
    return merchant;
  }
}
