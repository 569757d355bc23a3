import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { OPERATOR_KEY, PORTAL_KEY, TEST_API_KEYS } from '../support/portal-client.js';

const SUPERVISOR_KEY = 'test-supervisor-key';

/** API_KEYS of a province with a second person for refunds. */
export const HISTORY_API_KEYS = `${TEST_API_KEYS},supervisor:supervisor:${createHash('sha256').update(SUPERVISOR_KEY).digest('hex')}`;

const KEYS = { portal: PORTAL_KEY, operator: OPERATOR_KEY, supervisor: SUPERVISOR_KEY } as const;
type Who = keyof typeof KEYS;

export interface OpenedPayment {
  readonly reference: string;
  readonly state: string;
  readonly payUrl: string | null;
  readonly qr: { readonly content: string } | null;
  readonly gateway: string;
}

interface Found {
  readonly __typename: string;
  readonly code?: string;
  readonly payment?: OpenedPayment;
  readonly refund?: { readonly requestId: string; readonly state: string };
  readonly items?: readonly { readonly __typename: string }[];
  readonly shipment?: { readonly number: string };
  readonly numbers?: readonly string[];
  readonly problems?: readonly { readonly code: string }[];
}

interface Reply {
  readonly data?: Readonly<Record<string, Found | null>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

const REFUSED = '__typename ... on PaymentActionRefused { code }';
const PAYMENT = 'payment { reference state payUrl qr { content } gateway }';
const UPSERT = 'mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) { __typename ... on DossiersAnswered { items { __typename } } } }';
const DECLARE = `mutation ($key: IdempotencyKey!, $code: ID!, $fees: [FeeInput!]!) { declareFees(idempotencyKey: $key, dossierCode: $code, fees: $fees) { ${REFUSED} } }`;
const OPEN = `mutation ($key: IdempotencyKey!, $payment: OpenPaymentInput!) { openPayment(idempotencyKey: $key, payment: $payment) { ${REFUSED} ... on PaymentOpened { ${PAYMENT} } } }`;
const CANCEL = `mutation ($key: IdempotencyKey!, $reference: ID!) { cancelPayment(idempotencyKey: $key, reference: $reference) { ${REFUSED} } }`;
const REFUND = `mutation ($key: IdempotencyKey!, $reference: ID!, $amount: Float) { requestRefund(idempotencyKey: $key, reference: $reference, amountVnd: $amount, reason: "công dân đề nghị") { ${REFUSED} ... on RefundChanged { refund { requestId state } } } }`;
const APPROVE = `mutation ($key: IdempotencyKey!, $id: ID!) { approveRefund(idempotencyKey: $key, requestId: $id, reason: "đã đối chiếu") { ${REFUSED} } }`;
const SURPLUS = `mutation ($key: IdempotencyKey!, $reference: ID!, $as: SurplusDecision!) { decideSurplus(idempotencyKey: $key, reference: $reference, as: $as, reason: "đã đối chiếu") { ${REFUSED} } }`;

const ORDER_RETURN = 'mutation ($key: IdempotencyKey!, $order: ReturnInput!) { orderReturn(idempotencyKey: $key, order: $order) { __typename ... on ShipmentSaved { shipment { number } } ... on ShipmentUnderWay { numbers } ... on ShipmentActionRefused { code problems { field code } } } }';

const CANCEL_PARCEL = 'mutation ($key: IdempotencyKey!, $number: ID!) { cancelShipment(idempotencyKey: $key, number: $number) { __typename } }';

const IMPORT = `mutation ($key: IdempotencyKey!, $gateway: String!, $day: LocalDate!, $file: String!, $replaces: Boolean!) { importStatement(idempotencyKey: $key, gateway: $gateway, day: $day, contentBase64: $file, replacesEarlier: $replaces, reason: "sao kê của ngân hàng") {
  ${REFUSED} ... on ReconciliationStarted { run { id } } } }`;

/** Longer than any row of faults, on a machine that is busy with other things. */
const ANSWER_WITHIN_MS = 600_000;

/** The province's portal and its operators, as they should behave: a call is repeated under its key until it is answered. */
export class HistoryPortal {
  readonly #url: string;
  /** References that an answer named. */
  readonly told = new Set<string>();
  /** Numbers of parcels that an answer named. */
  readonly toldParcels = new Set<string>();

  constructor(url: string) {
    this.#url = url;
  }

  async file(dossier: object): Promise<void> {
    const answer = await this.#call('portal', UPSERT, { dossiers: [dossier] });
    if (answer.items?.[0]?.__typename !== 'DossierAccepted') throw new Error(`a dossier was refused: ${JSON.stringify(answer)}`);
  }

  async declare(code: string, fees: readonly object[]): Promise<void> {
    const answer = await this.#call('portal', DECLARE, { code, fees });
    if (answer.__typename !== 'FeesDeclared') throw new Error(`fees were refused: ${JSON.stringify(answer)}`);
  }

  /** Null where another payment holds the fees, or no gateway can be had now. */
  async open(dossierCode: string, gateway: string | null): Promise<OpenedPayment | null> {
    const payment = { dossierCode, gateway, returnUrl: 'https://dichvucong.example.gov.vn/xong', clientIp: '203.0.113.7', payer: { name: 'Nguyễn Văn An', idNumber: '036199012345', address: 'Số 1, phường Hoa Lư', province: 'Ninh Bình' } };
    const answer = await this.#call('portal', OPEN, { payment });
    if (answer.payment !== undefined) this.told.add(answer.payment.reference);
    if (answer.payment === undefined && !['PaymentAlreadyOpen', 'NoGateway', 'PaymentActionRefused'].includes(answer.__typename)) throw new Error(`a payment was refused: ${JSON.stringify(answer)}`);
    return answer.payment ?? null;
  }

  /** The result is to be brought, and its fees paid at the door. Gives the number of the parcel, of this order or of an earlier one; null where another payment holds the fees. */
  async orderReturn(dossierCode: string, collectItemKeys: readonly string[]): Promise<string | null> {
    const recipient = { name: 'Nguyễn Văn An', phone: '0912345678', address: { epoch: 'TWO_LEVEL', province: 'Ninh Bình', commune: 'Phường Hoa Lư', street: 'Số 9' } };
    const answer = await this.#call('portal', ORDER_RETURN, { order: { dossierCode, carrier: 'vnpost', recipient, collectItemKeys } });
    const number = answer.shipment?.number ?? answer.numbers?.[0] ?? null;
    if (number !== null) this.toldParcels.add(number);
    else if (answer.code !== 'COLLECTION' || answer.problems?.some(({ code }) => code !== 'ALREADY_OPEN') !== false) throw new Error(`a parcel was refused: ${JSON.stringify(answer)}`);
    return number;
  }

  /** Whether the carrier is asked to call it off; that it does is for its own ledger to say. */
  async callOff(number: string): Promise<boolean> {
    return (await this.#call('portal', CANCEL_PARCEL, { number })).__typename === 'ShipmentSaved';
  }

  async cancel(reference: string): Promise<boolean> {
    return (await this.#call('portal', CANCEL, { reference })).__typename === 'PaymentChanged';
  }

  /** Two operators ask at the same moment, and another person approves what was asked. */
  async refund(reference: string, amountVnd: number | null): Promise<void> {
    const asked = await Promise.all([1, 2].map(() => this.#call('operator', REFUND, { reference, amount: amountVnd })));
    for (const { refund } of asked) if (refund !== undefined) await this.#call('supervisor', APPROVE, { id: refund.requestId });
  }

  decideSurplus(reference: string, as: 'REFUND' | 'KEEP'): Promise<{ readonly __typename: string; readonly code?: string }> {
    return this.#call('operator', SURPLUS, { reference, as });
  }

  async importStatement(party: string, day: string, { file, replaces = false }: { readonly file: Buffer; readonly replaces?: boolean }): Promise<void> {
    const answer = await this.#call('operator', IMPORT, { gateway: party, day, file: file.toString('base64'), replaces });
    if (answer.__typename !== 'ReconciliationStarted') throw new Error(`the statement of ${party} was refused: ${JSON.stringify(answer)}`);
  }

  /** Approves every refund that waits for a second person. */
  async approve(requestId: string): Promise<void> {
    await this.#call('supervisor', APPROVE, { id: requestId });
  }

  async #call(who: Who, query: string, variables: object): Promise<Found> {
    const body = JSON.stringify({ query, variables: { key: randomUUID(), ...variables } });
    const deadline = Date.now() + ANSWER_WITHIN_MS;
    for (;;) {
      const reply = await this.#once(KEYS[who], body);
      const found = Object.values(reply.data ?? {})[0];
      if (found !== undefined && found !== null) {
        // An answer may be lost on its way: one in twelve is asked for again, under the same key.
        if (createHash('sha256').update(body).digest()[0]! % 12 !== 0) return found;
        const again = Object.values((await this.#once(KEYS[who], body)).data ?? {})[0];
        return again ?? found;
      }
      const code = reply.errors?.[0]?.extensions?.code;
      if ((code !== 'UNAVAILABLE' && code !== 'INTERNAL') || Date.now() > deadline) throw new Error(`not answered: ${JSON.stringify(reply)}`);
      await pause(200);
    }
  }

  async #once(key: string, body: string): Promise<Reply> {
    try {
      const reply = await fetch(this.#url, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` }, body, signal: AbortSignal.timeout(12_000) });
      if (reply.status !== 503) return (await reply.json()) as Reply;
    } catch {
      // Killed, frozen or starting: as if nothing had been answered.
    }
    return { errors: [{ message: 'no answer', extensions: { code: 'UNAVAILABLE' } }] };
  }
}
