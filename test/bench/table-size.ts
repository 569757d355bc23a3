import { BenchGateway } from './bench-gateway.js';
import { deliverWaiting } from './deliver.js';
import { summary } from './report.js';
import type { Row } from './report.js';

/** Finished deliveries of the past, as they look when they are settled. */
const FILL = `INSERT INTO deliveries (party, operation, lane, position, head, state, subject_id, subject_key, park_at, correlation_id, settled_at, resolved_by)
  SELECT 'national-portal', 'upsert-dossier', 'past-' || n, 0, false, 'accepted', 1, 'past-' || n, now(), 'bench', now(), 'party' FROM generate_series(1, $1::integer) n`;

/** What one delivery costs when the table holds the past of years. */
export async function benchTableSize(options: { readonly short: boolean }): Promise<Row[]> {
  const sizes = options.short ? [1_000, 20_000] : [1_000, 1_000_000];
  const count = options.short ? 400 : 3_000;
  const rounds = options.short ? 1 : 3;
  const gateway = new BenchGateway('redis');
  const rates = new Map<number, number[]>();
  try {
    await gateway.start();
    await gateway.startApi();
    await deliverWaiting(gateway, 900_000, Math.min(count, 500));
    for (const [index, size] of sizes.entries()) {
      await gateway.sql(FILL, [size - (sizes[index - 1] ?? 0)]);
      await gateway.sql('VACUUM ANALYZE deliveries');
      const measured: number[] = [];
      for (let round = 0; round < rounds; round += 1) measured.push(await deliverWaiting(gateway, (index * rounds + round) * count, count));
      rates.set(size, measured);
    }
  } finally {
    await gateway.stop();
  }
  const [small = 0, large = 0] = sizes;
  const few = summary(rates.get(small) ?? []);
  const many = summary(rates.get(large) ?? []);
  return [
    { case: `delivery with ${small.toLocaleString('en')} rows in the table`, ...few, unit: 'deliveries/s' },
    { case: `delivery with ${large.toLocaleString('en')} rows in the table`, ...many, unit: 'deliveries/s', ratio: few.median / many.median, aim: 'cost at most 1.2 ×' },
  ];
}
