import { parseArgs } from 'node:util';
import { runHistory } from './payments-run.js';

/** `npm run history -- [--payments N] [--seed S] [--minutes M] [--carrier redis|postgres] [--gateways a,b]`: ends with 1 where a breach was found. */
const { values } = parseArgs({ options: { payments: { type: 'string', default: '2000' }, seed: { type: 'string', default: '20261123' }, minutes: { type: 'string', default: '1' }, carrier: { type: 'string', default: 'redis' }, gateways: { type: 'string' } } });

const started = Date.now();
const report = await runHistory({
  citizens: Math.ceil(Number(values.payments) / 1.3), seed: Number(values.seed), chaosSeconds: Number(values.minutes) * 60, carrier: values.carrier === 'postgres' ? 'postgres' : 'redis',
  settleSeconds: 300, ...(values.gateways === undefined ? {} : { gateways: values.gateways.split(',') }), progress: (line) => { process.stderr.write(`${new Date().toISOString()} ${line}\n`); },
});
const ok = report.breaches.length === 0 && report.crashes.length === 0;
process.stdout.write(`${report.summary}\nseed ${values.seed}, ${values.carrier}, ${String(Math.round((Date.now() - started) / 1_000))} s: ${ok ? 'nothing lost, nothing doubled, nothing guessed' : `${String(report.breaches.length)} breaches, ${String(report.crashes.length)} crashes`}\n`);
if (!ok) process.stderr.write(`${[...report.crashes, report.histories].join('\n')}\n`);
process.exit(ok ? 0 : 1);
