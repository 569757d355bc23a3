import { setTimeout as pause } from 'node:timers/promises';
import { BenchGateway, rssMb } from './bench-gateway.js';
import { fileDossiers } from './deliver.js';
import { summary } from './report.js';
import type { Row } from './report.js';

interface Sample {
  readonly seconds: number;
  readonly received: number;
  readonly rss: number;
}

const rateBetween = (from: Sample | undefined, to: Sample | undefined): number =>
  from === undefined || to === undefined ? 0 : (to.received - from.received) / (to.seconds - from.seconds);

/** Draining what a long outage left behind: the rate of each tenth against the best tenth, and how the worker's memory grows. */
export async function benchDrain(options: { readonly short: boolean }): Promise<Row[]> {
  const count = options.short ? 1_500 : 100_000;
  const gateway = new BenchGateway('redis');
  const samples: Sample[] = [];
  try {
    await gateway.start();
    await gateway.startApi();
    await fileDossiers(gateway, 0, count);
    const before = await gateway.received();
    gateway.startWorker();
    const startedAt = performance.now();
    for (let received = 0; received < count;) {
      await pause(options.short ? 20 : 250);
      received = (await gateway.received()) - before;
      samples.push({ seconds: (performance.now() - startedAt) / 1000, received, rss: rssMb(gateway.pid('worker')) });
      if (samples.length > 100_000) throw new Error(`only ${String(received)} of ${String(count)} arrived`);
    }
  } finally {
    await gateway.stop();
  }
  const at = (share: number): Sample | undefined => samples.find((sample) => sample.received >= count * share);
  const tenths = Array.from({ length: 9 }, (_, index) => rateBetween(at((index + 1) / 10), at((index + 2) / 10))).filter((rate) => Number.isFinite(rate) && rate > 0);
  const steady = summary(tenths).median;
  const warm = samples.filter((sample) => sample.received >= count * 0.1).map((sample) => sample.rss);
  const overall = rateBetween(at(0.1), samples.at(-1));
  return [
    { case: `draining ${count.toLocaleString('en')} waiting: steady rate (tenths of the run)`, ...summary(tenths), unit: 'deliveries/s' },
    { case: '… rate of the whole drain', median: overall, min: overall, max: overall, unit: 'deliveries/s', ratio: overall / steady, aim: '0.9 of the steady rate' },
    { case: '… growth of the worker', median: (warm.at(-1) ?? 0) - (warm[0] ?? 0), min: 0, max: Math.max(...warm) - (warm[0] ?? 0), unit: 'MB RSS', aim: '+50 at most' },
  ];
}
