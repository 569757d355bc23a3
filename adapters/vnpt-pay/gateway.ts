import { randomUUID } from 'node:crypto';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { GatewayWindows, GatewayWord, OpenAnswer, PaymentGateway, PaymentOrder } from '../../src/payments/payment-gateway-port.js';
import { nearestEntry } from '../support/agency-entries.js';
import type { Answer, VnptPayClient } from './client.js';
import type { VnptPaySettings } from './config.js';
import { codeText, openVerdict, queryVerdict } from './errors.js';
import type { QueryVerdict, StatusLists } from './errors.js';
import { LARGEST_AMOUNT_VND, openFields, queryFields, signedBody } from './mapping.js';
import type { OpenTerms } from './mapping.js';
import { pageOf, qrOf, transactionOf, wordOf } from './mapping-reply.js';
import type { ReadReply } from './mapping-reply.js';
import type { Merchant } from './merchants.js';
import { PARTY } from './operations.js';
import type { VnptPayOperation } from './operations.js';
import { VARIANT_WIRES } from './wire.js';

type Asked = Pick<PaymentOrder, 'reference' | 'createdAt'>;

const windowsOf = (settings: VnptPaySettings): GatewayWindows => ({
  payWithinMs: settings.VNPT_PAY_PAY_WITHIN_MS, askAfterMs: settings.VNPT_PAY_ASK_AFTER_MS, askEveryMs: settings.VNPT_PAY_ASK_EVERY_MS,
  settleMs: settings.VNPT_PAY_SETTLE_MS, giveUpMs: settings.VNPT_PAY_GIVE_UP_MS,
});

/** Under which service it was opened, in what the gateway wants repeated: agencies get services of their own later. */
const SERVICE = 'service';

const failed = (kind: PartyError['kind'], operation: VnptPayOperation, code: string): PartyError => new PartyError(kind, { party: PARTY, operation, code });

/** VNPT Pay in its three variants. It is asked with the time of the order, and gives nothing back: no message for that was found. */
export class VnptPayGateway implements PaymentGateway {
  readonly party = PARTY;
  readonly moneyGoes = 'transit';
  // The account behind a service is agreed with VNPT Pay; no message carries one.
  readonly accountRegistration = 'by-hand';
  readonly windows: GatewayWindows;
  readonly opensUnsent = false;
  readonly refunds = null;
  readonly #settings: VnptPaySettings;
  readonly #client: VnptPayClient;
  readonly #statuses: StatusLists;

  constructor(settings: VnptPaySettings, client: VnptPayClient) {
    this.#settings = settings;
    this.#client = client;
    this.windows = windowsOf(settings);
    this.#statuses = { paid: settings.VNPT_PAY_STATUS_PAID, failed: settings.VNPT_PAY_STATUS_FAILED, pending: settings.VNPT_PAY_STATUS_PENDING };
  }

  serves(agencyCodes: readonly string[]): boolean {
    return this.#merchantOf(agencyCodes) !== null;
  }

  opensUnder(agencyCodes: readonly string[]): Readonly<Record<string, string>> {
    const merchant = this.#merchantOf(agencyCodes);
    return merchant === null ? {} : { [SERVICE]: merchant.merchantServiceId };
  }

  merchantOf({ agencyCodes, gatewayData }: Pick<PaymentOrder, 'agencyCodes' | 'gatewayData'>): string | null {
    return gatewayData[SERVICE] ?? this.#merchantOf(agencyCodes)?.merchantServiceId ?? null;
  }

  async open(order: PaymentOrder, call: PartyCall): Promise<OpenAnswer> {
    const merchant = this.#merchantOf(order.agencyCodes);
    if (merchant === null) return { kind: 'rejected', code: 'no-merchant', text: 'No VNPT Pay service is configured for this agency.' };
    if (order.amountVnd > LARGEST_AMOUNT_VND) return { kind: 'rejected', code: 'amount', text: 'The amount is larger than the wire can carry.' };
    const { verdict, reply } = await this.#client.ask({
      operation: 'open-payment', merchant, reference: order.reference, path: VARIANT_WIRES[this.#settings.VNPT_PAY_VARIANT].openPath, verdictOf: openVerdict,
      body: signedBody(openFields(order, this.#termsOf(merchant)), merchant.secret),
    }, call);
    if (verdict === 'key') throw failed('refused-credentials', 'open-payment', 'merchant-refused');
    // It holds an order of ours, whose page nobody can be sent to any more: only a question tells what became of it.
    if (verdict === 'exists') throw failed('outcome-unknown', 'open-payment', 'order-exists');
    if (verdict === 'refused') return { kind: 'rejected', code: reply.code, text: codeText(reply.code, order.language) ?? '' };
    return this.#opened(merchant, reply);
  }

  async ask(order: PaymentOrder, call: PartyCall): Promise<GatewayWord> {
    const { reply } = await this.#query(order, this.#merchantFor(order), call);
    return wordOf(reply, this.#statuses, order.language);
  }

  /** Asks for an order that nobody made, with each service: only a good key and secret get a signed answer. @throws PartyError */
  async check(call: PartyCall): Promise<string> {
    const merchants = [...new Map(this.#settings.VNPT_PAY_MERCHANTS.map((merchant) => [merchant.merchantServiceId, merchant])).values()];
    for (const merchant of merchants) await this.#query({ reference: `PROBE${randomUUID().replaceAll('-', '').slice(0, 12)}`, createdAt: new Date() }, merchant, call);
    return `${merchants.length} service(s) accepted`;
  }

  #opened(merchant: Merchant, reply: ReadReply): OpenAnswer {
    const payUrl = pageOf(reply);
    const qrContent = this.#settings.VNPT_PAY_VARIANT === 'pay-qrcode' ? qrOf(reply, this.#settings.VNPT_PAY_QR_FIELD) : null;
    // It holds the order, and gave nothing that the citizen could pay with.
    if (payUrl === null && qrContent === null) throw failed('outcome-unknown', 'open-payment', 'nothing-to-pay-with');
    return { kind: 'opened', payUrl, qrContent, gatewayTransaction: transactionOf(reply), gatewayData: { [SERVICE]: merchant.merchantServiceId } };
  }

  async #query(order: Asked, merchant: Merchant, call: PartyCall): Promise<Answer<QueryVerdict>> {
    const variant = this.#settings.VNPT_PAY_VARIANT;
    const path = this.#settings.VNPT_PAY_QUERY_PATH;
    const answer = await this.#client.ask({
      operation: 'ask-payment', merchant, reference: order.reference, path: path === '' ? VARIANT_WIRES[variant].queryPath : path, verdictOf: queryVerdict,
      body: signedBody(queryFields(order, { variant, merchantServiceId: merchant.merchantServiceId }), merchant.secret),
    }, call);
    if (answer.verdict === 'key') throw failed('refused-credentials', 'ask-payment', 'merchant-refused');
    return answer;
  }

  #termsOf(merchant: Merchant): OpenTerms {
    const settings = this.#settings;
    return {
      variant: settings.VNPT_PAY_VARIANT, merchantServiceId: merchant.merchantServiceId, agencyId: merchant.agencyId ?? '', paymentMethod: settings.VNPT_PAY_PAYMENT_METHOD,
      device: settings.VNPT_PAY_DEVICE, serviceId: settings.VNPT_PAY_SERVICE_ID, channelId: settings.VNPT_PAY_CHANNEL_ID,
      serviceCategory: settings.VNPT_PAY_SERVICE_CATEGORY, serverIp: settings.VNPT_PAY_SERVER_IP,
    };
  }

  #merchantOf(agencyCodes: readonly string[]): Merchant | null {
    return nearestEntry(this.#settings.VNPT_PAY_MERCHANTS, agencyCodes);
  }

  /** @throws PartyError where the service under which it was opened is configured no more */
  #merchantFor(order: PaymentOrder): Merchant {
    const service = order.gatewayData[SERVICE];
    const merchant = service === undefined ? this.#merchantOf(order.agencyCodes) : this.#settings.VNPT_PAY_MERCHANTS.find(({ merchantServiceId }) => merchantServiceId === service) ?? null;
    if (merchant === null) throw failed('refused-credentials', 'ask-payment', 'no-merchant');
    return merchant;
  }
}
