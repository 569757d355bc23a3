import { randomUUID } from 'node:crypto';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { GatewayReceipt, GatewayReceipts } from '../../src/payments/gateway-receipt-port.js';
import type { GatewayWindows, GatewayWord, OpenAnswer, PaymentGateway, PaymentOrder } from '../../src/payments/payment-gateway-port.js';
import { nearestEntry } from '../support/agency-entries.js';
import type { PlatformClient } from './client.js';
import type { PaymentPlatformSettings } from './config.js';
import { codeText } from './errors.js';
import { askBody, codeWord, initBody, wordOf } from './mapping.js';
import type { OrderTerms } from './mapping.js';
import { readBill, readOpening, readWord } from './mapping-answers.js';
import type { Asked } from './mapping-answers.js';
import { PARTY } from './operations.js';
import type { PlatformOperation } from './operations.js';
import type { Partner } from './partners.js';
import { receiptTerms } from './terms.js';

type Answered = Extract<Asked, { kind: 'word' }> | { readonly kind: 'not-found' | 'unclear'; readonly code: string };

/** Under which partner code it was opened, in what the gateway wants repeated: agencies get codes of their own later. */
const PARTNER = 'partner';

const LARGEST_AMOUNT_VND = 9_999_999_999_999;

const windowsOf = (settings: PaymentPlatformSettings): GatewayWindows => ({
  payWithinMs: settings.PAYMENT_PLATFORM_PAY_WITHIN_MS, askAfterMs: settings.PAYMENT_PLATFORM_ASK_AFTER_MS, askEveryMs: settings.PAYMENT_PLATFORM_ASK_EVERY_MS,
  settleMs: settings.PAYMENT_PLATFORM_SETTLE_MS, giveUpMs: settings.PAYMENT_PLATFORM_GIVE_UP_MS,
});

/** What we sent of persons and accounts: answers may repeat it. */
const personalOf = ({ payer, account }: PaymentOrder): readonly string[] =>
  [payer?.name, payer?.idNumber, payer?.address, account.number, account.holderName].filter((value): value is string => typeof value === 'string');

/** The national payment platform, protocol 1.0.6. */
export class PlatformGateway implements PaymentGateway, GatewayReceipts {
  readonly party = PARTY;
  readonly moneyGoes = 'transit';
  readonly accountRegistration = 'in-order';
  readonly windows: GatewayWindows;
  readonly opensUnsent = false;
  /** No way to give money back is known: it goes by hand. */
  readonly refunds = null;
  readonly #settings: PaymentPlatformSettings;
  readonly #client: PlatformClient;

  constructor(settings: PaymentPlatformSettings, client: PlatformClient) {
    this.#settings = settings;
    this.#client = client;
    this.windows = windowsOf(settings);
  }

  serves(agencyCodes: readonly string[]): boolean {
    return this.#partnerOf(agencyCodes) !== null;
  }

  opensUnder(agencyCodes: readonly string[]): Readonly<Record<string, string>> {
    const partner = this.#partnerOf(agencyCodes);
    return partner === null ? {} : { [PARTNER]: partner.partnerCode };
  }

  merchantOf({ agencyCodes, gatewayData }: Pick<PaymentOrder, 'agencyCodes' | 'gatewayData'>): string | null {
    return gatewayData[PARTNER] ?? this.#partnerOf(agencyCodes)?.partnerCode ?? null;
  }

  async open(order: PaymentOrder, call: PartyCall): Promise<OpenAnswer> {
    const partner = this.#partnerOf(order.agencyCodes);
    if (partner === null) return { kind: 'rejected', code: 'no-partner', text: 'No partner code is configured for this agency.' };
    if (order.amountVnd > LARGEST_AMOUNT_VND) return { kind: 'rejected', code: 'amount', text: 'The amount is larger than the wire can carry.' };
    const { verdict, code, words, payUrl } = await this.#client.ask({
      operation: 'open-payment', personal: personalOf(order), body: initBody(order, this.#terms(partner), partner.secret), read: (reply) => readOpening(reply, order.reference),
    }, call);
    if (verdict === 'refused') return { kind: 'rejected', code, text: words === '' ? (codeText(code) ?? '') : words };
    if (verdict === 'key') throw new PartyError('refused-credentials', { party: PARTY, operation: 'open-payment', code: 'partner-refused' });
    // An earlier try arrived, whose pay page nobody can name any more.
    if (verdict === 'exists') throw new PartyError('outcome-unknown', { party: PARTY, operation: 'open-payment', code: 'reference-exists' });
    if (!this.#maySendTo(payUrl)) throw new PartyError('outcome-unknown', { party: PARTY, operation: 'open-payment', code: 'pay-url-refused' });
    return { kind: 'opened', payUrl, qrContent: null, gatewayTransaction: null, gatewayData: { [PARTNER]: partner.partnerCode } };
  }

  async ask(order: PaymentOrder, call: PartyCall): Promise<GatewayWord> {
    const asked = await this.#query(order, this.#partnerFor(order, 'ask-payment'), call);
    if (asked.kind === 'word') return wordOf(asked.reply, order);
    return codeWord(asked.kind === 'not-found' ? 'not-found' : 'pending', asked.code);
  }

  async fetch(order: PaymentOrder, call: PartyCall): Promise<GatewayReceipt> {
    const partner = this.#partnerFor(order, 'fetch-receipt');
    return this.#client.ask({
      operation: 'fetch-receipt', personal: personalOf(order), read: readBill,
      body: askBody('GET_BILL', order, { version: this.#settings.PAYMENT_PLATFORM_VERSION, ...partner }),
    }, call);
  }

  /** Asks for an order that nobody made, with each partner code: only a good secret is told that there is none. @throws PartyError */
  async check(call: PartyCall): Promise<string> {
    const partners = [...new Map(this.#settings.PAYMENT_PLATFORM_PARTNERS.map((partner) => [partner.partnerCode, partner])).values()];
    for (const partner of partners) await this.#query({ reference: `PROBE${randomUUID().replaceAll('-', '').slice(0, 10)}`, createdAt: new Date() }, partner, call);
    return `${partners.length} partner code(s) accepted`;
  }

  async #query(order: Pick<PaymentOrder, 'reference' | 'createdAt'>, partner: Partner, call: PartyCall): Promise<Answered> {
    const asked = await this.#client.ask({
      operation: 'ask-payment', personal: [], body: askBody('QUERY', order, { version: this.#settings.PAYMENT_PLATFORM_VERSION, ...partner }),
      read: (reply) => readWord(reply, {
        reference: order.reference, partner, notFoundCodes: this.#settings.PAYMENT_PLATFORM_NOT_FOUND_CODES, signed: this.#settings.PAYMENT_PLATFORM_SIGNED_ANSWERS,
      }),
    }, call);
    if (asked.kind === 'word') return asked;
    if (asked.kind === 'key') throw new PartyError('refused-credentials', { party: PARTY, operation: 'ask-payment', code: 'partner-refused' });
    return { kind: asked.kind, code: asked.code };
  }

  #terms(partner: Partner): OrderTerms {
    const { PAYMENT_PLATFORM_VERSION: version, PAYMENT_PLATFORM_SERVER_IP: serverIp } = this.#settings;
    return { ...receiptTerms(this.#settings), version, serverIp, partnerCode: partner.partnerCode };
  }

  /** Only where the platform itself is reached over plain HTTP, as a sandbox is, may a citizen be. */
  #maySendTo(address: string): boolean {
    if (!URL.canParse(address)) return false;
    const { protocol, hostname } = new URL(address);
    const hosts = this.#settings.PAYMENT_PLATFORM_PAY_HOSTS;
    const isPlain = protocol === 'http:' && this.#settings.PAYMENT_PLATFORM_URL.startsWith('http:');
    return (protocol === 'https:' || isPlain) && (hosts.length === 0 || hosts.includes(hostname));
  }

  #partnerOf(agencyCodes: readonly string[]): Partner | null {
    return nearestEntry(this.#settings.PAYMENT_PLATFORM_PARTNERS, agencyCodes);
  }

  /** @throws PartyError where the partner code under which it was opened is configured no more */
  #partnerFor(order: PaymentOrder, operation: PlatformOperation): Partner {
    const code = order.gatewayData[PARTNER];
    const partner = code === undefined ? this.#partnerOf(order.agencyCodes) : this.#settings.PAYMENT_PLATFORM_PARTNERS.find(({ partnerCode }) => partnerCode === code) ?? null;
    if (partner === null) throw new PartyError('refused-credentials', { party: PARTY, operation, code: 'no-partner' });
    return partner;
  }
}
