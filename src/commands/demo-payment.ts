import { payAtSandbox } from './demo-citizen.js';
import { DECLARE_FEES, MONEY, OPEN_PAYMENT, demoFees } from './demo-payment-documents.js';
import { until, type Chapter } from './demo-story.js';
import { callGraphql } from './graphql-client.js';
import type { RunningInfo } from './running-file.js';

interface Words { readonly vi: string; readonly en: string }

interface OpenedPayment {
  readonly reference: string;
  readonly gateway: string;
  readonly amountVnd: number;
  readonly payUrl: string | null;
}

interface Money {
  readonly payment: OpenedPayment & { readonly state: string; readonly stateLabel: Words; readonly gatewayTransaction: string | null };
  readonly receipt: { readonly state: string; readonly number: string | null; readonly serial: string | null; readonly text: string | null; readonly pdfUrl: string | null } | null;
}

export interface DemoPayment {
  readonly running: RunningInfo;
  readonly key: string;
  readonly code: string;
  readonly agencyCode: string;
}

const READY = 'query Ready($agencyCode: ID!) { paymentReadiness(agencyCode: $agencyCode) { able missing { message { en } } } }';
const WITHOUT_PAGE = 'the gateway that was chosen has no page at which the demo can pay';

/** Null where the agency can take payments, else what is missing. */
export const whyNoPayment = async ({ running, key, agencyCode }: DemoPayment): Promise<string | null> => {
  const { paymentReadiness } = (await callGraphql({ url: running.url, key }, READY, { agencyCode })) as { paymentReadiness: { able: boolean; missing: readonly { message: Words }[] } | null };
  if (paymentReadiness === null) return 'its agency is not in the tree';
  return paymentReadiness.able ? null : paymentReadiness.missing.map(({ message }) => message.en).join('; ');
};

const vnd = (amount: number): string => `${amount.toLocaleString('en-US')} VND`;

/** What the citizen's money does, from what is owed to the receipt. */
export class PaymentStory {
  readonly #demo: DemoPayment;
  #opened: OpenedPayment | null = null;

  constructor(demo: DemoPayment) {
    this.#demo = demo;
  }

  chapters(): readonly Chapter[] {
    return [
      { title: 'Fee and payment', first: () => this.#declare(), then: () => this.#open() },
      { title: 'The citizen pays', first: () => this.#pay(), then: () => this.#untilPaid() },
      { title: 'Electronic receipt', first: () => this.#owed(), then: () => this.#untilIssued() },
    ];
  }

  /** Lines for the end of the story. */
  async summary(): Promise<readonly string[]> {
    const { payment, receipt } = await this.#money();
    const sandbox = this.#demo.running.sandboxes.find(({ party }) => party === payment.gateway);
    return [
      `Payment ${payment.reference} of ${vnd(payment.amountVnd)}: ${payment.state} (${payment.stateLabel.vi}), transaction ${payment.gatewayTransaction ?? 'without number'} of ${payment.gateway}.`,
      ...(receipt === null ? [] : [`Receipt ${[receipt.serial, receipt.number].filter(Boolean).join(' ')}: ${receipt.pdfUrl ?? receipt.state}`]),
      ...(sandbox === undefined ? [] : [`What ${payment.gateway} took: ${sandbox.url}/control/orders/${payment.reference}`]),
    ];
  }

  async #declare(): Promise<string> {
    const { code } = this.#demo;
    const { declareFees } = (await this.#call(DECLARE_FEES, { key: this.#keyOf('fees'), code, fees: demoFees() })) as { declareFees: { __typename: string } };
    if (declareFees.__typename !== 'FeesDeclared') throw new Error(`The gateway refused the fee: ${JSON.stringify(declareFees)}`);
    return 'the portal says what is owed';
  }

  async #open(): Promise<string> {
    const { code } = this.#demo;
    const { openPayment } = (await this.#call(OPEN_PAYMENT, { key: this.#keyOf('payment'), code })) as { openPayment: { __typename: string; payment?: OpenedPayment } };
    if (openPayment.payment === undefined) throw new Error(`The gateway opened no payment: ${JSON.stringify(openPayment)}`);
    this.#opened = openPayment.payment;
    return `${vnd(openPayment.payment.amountVnd)} to be paid at ${openPayment.payment.gateway}`;
  }

  async #pay(): Promise<string> {
    const { payUrl } = this.#payment();
    // A page elsewhere may be a real one, and its money too.
    if (payUrl === null || !this.#demo.running.sandboxes.some(({ url }) => new URL(url).origin === new URL(payUrl).origin)) throw new Error(`${WITHOUT_PAGE}${payUrl === null ? '' : `: ${payUrl}`}`);
    await payAtSandbox(payUrl);
    return 'paid in the browser, which books nothing';
  }

  async #untilPaid(): Promise<string> {
    await until('the payment', async () => (await this.#money()).payment.state === 'PAID');
    return 'PAID, by the gateway\'s signed word';
  }

  async #owed(): Promise<string> {
    return (await this.#money()).receipt === null ? 'no issuer of receipts is connected' : 'owed since the payment was booked';
  }

  async #untilIssued(): Promise<string> {
    const issued = await until('the receipt', async () => {
      const { receipt } = await this.#money();
      if (receipt?.state === 'REFUSED') throw new Error(`The issuer refused the receipt: ${receipt.text ?? 'no reason given'}`);
      return receipt === null || receipt.state === 'ISSUED' ? { receipt } : null;
    });
    return issued.receipt === null ? 'none' : `issued, number ${issued.receipt.number ?? 'not told'}`;
  }

  #payment(): OpenedPayment {
    if (this.#opened === null) throw new Error('No payment was opened');
    return this.#opened;
  }

  #keyOf(what: string): string {
    return `demo-${this.#demo.code.replaceAll('.', '_')}-${what}`;
  }

  async #money(): Promise<Money> {
    return (await this.#call(MONEY, { reference: this.#payment().reference })) as unknown as Money;
  }

  #call(query: string, variables: object): Promise<Readonly<Record<string, unknown>>> {
    return callGraphql({ url: this.#demo.running.url, key: this.#demo.key }, query, variables);
  }
}
