import { setTimeout as delay } from 'node:timers/promises';
import { SandboxCatalogue } from '../../adapters/procedure-database/sandbox-catalogue.js';
import { BenchGateway, rssMb } from './bench-gateway.js';
import { summary } from './report.js';
import type { Row } from './report.js';

const AGENCIES = 20;
/** Often enough for the peak of a run of seconds. */
const LOOK_EVERY_MS = 20;
const MAX_RUN_MS = 300_000;

interface LocalRow { readonly code: string; readonly name: string; readonly agency: string }

const misspelt = (name: string): string => `${name.slice(0, 6)}${name.slice(7)}`;

/** Of a hundred: five under a wrong code, five misspelt under a wrong code, five that nobody knows, the others as they should be. */
const localOf = ({ code, name }: { readonly code: string; readonly name: string }, index: number): LocalRow => {
  const agency = `000.00.${String(10 + (index % AGENCIES))}.H42`;
  const wrong = `9.${code.slice(2)}`;
  const kind = Math.floor(index / AGENCIES) % 20;
  if (kind === 0) return { code: wrong, name, agency };
  if (kind === 1) return { code: wrong, name: misspelt(name), agency };
  return kind === 2 ? { code: wrong, name: `Việc không ai biết ${String(index)}`, agency } : { code, name, agency };
};

const fill = async (gateway: BenchGateway, procedures: number): Promise<void> => {
  const entries = new SandboxCatalogue(1, procedures).entries();
  const national = entries.map(({ code, name, field, state }, index) => ({
    code, name, is_public: state === 'public', fields: [field.code], levels: ['PROVINCE'],
    content: { methods: [{ times: [{ amount: 5 + (index % 20), unit: 'WORKING_DAY', fees: [{ amountVnd: 10_000 }] }] }], executingAgencies: [{ code: null, name: 'Sở Tư pháp' }] },
  }));
  await gateway.sql(`INSERT INTO national_procedures (code, reference, name, folded_name, is_public, listed_name, version, content, original, field_codes, agency_codes, levels, search)
    SELECT code, code, name, name, is_public, name, 1, content, '{}', fields, '{}', levels, '' FROM jsonb_to_recordset($1) AS r (code text, name text, is_public boolean, content jsonb, fields text[], levels text[])`, [JSON.stringify(national)]);
  await gateway.sql('INSERT INTO local_procedures (code, agency_code, name, folded_name, fee_vnd) SELECT code, agency, name, name, 10000 FROM jsonb_to_recordset($1) AS r (code text, name text, agency text)', [JSON.stringify(entries.map(localOf))]);
  await gateway.sql('INSERT INTO procedure_syncs (kind, state, requested_by) VALUES (\'full\', \'complete\', \'bench\')');
  await gateway.sql('VACUUM ANALYZE national_procedures, local_procedures');
};

interface RunCost { readonly seconds: number; readonly peakMb: number }

/** One run in a worker, from when it is taken until its results are committed. */
const runOnce = async (gateway: BenchGateway): Promise<RunCost> => {
  await gateway.sql('INSERT INTO match_requests (cause, requested_by) VALUES (\'request\', \'bench\')');
  let [takenAt, peakMb] = [0, 0];
  for (const startedAt = performance.now(); performance.now() - startedAt < MAX_RUN_MS;) {
    const [state] = await gateway.sql<{ taken: boolean; done: boolean }>('SELECT leased_until IS NOT NULL AS taken, done_at IS NOT NULL AS done FROM match_requests ORDER BY id DESC LIMIT 1');
    if (takenAt === 0 && (state?.taken === true || state?.done === true)) takenAt = performance.now();
    peakMb = Math.max(peakMb, rssMb(gateway.pid('worker')));
    if (state?.done === true) return { seconds: (performance.now() - takenAt) / 1_000, peakMb };
    await delay(LOOK_EVERY_MS);
  }
  throw new Error('the match did not end');
};

/** The match of local with national procedures in a worker of its own, reading and keeping included. */
export async function benchMatch({ short }: { readonly short: boolean }): Promise<Row[]> {
  const procedures = short ? 500 : 10_000;
  const gateway = new BenchGateway('postgres');
  try {
    await gateway.start();
    gateway.startWorker();
    // Without a catalogue the run ends at once: the worker is up.
    await runOnce(gateway);
    await fill(gateway, procedures);
    const costs: RunCost[] = [];
    const restMb = rssMb(gateway.pid('worker'));
    for (let round = 0; round < (short ? 1 : 5); round += 1) costs.push(await runOnce(gateway));
    const size = `match of ${procedures.toLocaleString('en')} local with ${procedures.toLocaleString('en')} national procedures`;
    return [
      { case: size, ...summary(costs.map(({ seconds }) => seconds)), unit: 's' },
      { case: `${size}: worker's memory at its peak`, ...summary(costs.map(({ peakMb }) => peakMb)), unit: `MB RSS (${String(Math.round(restMb))} before)`, aim: '300 MB at most' },
    ];
  } finally {
    await gateway.stop();
  }
}
