import { createHash } from 'node:crypto';
import { pino } from 'pino';
import type { Caller } from '../../src/access/caller.js';
import { createAgencyModule } from '../../src/agencies/agency-module.js';
import { BankAccountDirectory } from '../../src/bank-accounts/account-directory.js';
import { AccountSeals } from '../../src/bank-accounts/account-seals.js';
import { OpeningStore } from '../../src/payments/opening-store.js';
import type { PaymentCall } from '../../src/payments/payment-action.js';
import type { GatewayWord, PaymentGateway, PaymentOrder, RefundPort } from '../../src/payments/payment-gateway-port.js';
import { openLink } from '../../src/payments/payment-content.js';
import { createPaymentModule } from '../../src/payments/payment-module.js';
import type { PaymentModule, PaymentSettings } from '../../src/payments/payment-module.js';
import type { PaymentRow } from '../../src/payments/payment-rows.js';
import { FieldCipher } from '../../src/store/field-cipher.js';
import type { Database } from '../../src/store/database.js';
import { FIELD_KEY, insertAccount } from './payment-gateway.js';
import { createTestDatabase } from './postgres.js';

const HOUR_MS = 3_600_000;
export const AMOUNT_VND = 50_000;
export const WINDOWS = { payWithinMs: HOUR_MS, askAfterMs: 20_000, askEveryMs: 30_000, settleMs: HOUR_MS, giveUpMs: 48 * HOUR_MS };

export const bank = (over: Partial<PaymentGateway> = {}): PaymentGateway => ({
  party: 'bank', moneyGoes: 'transit', accountRegistration: 'in-order', opensUnsent: false, windows: WINDOWS, refunds: null, serves: () => true, opensUnder: () => ({}), merchantOf: () => null,
  open: () => Promise.reject(new Error('nothing is opened here')), ask: null, ...over,
});
export const refundPort = (over: Partial<RefundPort> = {}): RefundPort => ({
  partial: true, tellsApart: true, refund: () => Promise.reject(new Error('nothing is sent here')), askRefund: () => Promise.reject(new Error('nothing is asked here')), ...over,
});
export const said = (says: GatewayWord['says'], over: Partial<GatewayWord> = {}): GatewayWord => ({ says, code: 'c', text: null, amountVnd: null, gatewayTransaction: null, bankCode: null, paidAt: null, ...over });

/** Under which the desk keeps what concerns people. */
export const DESK_CIPHER = new FieldCipher([{ id: 'k1', key: FIELD_KEY }]);

/** Where the citizen pays, as callers read it. */
export const linkOf = ({ reference, linkSealed }: Pick<PaymentRow, 'reference' | 'linkSealed'>): string | null => (linkSealed === null ? null : openLink(DESK_CIPHER, reference, linkSealed));

/** The payment module on a test database, with gateways at the port, and payments as a test wants them. */
export class PaymentDesk {
  now = new Date();
  readonly rings: string[] = [];
  readonly logged: Record<string, unknown>[] = [];
  readonly asked: PaymentOrder[] = [];
  readonly database: Database;
  /** Ends the desk and, where it has one of its own, its database. */
  readonly close: () => Promise<void>;
  readonly #accountId: string;
  #number = 0;

  private constructor(database: Database, { accountId, close }: { readonly accountId: string; readonly close: () => Promise<void> }) {
    this.database = database;
    this.close = close;
    this.#accountId = accountId;
  }

  /** On a test database of its own. */
  static async open(): Promise<PaymentDesk> {
    const { database, drop } = await createTestDatabase();
    return PaymentDesk.on(database, drop);
  }

  static async on(database: Database, close = (): Promise<void> => Promise.resolve()): Promise<PaymentDesk> {
    return new PaymentDesk(database, { accountId: await insertAccount(database, 'H42', { gateways: [] }), close });
  }

  /** Before each test: it is now, and of what the tests before left nothing is due. */
  async begin(): Promise<void> {
    this.now = new Date();
    this.logged.length = 0;
    await this.database.query('UPDATE payments SET ask_at = NULL, person_reason = NULL');
    await this.database.query('UPDATE refunds SET ask_at = NULL');
  }

  /** The desk's time, and so much. */
  iso(ms: number): string {
    return new Date(this.now.getTime() + ms).toISOString();
  }

  /** One turn of a watcher. Gives how much it did. */
  turn(...gateways: readonly PaymentGateway[]): Promise<number> {
    return this.module(gateways).createWatcher().turn();
  }

  module(gateways: readonly PaymentGateway[], settings: Partial<PaymentSettings> = {}): PaymentModule {
    const { database } = this;
    const cipher = DESK_CIPHER;
    const now = (): Date => this.now;
    return createPaymentModule({
      database, cipher, gateways, now, accounts: new BankAccountDirectory({ database, seals: new AccountSeals(cipher), indexKey: FIELD_KEY, now }),
      agencies: createAgencyModule({ database, settings: { tenantAgencyCodes: ['H42'], fingerprintKey: FIELD_KEY, keepHours: 1 } }), health: { permits: () => 'all' }, bell: { ring: (party) => this.rings.push(party) },
      logger: pino({ level: 'info' }, { write: (line: string) => void this.logged.push(JSON.parse(line) as Record<string, unknown>) }),
      settings: { fingerprintKey: FIELD_KEY, keepHours: 1, order: { gateways: [], byAgency: new Map() }, fourEyesAboveVnd: 20_000, askConcurrency: 5, watchEveryMs: 1_000, ...settings },
    });
  }

  /** A person's, or the portal's, call under a key of its own. */
  call(client = 'an', over: Partial<Caller> = {}): PaymentCall {
    return { caller: { client, role: 'operator', agencyScope: null, ...over }, correlationId: 'c-1', traceparent: null, idempotencyKey: `key-${String(this.#number += 1)}`, reason: 'vì sao' };
  }

  /** A payment of one fee, opened an hour ago and to be paid until now; `paid` ones hold their money in the ledger. Columns are set as `over` says. */
  async given(state: string, over = ''): Promise<string> {
    const reference = `OG${createHash('sha256').update(String(this.#number += 1)).digest('hex').toUpperCase().slice(0, 13)}`;
    await this.database.transaction(async (client) => {
      const { rows: [fee] } = await client.query<{ id: string }>(`INSERT INTO fee_items (dossier_code, key, kind, name, amount_vnd, agency_code, client) VALUES ($1, 'LP', 'FEE', 'Phí', $2, 'H42', 'p') RETURNING id`, [reference, AMOUNT_VND]);
      const id = await new OpeningStore().insert(client, {
        reference, dossierCode: reference, agencyCode: 'H42', client: 'p', gateway: 'bank', moneyGoes: 'transit', accountId: this.#accountId, amountVnd: AMOUNT_VND, firstAttempt: null, keyId: 'k1', content: '', gatewayData: {},
        orderData: { agencyCodes: ['H42'], agencyName: 'A', procedureCode: 'P', procedureName: 'P', language: 'vi' }, createdAt: new Date(this.now.getTime() - HOUR_MS), expiresAt: this.now, askAt: null, giveUpAt: new Date(this.now.getTime() + 24 * HOUR_MS),
      }, [{ id: fee?.id ?? '', amountVnd: AMOUNT_VND }]);
      const isPaid = state === 'PAID' || state === 'REFUNDING';
      await client.query(`UPDATE payments SET state = $2, content = NULL, paid_vnd = $3 WHERE id = $1`, [id, state, isPaid ? AMOUNT_VND : 0]);
      if (isPaid) {
        await client.query(`UPDATE fee_items SET paid_by = $1, open_payment = NULL WHERE dossier_code = $2`, [id, reference]);
        await client.query(`SELECT post_ledger('PAID', 'CITIZEN', 'TRANSIT/bank', $2, $1, NULL)`, [id, AMOUNT_VND]);
      }
      if (over !== '') await client.query(`UPDATE payments SET ${over} WHERE id = $1`, [id]);
    });
    return reference;
  }

  async payment(reference: string): Promise<PaymentRow | null> {
    return this.module([]).store.find(this.database, reference);
  }

  /** Rows of one payment, whose reference is `$1`. */
  async rows(reference: string, sql: string): Promise<Record<string, unknown>[]> {
    return (await this.database.query(sql, [reference])).rows;
  }

  audit(reference: string): Promise<Record<string, unknown>[]> {
    return this.rows(reference, `SELECT actor, role, action, reason, detail FROM operator_actions WHERE target = 'payment/' || $1 ORDER BY id`);
  }

  /** Why each thing in its history happened, and who did it. */
  async history(reference: string): Promise<string[]> {
    const events = await this.rows(reference, `SELECT concat_ws(' ', from_state, to_state, reason, source, actor) AS line FROM payment_events WHERE payment_id = (SELECT id FROM payments WHERE reference = $1) ORDER BY id`);
    return events.map(({ line }) => String(line));
  }
}
