import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { PARTIES } from '../../adapters/registry.js';
import { eventually } from '../support/eventually.js';
import { newDataFolder, processesIn, runGateway, untilHealthy, untilReady, type GatewayProcess } from '../support/gateway-process.js';

interface Progress {
  readonly data: { readonly dossier: { readonly national: { readonly state: string }; readonly steps: readonly { readonly national: { readonly state: string } }[] } };
}

const PROGRESS = 'query P($code: ID!) { dossier(code: $code) { national { state } steps { national { state } } } }';

describe('npm start', () => {
  let folder: ReturnType<typeof newDataFolder>;
  const processes: GatewayProcess[] = [];
  const run = (args: readonly string[], env: Record<string, string> = {}): GatewayProcess => {
    const gateway = runGateway(args, { DATA_DIR: folder.path, HTTP_PORT: '0', ...env });
    processes.push(gateway);
    return gateway;
  };
  const stop = async (gateway: GatewayProcess): Promise<number | null> => {
    gateway.kill('SIGTERM');
    return gateway.exit();
  };
  const acknowledged = async (url: string, key: string, code: string): Promise<boolean> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` }, body: JSON.stringify({ query: PROGRESS, variables: { code } }),
    });
    const { data: { dossier } } = (await response.json()) as Progress;
    return [dossier.national, ...dossier.steps.map(({ national }) => national)].every(({ state }) => state === 'ACKNOWLEDGED');
  };
  beforeEach(() => {
    folder = newDataFolder();
  });
  afterEach(async () => {
    for (const gateway of processes.splice(0)) {
      if (gateway.child.exitCode === null) await stop(gateway);
    }
    folder.remove();
  });

  it('prints a first call that works as it is, and brings its dossier to the sandbox', async () => {
    const ready = await untilReady(run(['start']));
    const call = spawnSync('bash', ['-c', ready.firstCall], { encoding: 'utf8' });
    const code = /"dossierCode":"([^"]+)"/.exec(call.stdout)?.[1] ?? '';
    expect(call.stdout).toContain('"__typename":"DossierAccepted"');
    await eventually('the acknowledgement', () => acknowledged(ready.url, ready.portalKey, code));
    const held = (await (await fetch(`${ready.sandboxUrl}/control/dossiers/${encodeURIComponent(code)}`)).json()) as { inserts: number; steps: number; body: { TaiLieuNop: { DuongDanTaiTepTin: string }[] } };
    expect(held).toMatchObject({ inserts: 1, steps: 1 });
    const file = await fetch(held.body.TaiLieuNop[0]?.DuongDanTaiTepTin ?? '');
    expect(file.status).toBe(200);
    expect(file.headers.get('content-type')).toBe('application/pdf');
    const again = spawnSync('bash', ['-c', ready.firstCall], { encoding: 'utf8' });
    expect(again.stdout).toBe(call.stdout);
  }, 120_000);

  it('is ready, shows queues to the operator only, and keeps its secrets to itself', async () => {
    const gateway = run(['start']);
    const { url, operatorKey, portalKey } = await untilReady(gateway);
    expect(await untilHealthy(url)).toEqual({ ready: true, checks: { database: true, evidence: true, queue: true, deliveries: true, callbacks: true, payments: true, post: true, receipts: true } });
    const basic = (key: string): { headers: { authorization: string } } => ({ headers: { authorization: `Basic ${Buffer.from(`any:${key}`).toString('base64')}` } });
    expect((await fetch(`${url}/queues/`)).status).toBe(401);
    expect((await fetch(`${url}/queues/`, basic(portalKey))).status).toBe(403);
    expect((await fetch(`${url}/queues/`, basic(operatorKey))).status).toBe(200);
    const queues = (await (await fetch(`${url}/queues/api/queues`, basic(operatorKey))).json()) as { queues: { name: string; readOnlyMode: boolean }[] };
    expect(queues.queues.map(({ name }) => name)).toContain('deliver');
    expect(queues.queues.filter(({ readOnlyMode }) => !readOnlyMode)).toEqual([]);
    expect(statSync(join(folder.path, 'secrets.json')).mode & 0o777).toBe(0o600);
    const logs = gateway.output().split('\n').filter((line) => line.startsWith('{')).join('\n');
    expect(logs).not.toContain(operatorKey);
    expect(logs).not.toMatch(/postgres:\/\/onestop:[^*]/);
  }, 120_000);

  it('makes people who can log in, and shows their passwords by the start that made them only', async () => {
    const first = run(['start']);
    const { url } = await untilReady(first);
    const people = [...first.output().matchAll(/(demo-\S+)\s+password (\S+)/g)].map(([, name = '', password = '']) => ({ name, password }));
    expect(people.map(({ name }) => name)).toEqual(['demo-operator', 'demo-supervisor', 'demo-leader', 'demo-auditor']);
    for (const { name, password } of people) {
      const answer = await fetch(`${url}/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name, password }) });
      expect(await answer.json()).toMatchObject({ client: `user:${name}`, mustChangePassword: false });
    }
    const kept = join(folder.path, 'running.json');
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    expect(readFileSync(kept, 'utf8')).toContain(people[0]?.password ?? 'none');
    await stop(first);
    const second = run(['start']);
    await untilReady(second);
    expect(second.output()).toContain('demo-supervisor');
    for (const { password } of people) expect(second.output()).not.toContain(password);
    await stop(second);
    const own = run(['start'], { API_KEYS: `mine:operator:${'a'.repeat(64)}` });
    await eventually('the banner', () => own.output().includes('Ctrl-C ends everything'), { timeoutMs: 60_000 });
    expect(own.output()).not.toContain('demo-supervisor');
  }, 180_000);

  it('ends everything that it started on SIGTERM, and keeps data and keys for the next start', async () => {
    const first = run(['start']);
    const before = await untilReady(first);
    const call = spawnSync('bash', ['-c', before.firstCall], { encoding: 'utf8' });
    const code = /"dossierCode":"([^"]+)"/.exec(call.stdout)?.[1] ?? '';
    expect(processesIn(folder.path).length).toBeGreaterThan(0);
    expect(await stop(first)).toBe(0);
    expect(processesIn(folder.path)).toEqual([]);
    expect(existsSync(join(folder.path, 'running.json'))).toBe(false);
    const after = await untilReady(run(['start']));
    expect(after.portalKey).toBe(before.portalKey);
    await eventually('the acknowledgement after the restart', () => acknowledged(after.url, after.portalKey, code));
  }, 120_000);

  it('takes up its database and its work after kill -9', async () => {
    const first = run(['start']);
    const before = await untilReady(first);
    const call = spawnSync('bash', ['-c', before.firstCall], { encoding: 'utf8' });
    const code = /"dossierCode":"([^"]+)"/.exec(call.stdout)?.[1] ?? '';
    first.kill('SIGKILL');
    await first.exit();
    const second = run(['start']);
    const after = await untilReady(second);
    await eventually('the acknowledgement', () => acknowledged(after.url, after.portalKey, code), { timeoutMs: 120_000 });
    expect(await stop(second)).toBe(0);
    expect(processesIn(folder.path)).toEqual([]);
  }, 240_000);

  it('says which port is taken, and starts nothing', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await eventually('the other program', () => other.listening);
    const { port } = other.address() as AddressInfo;
    const gateway = run(['start'], { HTTP_PORT: String(port) });
    expect(await gateway.exit()).toBe(1);
    expect(gateway.output()).toContain(`Port ${port} on 127.0.0.1 is taken by another program; stop that one or choose another port`);
    expect(gateway.output()).not.toMatch(/^ {4}at /m);
    expect(existsSync(join(folder.path, 'postgres'))).toBe(false);
    other.close();
  }, 120_000);

  it('says that another gateway has the data folder', async () => {
    const first = run(['start']);
    await untilReady(first);
    const second = run(['start']);
    expect(await second.exit()).toBe(1);
    expect(second.output()).toContain(`in use by process ${first.child.pid}`);
  }, 120_000);

  it('takes one Ctrl-C that arrives twice, from terminal and npm, for one', async () => {
    const gateway = run(['start']);
    await untilReady(gateway);
    gateway.kill('SIGINT');
    gateway.kill('SIGINT');
    expect(await gateway.exit()).toBe(0);
    expect(gateway.output()).toMatch(/"msg":"stopped"/);
    expect(processesIn(folder.path)).toEqual([]);
  }, 120_000);

  it('stops at a signal that comes while it starts', async () => {
    const gateway = run(['start']);
    await eventually('the folder of the database', () => existsSync(folder.path), { timeoutMs: 30_000, everyMs: 5 });
    await stop(gateway);
    expect(processesIn(folder.path)).toEqual([]);
  }, 120_000);

  it('plays the demo against the running gateway, and doctor finds it well', async () => {
    await untilReady(run(['start']));
    const demo = run(['demo']);
    expect(await demo.exit()).toBe(0);
    expect(demo.output()).toMatch(/holds it with status \S+: 1 insert, 1 update, 3 steps/);
    expect(demo.output()).toMatch(/Payment OG[0-9A-Z]{13} of 8,000 VND: PAID \(Đã thanh toán\), transaction \S+ of \S+\.\nReceipt \S+ \d+: http/);
    expect(demo.output()).toMatch(/Parcel 000\.\S+ of vnpost: DELIVERED \(Đã phát\), its number \S+\.\nWaybill: http/);
    const waybill = await fetch(/Waybill: (\S+)/.exec(demo.output())?.[1] ?? '');
    expect([waybill.status, waybill.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    const receipt = await fetch(/Receipt \S+ \d+: (\S+)/.exec(demo.output())?.[1] ?? '');
    expect([receipt.status, receipt.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    const taken = (await (await fetch(/What \S+ took: (\S+)/.exec(demo.output())?.[1] ?? '')).json()) as { takenVnd: readonly number[] };
    expect(taken.takenVnd).toEqual([8_000]);
    const doctor = run(['doctor']);
    expect(await doctor.exit()).toBe(0);
    expect(doctor.output()).toContain('ok   national-portal: logged in over g1');
    for (const { party } of PARTIES) expect(doctor.output()).toMatch(new RegExp(`^ok   ${party}: (?!not connected)`, 'm'));
  }, 240_000);
});
