import { randomUUID } from 'node:crypto';
import { AccountSeals } from '../../src/bank-accounts/account-seals.js';
import type { Role } from '../../src/access/caller.js';
import { FieldCipher } from '../../src/store/field-cipher.js';
import type { Database } from '../../src/store/database.js';
import { bearer, startComposedGateway, type ComposedGateway } from './composed-gateway.js';
import { eventually } from './eventually.js';
import { dossierInput } from './portal-client.js';

/** Result data of any shape: tests look into it by path. */
export type Found = Record<string, unknown> & { readonly __typename?: string };

export const FIELD_KEY = Buffer.alloc(32, 5);
const UPSERT = 'mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) { __typename ... on DossiersAnswered { items { __typename ... on InputRejected { problems { field code } } } } } }';
export const PAYMENT = 'payment { reference state amountVnd paidVnd refundedVnd surplus payUrl gateway gatewayTransaction person { code } items { key amountVnd } history { source fromState toState applied reason code } refunds { requestId state amountVnd gatewayDoneAt } settlements { id state } }';
const REFUSED = '__typename ... on PaymentActionRefused { code problems { field code } } ... on IdempotencyConflict { key }';
const OPEN = `mutation ($key: IdempotencyKey!, $payment: OpenPaymentInput!) { openPayment(idempotencyKey: $key, payment: $payment) { ${REFUSED}
  ... on PaymentOpened { ${PAYMENT} } ... on PaymentAlreadyOpen { references } ... on NoUsableAccount { message { vi } } ... on NoGateway { message { vi } } } }`;
const DECLARE = `mutation ($key: IdempotencyKey!, $code: ID!, $fees: [FeeInput!]!, $drop: Boolean!) { declareFees(idempotencyKey: $key, dossierCode: $code, fees: $fees, dropOthers: $drop) { ${REFUSED} ... on FeesDeclared { fees { key amountVnd dropped openPayment paidBy } } } }`;

/** The composed gateway beside the sandbox of VNPAY, whose notices come back to it. */
export class PaymentStage {
  readonly gateway: ComposedGateway;
  readonly vnpayUrl: string;
  readonly database: Database;

  constructor(gateway: ComposedGateway, vnpayUrl: string) {
    this.gateway = gateway;
    this.vnpayUrl = vnpayUrl;
    this.database = gateway.test.database;
  }

  async as(role: Role, document: string, variables: object = {}): Promise<Found> {
    const answer = await this.gateway.query(bearer(this.gateway.keys[role]), document, variables);
    return Object.values(answer.data ?? {})[0] ?? { codes: answer.codes };
  }

  /** A new dossier of the test portal; gives its code. */
  async dossier(number: number): Promise<string> {
    const dossier = dossierInput(number);
    const answer = await this.as('portal', UPSERT, { key: randomUUID(), dossiers: [dossier] });
    if (!JSON.stringify(answer).includes('DossierAccepted')) throw new Error(`the dossier was not taken: ${JSON.stringify(answer)}`);
    return dossier.code;
  }

  declare(code: string, fees: readonly (readonly [string, number])[], drop = false): Promise<Found> {
    return this.as('portal', DECLARE, { key: randomUUID(), code, drop, fees: fees.map(([key, amountVnd]) => ({ key, kind: 'CHARGE', name: `Lệ phí ${key}`, amountVnd })) });
  }

  open(code: string, over: object = {}, key: string = randomUUID()): Promise<Found> {
    return this.as('portal', OPEN, { key, payment: { dossierCode: code, returnUrl: 'https://dichvucong.example.gov.vn/xong', ...over } });
  }

  /** Declares one fee and opens its payment. */
  async opened(number: number, amountVnd = 50_000): Promise<{ readonly code: string; readonly reference: string; readonly payUrl: string }> {
    const code = await this.dossier(number);
    await this.declare(code, [['LP1', amountVnd]]);
    const answer = await this.open(code);
    if (answer.__typename !== 'PaymentOpened') throw new Error(JSON.stringify(answer));
    const { reference, payUrl } = paymentOf(answer);
    return { code, reference: String(reference), payUrl: String(payUrl) };
  }

  /** A payment of which no worker asks by itself, opened under this number or one behind it: one that a worker was quick to ask for is left. */
  async unasked<Opened extends { readonly reference: string }>(number: number, open: (number: number) => Promise<Opened>): Promise<Opened> {
    for (let each = number; ; each += 1_000) {
      const opened = await open(each);
      const { rowCount } = await this.database.query('UPDATE payments SET ask_at = NULL WHERE reference = $1 AND asks = 0', [opened.reference]);
      if (rowCount === 1) return opened;
    }
  }

  async read(reference: string, role: Role = 'operator'): Promise<Found> {
    return this.as(role, `query ($reference: ID!) { payment(reference: $reference) { ${PAYMENT.slice('payment { '.length)} }`, { reference });
  }

  /** An operator's mutation with a reason and a key of its own. */
  act(role: Role, field: string, args: string): Promise<Found> {
    return this.as(role, `mutation ($key: IdempotencyKey!) { ${field}(idempotencyKey: $key, reason: "kiểm thử", ${args}) { ${REFUSED}
      ${/Refund/.test(field) ? '... on RefundChanged { refund { requestId state amountVnd approvedBy gatewayTransaction handOutcome handReference payment { reference state } } }' : field === 'matchCredit' ? '... on CreditMatched { credit { id resolution } }' : `... on PaymentChanged { ${PAYMENT} }`} } }`, { key: randomUUID() });
  }

  /** The citizen on the pay page. */
  async press(reference: string, payUrl: string, action: 'pay' | 'cancel' = 'pay'): Promise<void> {
    await fetch(payUrl);
    await fetch(`${this.vnpayUrl}/paymentv2/confirm.html`, { method: 'POST', body: new URLSearchParams({ ref: reference, action }), redirect: 'manual' });
  }

  async control(path: string, body?: object): Promise<Found> {
    const response = await fetch(`${this.vnpayUrl}/control/${path}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    return await response.json() as Found;
  }

  /** Until the payment is in this state. */
  async until(reference: string, state: string): Promise<Found> {
    let found: Found = {};
    await eventually(`${reference} to be ${state}`, async () => {
      found = await this.read(reference);
      return found['state'] === state;
    }, { timeoutMs: 20_000 });
    return found;
  }

  /** Balances of the ledger, of one payment or of all. */
  async ledger(reference: string | null = null): Promise<Readonly<Record<string, number>>> {
    const { rows } = await this.database.query<{ account: string; held: string }>(
      `SELECT l.account, sum(l.amount_vnd) AS held FROM ledger l JOIN payments p ON p.id = l.payment_id WHERE $1::text IS NULL OR p.reference = $1 GROUP BY 1 HAVING sum(l.amount_vnd) <> 0 ORDER BY 1`, [reference]);
    return Object.fromEntries(rows.map(({ account, held }) => [account, Number(held)]));
  }
}

export const paymentOf = (answer: Found): Found => answer['payment'] as Found;

/** An account as approval leaves it, usable at once. */
export const insertAccount = async (database: Database, agencyCode: string, { gateways = ['vnpay'], number = '0011004251389', bank = ['VCB', '970436'] }: { readonly gateways?: readonly string[]; readonly number?: string; readonly bank?: readonly [code: string, bin: string] } = {}): Promise<string> => {
  const seals = new AccountSeals(new FieldCipher([{ id: 'k1', key: FIELD_KEY }]));
  const { rows } = await database.query<{ id: string }>(
    `INSERT INTO bank_accounts (agency_code, bank_code, bank_bin, state, key_id, number_sealed, holder_sealed, number_last4, number_index, purpose, fee_kinds, valid_from, contact_sealed, requested_by, approved_by, approved_at, usable_at, name_check, name_check_due_at)
       VALUES ($1, $2, $3, 'ACTIVE', 'k1', '', '', '1389', '\\x00', 'Thu phí', '{FEE,CHARGE}', '2020-01-01', '', 'a', 'b', now(), now(), 'MATCHED', now() + interval '1 year') RETURNING id`, [agencyCode, ...bank]);
  const id = rows[0]?.id ?? '';
  await database.query('UPDATE bank_accounts SET number_sealed = $2, holder_sealed = $3, contact_sealed = $4 WHERE id = $1', [id, seals.seal(id, 'number', number), seals.seal(id, 'holder', 'UBND PHUONG'), seals.seal(id, 'contact', 'x@y.vn')]);
  for (const gateway of gateways) await database.query('INSERT INTO bank_account_registrations (account_id, gateway, confirmed_by) VALUES ($1, $2, $3)', [id, gateway, 'a']);
  return id;
};

/** Short windows, so that a worker's questions come within a test. `after`: the same province with its configuration changed. */
export const startPaymentStage = async (env: Readonly<Record<string, string>> = {}, { after, ...options }: { readonly worker?: boolean; readonly after?: PaymentStage } = {}): Promise<PaymentStage> => {
  const gateway = await startComposedGateway(
    () => ({ FIELD_KEYS: `k1:${FIELD_KEY.toString('base64')}`, VNPAY_ASK_AFTER_MS: '1000', VNPAY_ASK_EVERY_MS: '1000', RECEIPTS_ISSUE: 'false', PAYMENT_GATEWAYS: 'vnpay', ...env }),
    { ...options, ...(after === undefined ? {} : { after: after.gateway }) });
  const stage = new PaymentStage(gateway, new URL(env['VNPAY_URL'] ?? gateway.environment['VNPAY_URL'] ?? '').origin);
  await stage.control('callback-address', { url: `${gateway.url}/callbacks/vnpay` });
  return stage;
};

/** What a gateway of the same province does whose settings are short deadlines: for parties that hang, and for nothing else of a test. */
export const impatiently = async <Result>(stage: PaymentStage, env: Readonly<Record<string, string>>, act: (impatient: PaymentStage) => Promise<Result>): Promise<Result> => {
  const impatient = await startPaymentStage(env, { after: stage });
  try {
    return await act(impatient);
  } finally {
    await impatient.gateway.close();
    await stage.control('callback-address', { url: `${stage.gateway.url}/callbacks/vnpay` });
  }
};
