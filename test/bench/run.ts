/** `npm run bench`, or `npm run bench -- --short [case …]`: prints a table and writes it as JSON to bench-results/. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { benchAccept } from './accept.js';
import { benchDeliver } from './deliver.js';
import { benchDrain } from './drain.js';
import { benchFootprint } from './footprint.js';
import { benchGraphqlDoor } from './graphql-door.js';
import { benchKeyCheck } from './key-check.js';
import { benchMatch } from './match.js';
import { benchPayments } from './payments.js';
import { benchPost } from './post.js';
import { benchProcedures } from './procedures.js';
import { asTable } from './report.js';
import type { Row } from './report.js';
import { benchTableSize } from './table-size.js';

const CASES: Readonly<Record<string, (options: { readonly short: boolean }) => Promise<Row[]>>> = {
  accept: benchAccept, deliver: benchDeliver, drain: benchDrain, 'table-size': benchTableSize, footprint: benchFootprint,
  door: async (options) => (await benchGraphqlDoor(options)).rows, 'key-check': benchKeyCheck, procedures: benchProcedures, match: benchMatch, payments: benchPayments, post: benchPost,
};

const words = process.argv.slice(2);
const short = words.includes('--short');
const wanted = words.filter((word) => !word.startsWith('--'));
const rows: Row[] = [];
for (const [name, bench] of Object.entries(CASES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`bench: ${name}\n`);
  rows.push(...(await bench({ short })));
}
const machine = `${String(cpus().length)} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${String(Math.round(totalmem() / 2 ** 30))} GiB, Node ${process.version}`;
mkdirSync('bench-results', { recursive: true });
writeFileSync('bench-results/latest.json', `${JSON.stringify({ at: new Date().toISOString(), short, machine, rows }, null, 2)}\n`);
process.stdout.write(`\n${machine}${short ? ' (short run: shows that it works, not how fast)' : ''}\n\n${asTable(rows)}\n`);
