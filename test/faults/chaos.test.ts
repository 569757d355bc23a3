import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { PortalClient, dossierInput, stepInput, todaysDossierCode } from '../support/portal-client.js';
import { FAULTS, seeded } from './faults.js';
import { Province } from './province.js';
import type { Carrier } from './province.js';
import { readHistory } from './history.js';

/** `FAULT_DOSSIERS` and `FAULT_SECONDS` make the run long; the defaults are the short run of `.ci/run`. */
const DOSSIERS = Number(process.env.FAULT_DOSSIERS ?? 120);
const CHAOS_SECONDS = Number(process.env.FAULT_SECONDS ?? 25);
const SEED = Number(process.env.FAULT_SEED ?? 20_261_123);

let province: Province | undefined;
afterEach(async () => {
  await province?.stop();
  province = undefined;
});

const lie = async (target: Province, rates: object): Promise<void> => {
  const reply = await fetch(`${target.sandbox.url}/control/random`, { method: 'POST', body: JSON.stringify({ seed: SEED, rates, delayMs: 300 }) });
  if (!reply.ok) throw new Error(`the sandbox refused its orders: ${await reply.text()}`);
};

/** Every dossier goes through received, processing, completed, with its steps, while the world falls apart. */
async function fileDossiers(client: PortalClient): Promise<void> {
  const lanes = Array.from({ length: 8 }, (_, lane) => lane);
  await Promise.all(lanes.map(async (lane) => {
    for (let number = lane; number < DOSSIERS; number += lanes.length) {
      await client.upsert([dossierInput(number, { steps: [stepInput(50, 'RECEIVED')] })]);
      await client.append(todaysDossierCode(number), [stepInput(40, 'PROCESSING'), stepInput(30, 'PROCESSING')]);
      await client.upsert([dossierInput(number, { status: 'PROCESSING', note: 'lần 2' })]);
      await client.append(todaysDossierCode(number), [stepInput(20, 'COMPLETED')]);
      await client.upsert([dossierInput(number, { status: 'COMPLETED', note: 'lần 3', finishedAt: new Date(Date.now() - 60_000).toISOString() })]);
    }
  }));
}

async function settle(target: Province): Promise<void> {
  const database = new pg.Client({ connectionString: target.databaseUrl() });
  await database.connect();
  try {
    await eventually('everything owed is accepted', async () => {
      const open = await database.query<{ state: string; reason: string; n: string }>(
        `SELECT state, reason, count(*) AS n FROM deliveries WHERE state <> 'accepted' GROUP BY state, reason`);
      const stuck = open.rows.filter((row) => row.state === 'parked' || row.state === 'rejected');
      if (stuck.length > 0) throw new Error(`deliveries ended where they should not: ${JSON.stringify(stuck)}`);
      return open.rows.length === 0;
    }, { timeoutMs: 240_000, everyMs: 250 });
  } catch (error) {
    const open = await database.query(`SELECT d.*, now() AS asked_at FROM deliveries d WHERE state <> 'accepted' ORDER BY id LIMIT 5`);
    const parties = await database.query('SELECT * FROM parties');
    throw new Error(`${String(error)}\n${JSON.stringify({ open: open.rows, parties: parties.rows }, null, 1)}\n${target.logs()}`, { cause: error });
  } finally {
    await database.end();
  }
}

describe.each<Carrier>(['redis', 'postgres'])('a province on the %s carrier, with everything in it being killed, frozen, cut and lied to', (carrier) => {
  it('loses nothing, keeps every dossier in order, and enters no dossier twice', async () => {
    province = await Province.start({ carrier, env: { NATIONAL_PORTAL_CONCURRENCY: '12' } });
    const running = province;
    const random = seeded(SEED);
    const client = new PortalClient(running.apiUrl);
    await lie(running, { hang: 0.01, 'reset-after': 0.03, 'reset-before': 0.03, '5xx-after': 0.03, '5xx-before': 0.02, html: 0.02, 'session-expiry': 0.03, nfd: 0.05, codes: 0.1, '429': 0.01, drip: 0.02 });
    const struck: string[] = [];
    const filed = fileDossiers(client);
    const until = Date.now() + CHAOS_SECONDS * 1_000;
    const names = Object.keys(FAULTS).filter((name) => carrier === 'redis' || !name.startsWith('Redis'));
    for (let round = 0; Date.now() < until || round < names.length; round += 1) {
      // Each fault once in turn, then by chance: a short run has met them all, on a slow machine too.
      const name = names[round < names.length ? round : Math.floor(random() * names.length)] ?? '';
      struck.push(name);
      await FAULTS[name]?.(running, random);
      await pause(200 + random() * 500);
    }
    await filed;
    await lie(running, {});
    await settle(running);

    const history = await readHistory(running.sandbox.url, Array.from({ length: DOSSIERS }, (_, number) => todaysDossierCode(number)));
    expect(new Set(struck).size).toBe(names.length);
    expect(running.crashes()).toEqual([]);
    expect(history.lost).toEqual([]);
    expect(history.outOfOrder).toEqual([]);
    expect(history.enteredTwice).toEqual([]);
    process.stdout.write(`${carrier}: ${String(DOSSIERS)} dossiers, ${String(struck.length)} faults; lost 0, out of order 0, dossiers entered twice 0, steps repeated ${String(history.stepsRepeated)} of ${String(history.steps)}\n`);
  }, 600_000);
});
