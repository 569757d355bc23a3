/** Following open parcels by a carrier's feed: node --import tsx test/bench/post.ts [--short] */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { BenchGateway, rssMb } from './bench-gateway.js';
import { summary } from './report.js';
import type { Row } from './report.js';

const PAGE = 1_000;
/** Of the worker: with more, what it lets lie would look like growth; what it keeps would end it. */
const HEAP_MB = 128;
const FEED = fileURLToPath(new URL('./post-feed.ts', import.meta.url));
const STATUS_CODES = JSON.stringify({ 3: 'COLLECTED', 5: 'IN_TRANSIT', 6: 'AT_OFFICE' });

interface Sample {
  readonly seconds: number;
  readonly events: number;
  readonly rss: number;
}

interface Plain {
  /** Facts a second: their own rows; and all rows that a fact writes. */
  readonly inserts: number;
  readonly all: number;
}

type Page = readonly Record<string, unknown>[];

/** What a fact is written to. */
const WRITTEN = ['shipment_events', 'evidence', 'evidence_bodies', 'evidence_unsealed', 'events', 'shipments'];

/** What the facts of a page left behind, copied inside the database: nothing is locked, computed or told. Ids from, to. */
const COPIES = [
  `INSERT INTO bench_evidence OVERRIDING SYSTEM VALUE SELECT * FROM evidence WHERE id BETWEEN $1 AND $2`,
  `INSERT INTO bench_evidence_bodies SELECT * FROM evidence_bodies WHERE evidence_id BETWEEN $1 AND $2`,
  `INSERT INTO bench_evidence_unsealed SELECT generate_series($1::bigint, $2::bigint)`,
  `INSERT INTO bench_events OVERRIDING SYSTEM VALUE SELECT * FROM events WHERE id BETWEEN $1 AND $2`,
  `UPDATE bench_shipments b SET state = e.means, state_at = e.at, carrier_number = 'E' || b.id, collected_at = e.at, heard_at = clock_timestamp()
     FROM shipment_events e WHERE b.id = e.shipment_id AND e.id BETWEEN $1 AND $2`,
];

const insertOf = (table: string, page: Page): pg.QueryConfig => ({
  name: table,
  text: `INSERT INTO ${table} (shipment_id, carrier, order_number, key, source, code, text, place, at, means)
           SELECT s, 'vnpost', o, k, 'FEED', c, t, p, a, m FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[]) AS f (s, o, k, c, t, p, a, m)`,
  values: ['shipment_id', 'order_number', 'key', 'code', 'text', 'place', 'at', 'means'].map((name) => page.map((row) => row[name])),
});

/** Facts a second, a page at a time. */
const perSecond = async (rows: Page, write: (page: Page) => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  for (let from = 0; from < rows.length; from += PAGE) await write(rows.slice(from, from + PAGE));
  return rows.length / ((performance.now() - startedAt) / 1_000);
};

class PostBench {
  readonly #gateway = new BenchGateway('postgres');
  readonly #parcels: number;
  readonly #rounds: number;
  #feed: ChildProcess | null = null;

  constructor(parcels: number, rounds: number) {
    this.#parcels = parcels;
    this.#rounds = rounds;
  }

  async run(): Promise<Row[]> {
    try {
      await this.#gateway.start();
      const url = await this.#startFeed();
      this.#gateway.override({
        VNPOST_URL: url, VNPOST_TOKEN_URL: `${url}/token`, VNPOST_CONSUMER_KEY: 'bench', VNPOST_CONSUMER_SECRET: 'bench', VNPOST_CUSTOMERS: JSON.stringify([{ agency: '*', customerCode: 'BENCH' }]),
        VNPOST_STATUS_CODES: STATUS_CODES, VNPOST_PAGE_SIZE: String(PAGE), POSTAL_POLL_SECONDS: '1', NODE_OPTIONS: `--max-old-space-size=${String(HEAP_MB)}`,
      });
      await this.#gateway.sql(`INSERT INTO shipments (order_number, carrier, dossier_code, agency_code, client, direction, sequence, weight_grams, order_data, key_id, state, ordered_at)
        SELECT 'B' || n, 'vnpost', 'BENCH-' || n, '000.12.34.H42', 'portal', 'RETURN', 1, 100, '{}', 'k1', 'ORDERED', '2026-03-01' FROM generate_series(0, $1::int - 1) n`, [this.#parcels]);
      await this.#gateway.sql('VACUUM ANALYZE');
      const samples = await this.#follow();
      await this.#verify();
      return this.#rows(samples, await this.#plain());
    } finally {
      this.#feed?.kill('SIGKILL');
      await this.#gateway.stop();
    }
  }

  #startFeed(): Promise<string> {
    const feed = spawn(process.execPath, ['--import', 'tsx', FEED, String(this.#parcels), String(this.#rounds)], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#feed = feed;
    return new Promise((resolve, reject) => {
      feed.stdout.once('data', (line: Buffer) => { resolve(line.toString().trim()); });
      feed.once('exit', () => { reject(new Error('the feed ended')); });
    });
  }

  /** From the first page to the last. */
  async #follow(): Promise<readonly Sample[]> {
    const samples: Sample[] = [];
    const all = this.#parcels * this.#rounds;
    this.#gateway.startWorker();
    const startedAt = performance.now();
    for (let events = 0; events < all;) {
      await pause(all < 100_000 ? 50 : 500);
      const [row] = await this.#gateway.sql<{ events: string }>('SELECT events FROM postal_feeds');
      events = Number(row?.events ?? 0);
      samples.push({ seconds: (performance.now() - startedAt) / 1_000, events, rss: rssMb(this.#gateway.pid('worker')) });
      if (samples.length > 20_000) throw new Error(`only ${String(events)} of ${String(all)} facts were kept`);
    }
    await this.#gateway.end('worker');
    return samples;
  }

  /** What was measured was done: each parcel stands where its last fact says, and each fact is evidence. */
  async #verify(): Promise<void> {
    const last = ['COLLECTED', 'IN_TRANSIT', 'AT_OFFICE', 'IN_TRANSIT'][(this.#rounds - 1) % 4];
    const [found] = await this.#gateway.sql<{ parcels: number; evidence: number }>(
      `SELECT (SELECT count(*)::int FROM shipments WHERE state = $1) AS parcels, (SELECT count(*)::int FROM evidence WHERE kind = 'shipment') AS evidence`, [last]);
    if (found?.parcels !== this.#parcels || found.evidence !== this.#parcels * this.#rounds) throw new Error(`${JSON.stringify(found)} of ${String(this.#parcels)} parcels`);
  }

  /** The same facts into a table of the same shape and indexes, a page a commit, and nothing else. */
  async #plain(): Promise<Plain> {
    for (const table of WRITTEN) await this.#gateway.sql(`CREATE TABLE bench_${table} (LIKE ${table} INCLUDING ALL)`);
    await this.#gateway.sql('INSERT INTO bench_shipments OVERRIDING SYSTEM VALUE SELECT * FROM shipments');
    await this.#gateway.sql('CREATE TABLE bench_more_events (LIKE shipment_events INCLUDING ALL)');
    await this.#gateway.sql('VACUUM ANALYZE');
    const client = new pg.Client({ connectionString: this.#gateway.databaseUrl });
    await client.connect();
    const count = Math.min(this.#parcels * this.#rounds, 100_000);
    const { rows } = await client.query<Record<string, unknown>>('SELECT id, shipment_id, order_number, key, code, text, place, at, means FROM shipment_events ORDER BY id LIMIT $1', [count]);
    const inserts = await perSecond(rows, (page) => client.query(insertOf('bench_shipment_events', page)));
    const all = await perSecond(rows, async (page) => {
      await client.query('BEGIN');
      await client.query(insertOf('bench_more_events', page));
      for (const statement of COPIES) await client.query(statement, [page[0]?.['id'], page.at(-1)?.['id']]);
      await client.query('COMMIT');
    });
    await client.end();
    return { inserts, all };
  }

  #rows(samples: readonly Sample[], plain: Plain): Row[] {
    const all = this.#parcels * this.#rounds;
    const at = (share: number): Sample | undefined => samples.find(({ events }) => events >= all * share);
    const rate = (from: Sample | undefined, to: Sample | undefined): number => (from === undefined || to === undefined || to.seconds <= from.seconds ? 0 : (to.events - from.events) / (to.seconds - from.seconds));
    const tenths = Array.from({ length: 9 }, (_, index) => rate(at((index + 1) / 10), at((index + 2) / 10))).filter((each) => each > 0);
    const rss = (from: number, to: number): number => summary(samples.filter(({ events }) => events >= all * from && events < all * to).map((sample) => sample.rss)).median;
    const [early, late] = [rss(0.3, 0.5), rss(0.8, 1)];
    const { median } = summary(tenths);
    return [
      { case: `${this.#parcels.toLocaleString('en')} open parcels by feed: facts applied (tenths of the run)`, ...summary(tenths), unit: 'facts/s', ratio: median / plain.inserts, aim: '0.5 of the inserts below' },
      { case: `the same facts inserted, ${String(PAGE)} a commit`, ...summary([plain.inserts]), unit: 'facts/s', ratio: 1 },
      { case: '… with all rows that a fact writes (parcel, evidence, feed), copied', ...summary([plain.all]), unit: 'facts/s', ratio: plain.all / plain.inserts },
      { case: '… growth of the worker, from three to five tenths of the run to its last two', median: late - early, min: early, max: late, unit: 'MB RSS (spread: before–after, medians)', aim: 'flat' },
    ];
  }
}

export const benchPost = ({ short }: { readonly short: boolean }): Promise<Row[]> => new PostBench(short ? 5_000 : 200_000, 2).run();

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await benchPost({ short: process.argv.includes('--short') }));
