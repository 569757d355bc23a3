/** Opening payments through GraphQL, and VNPAY's IPNs of them over HTTP: node --import tsx test/bench/payments.ts [--short] */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Pool } from 'undici';
import { canonicalQuery, sign } from '../../adapters/vnpay/signature.js';
import { Database } from '../../src/store/database.js';
import { insertAccount } from '../support/payment-gateway.js';
import { PORTAL_KEY, dossierInput } from '../support/portal-client.js';
import { BenchGateway } from './bench-gateway.js';
import type { ProcessorTime } from './bench-gateway.js';
import { summary } from './report.js';
import type { Row } from './report.js';

const SECRET = 'BENCHSECRETBENCHSECRETBENCHSECRET';
const TERMINAL = 'BENCHTMN';
const AMOUNT_VND = 50_000;
const CONCURRENCY = 32;
const PER_CALL = 20;
/** Payments before the first that is measured. */
const WARM = 400;
/** Of the issue: IPNs a second, while one in a hundred may take 50 ms. */
const PACE = 200;
const UPSERT = `mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) { __typename ... on DossiersAnswered { items { __typename } } } }`;
const OPEN = `mutation ($key: IdempotencyKey!, $payment: OpenPaymentInput!) { openPayment(idempotencyKey: $key, payment: $payment) { __typename ... on PaymentOpened { payment { reference state payUrl expiresAt } } } }`;

/** As many bare pairs as take each connection many of the ticks of 10 ms in which processor time is told. */
const PAIRS = 4_000;

// Three connections for each of two cores, as the configuration advises.
const ENVIRONMENT = {
  DATABASE_POOL_SIZE: '6',
  FIELD_KEYS: `k1:${Buffer.alloc(32, 5).toString('base64')}`, CALLBACK_RATE_LIMIT: '0', RATE_LIMIT_CLIENT: '0', RATE_LIMIT_TOTAL: '0', PAYMENT_GATEWAYS: 'vnpay',
  // Nothing is sent there: opening at VNPAY is signing an address.
  VNPAY_URL: 'https://pay.example/paymentv2/vpcpay.html', VNPAY_API_URL: 'https://pay.example/transaction', VNPAY_RETURN_URL: 'https://portal.example/done',
  VNPAY_MERCHANTS: JSON.stringify([{ agency: '*', tmnCode: TERMINAL, secret: SECRET }]),
};

interface Measured {
  readonly perSecond: number;
  /** Milliseconds of each call, sorted. */
  readonly tookMs: readonly number[];
  /** Of all of the API process, and of all of PostgreSQL's. */
  readonly apiCpuMsEach: number;
  readonly databaseCpuMsEach: number;
}

const at = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;

interface Load<Item> {
  readonly cpu: () => ProcessorTime;
  readonly work: (item: Item) => Promise<void>;
}

const eachOf = (count: number, before: ProcessorTime, after: ProcessorTime): Pick<Measured, 'apiCpuMsEach' | 'databaseCpuMsEach'> =>
  ({ apiCpuMsEach: (after.apiMs - before.apiMs) / count, databaseCpuMsEach: (after.databaseMs - before.databaseMs) / count });

/** So many at a time, as fast as they are answered. */
const hurry = async <Item>(items: readonly Item[], of: Load<Item>): Promise<Measured> => {
  const tookMs: number[] = [];
  let next = 0;
  const before = of.cpu();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      const sentAt = performance.now();
      await of.work(item);
      tookMs.push(performance.now() - sentAt);
    }
  }));
  const seconds = (performance.now() - startedAt) / 1_000;
  return { perSecond: items.length / seconds, tookMs: tookMs.sort((a, b) => a - b), ...eachOf(items.length, before, of.cpu()) };
};

/** One each 1/`PACE` s, counted from the moment at which it was due: a late sender hides nothing. */
const paced = async <Item>(items: readonly Item[], of: Load<Item>): Promise<Measured> => {
  const tookMs: number[] = [];
  const before = of.cpu();
  const startedAt = performance.now();
  await Promise.all(items.map(async (item, index) => {
    const dueAt = startedAt + (index * 1_000) / PACE;
    await pause(Math.max(0, dueAt - performance.now()));
    await of.work(item);
    tookMs.push(performance.now() - dueAt);
  }));
  const seconds = (performance.now() - startedAt) / 1_000;
  return { perSecond: items.length / seconds, tookMs: tookMs.sort((a, b) => a - b), ...eachOf(items.length, before, of.cpu()) };
};

class PaymentBench {
  readonly #gateway = new BenchGateway('postgres');
  #client: Pool | null = null;

  async run(counts: { readonly paced: number; readonly hurried: number }): Promise<Row[]> {
    try {
      await this.#gateway.start(ENVIRONMENT);
      await this.#account();
      await this.#gateway.startApi();
      this.#client = new Pool(new URL(this.#gateway.apiUrl).origin, { connections: 64 });
      const codes = await this.#dossiers(WARM + counts.paced + counts.hurried);
      await this.#warm(codes.splice(0, WARM));
      const references: string[] = [];
      const cpu = (): ProcessorTime => this.#gateway.processorTime();
      const opening = await hurry(codes, { cpu, work: async (code) => { references.push(await this.#open(code)); } });
      const told: Load<string> = { cpu, work: (reference) => this.#ipn(reference) };
      const calm = await paced(references.slice(0, counts.paced), told);
      const busy = await hurry(references.slice(counts.paced), told);
      await this.#verify(WARM + references.length);
      return rowsOf({ opening, calm, busy, plain: await this.#plain() });
    } finally {
      await this.#client?.close();
      await this.#gateway.stop();
    }
  }

  async #account(): Promise<void> {
    const database = new Database({ url: this.#gateway.databaseUrl, poolSize: 2, applicationName: 'bench' });
    await insertAccount(database, '000.12.34.H42');
    await database.close();
  }

  /** A gateway that has been running: connections, plans and statistics of tables that hold something. */
  async #warm(codes: readonly string[]): Promise<void> {
    const each: Load<string> = { cpu: () => this.#gateway.processorTime(), work: async (code: string): Promise<void> => this.#ipn(await this.#open(code)) };
    await hurry(codes.slice(WARM / 2), each);
    await this.#gateway.sql('VACUUM ANALYZE');
    await hurry(codes.slice(0, WARM / 2), each);
  }

  async #post(query: string, variables: object): Promise<string> {
    const reply = await this.#client?.request({
      method: 'POST', path: '/graphql', headers: { 'content-type': 'application/json', authorization: `Bearer ${PORTAL_KEY}` }, body: JSON.stringify({ query, variables }),
    });
    return await reply?.body.text() ?? '';
  }

  /** Dossiers, each with one fee. */
  async #dossiers(count: number): Promise<string[]> {
    const dossiers = Array.from({ length: count }, (_, index) => dossierInput(index + 1));
    for (let from = 0; from < count; from += PER_CALL) {
      const answer = await this.#post(UPSERT, { key: randomUUID(), dossiers: dossiers.slice(from, from + PER_CALL) });
      if (!answer.includes('DossierAccepted') || answer.includes('InputRejected')) throw new Error(`not accepted: ${answer}`);
    }
    const codes = dossiers.map(({ code }) => code);
    await this.#gateway.sql(`INSERT INTO fee_items (dossier_code, key, kind, name, amount_vnd, agency_code, client)
      SELECT code, 'LP1', 'CHARGE', 'Lệ phí', $2, agency_code, client FROM dossiers WHERE code = ANY ($1)`, [codes, AMOUNT_VND]);
    await this.#gateway.sql('VACUUM ANALYZE');
    return codes;
  }

  async #open(code: string): Promise<string> {
    const answer = await this.#post(OPEN, { key: randomUUID(), payment: { dossierCode: code, clientIp: '203.0.113.7', payer: { name: 'Nguyễn Văn An' } } });
    const reference = /"reference":"(OG\w{13})","state":"AWAITING"/.exec(answer)?.[1];
    if (reference === undefined) throw new Error(`not opened: ${answer}`);
    return reference;
  }

  async #ipn(reference: string): Promise<void> {
    const number = String(10_000_000 + Math.floor(Math.random() * 89_999_999));
    const canonical = canonicalQuery(new Map(Object.entries({
      vnp_Amount: String(AMOUNT_VND * 100), vnp_BankCode: 'NCB', vnp_BankTranNo: `VNP${number}`, vnp_CardType: 'ATM', vnp_OrderInfo: `Thanh toan ${reference}`, vnp_PayDate: '20260315103215',
      vnp_ResponseCode: '00', vnp_TmnCode: TERMINAL, vnp_TransactionNo: number, vnp_TransactionStatus: '00', vnp_TxnRef: reference,
    })));
    const reply = await this.#client?.request({ method: 'GET', path: `/callbacks/vnpay/ipn?${canonical}&vnp_SecureHash=${sign(SECRET, canonical)}` });
    const text = await reply?.body.text() ?? '';
    if (!text.includes('"RspCode":"00"')) throw new Error(`IPN answered ${text}`);
  }

  /** What was measured was done. */
  async #verify(count: number): Promise<void> {
    const [found] = await this.#gateway.sql<{ paid: string; booked: string }>(
      `SELECT (SELECT count(*) FROM payments WHERE state = 'PAID') AS paid, (SELECT sum(amount_vnd) FROM ledger WHERE account = 'TRANSIT/vnpay') AS booked`);
    if (Number(found?.paid) !== count || Number(found?.booked) !== count * AMOUNT_VND) throw new Error(`paid ${String(found?.paid)} of ${String(count)}, booked ${String(found?.booked)}`);
  }

  /** The least that a callback can be: its row in one commit, what became of it in the next. */
  async #plain(): Promise<Measured> {
    await this.#gateway.sql('CREATE TABLE bench_plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL, state text NOT NULL)');
    const pool = new pg.Pool({ connectionString: this.#gateway.databaseUrl, max: 20 });
    const body = 'x'.repeat(400);
    const measured = await hurry(Array.from({ length: PAIRS }, () => body), {
      cpu: () => this.#gateway.processorTime(),
      work: async (text) => {
        const { rows } = await pool.query<{ id: string }>({ name: 'in', text: `INSERT INTO bench_plain (body, state) VALUES ($1, 'new') RETURNING id`, values: [text] });
        await pool.query({ name: 'done', text: `UPDATE bench_plain SET state = 'done' WHERE id = $1`, values: [rows[0]?.id] });
      },
    });
    await pool.end();
    return measured;
  }
}

const rowsOf = ({ opening, calm, busy, plain }: Readonly<Record<'opening' | 'calm' | 'busy' | 'plain', Measured>>): Row[] => {
  const one = (value: number): Pick<Row, 'median' | 'min' | 'max'> => summary([value]);
  const spread = ({ tookMs }: Measured): Pick<Row, 'median' | 'min' | 'max'> => ({ median: at(tookMs, 0.5), min: tookMs[0] ?? 0, max: tookMs.at(-1) ?? 0 });
  return [
    { case: `openPayment over GraphQL, ${String(CONCURRENCY)} at a time`, ...one(opening.perSecond), unit: 'payments/s', ratio: opening.perSecond / plain.perSecond },
    { case: 'openPayment: time of one', ...spread(opening), unit: 'ms' },
    { case: 'openPayment: CPU of the API process', ...one(opening.apiCpuMsEach), unit: 'ms/payment' },
    { case: 'openPayment: CPU of PostgreSQL', ...one(opening.databaseCpuMsEach), unit: 'ms/payment' },
    { case: `IPN, ${String(PACE)} a second: time of one`, ...spread(calm), unit: 'ms' },
    { case: `IPN, ${String(PACE)} a second: 99th percentile`, ...one(at(calm.tookMs, 0.99)), unit: 'ms', aim: 'under 50 ms, fsync on' },
    { case: `IPN, ${String(PACE)} a second: CPU of the API process`, ...one(calm.apiCpuMsEach), unit: 'ms/IPN' },
    { case: `IPN, ${String(PACE)} a second: CPU of PostgreSQL`, ...one(calm.databaseCpuMsEach), unit: 'ms/IPN', ratio: calm.databaseCpuMsEach / plain.databaseCpuMsEach },
    { case: `IPN, ${String(CONCURRENCY)} at a time`, ...one(busy.perSecond), unit: 'IPN/s', ratio: busy.perSecond / plain.perSecond },
    { case: 'two bare commits, an insert and an update, beside it', ...one(plain.perSecond), unit: 'pairs/s', ratio: 1 },
    { case: '… CPU of PostgreSQL', ...one(plain.databaseCpuMsEach), unit: 'ms/pair', ratio: 1 },
  ];
};

export const benchPayments = ({ short }: { readonly short: boolean }): Promise<Row[]> =>
  new PaymentBench().run(short ? { paced: PACE, hurried: 200 } : { paced: 20 * PACE, hurried: 2_000 });

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await benchPayments({ short: process.argv.includes('--short') }));
