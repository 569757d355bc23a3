import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../src/store/embedded-postgres.js';
import { isProcessAlive } from '../../../src/store/folder-lock.js';
import { eventually } from '../../support/eventually.js';

const ask = async (url: string, sql: string): Promise<unknown> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows[0] && Object.values(rows[0])[0];
  } finally {
    await client.end();
  }
};

describe('embedded PostgreSQL', () => {
  const folders: string[] = [];
  const servers: EmbeddedPostgres[] = [];
  const newFolder = (): string => {
    const parent = mkdtempSync(join(tmpdir(), 'onestop-pg-'));
    chmodSync(parent, 0o711);
    folders.push(parent);
    return join(parent, 'data');
  };
  const start = async (folder: string): Promise<EmbeddedPostgres> => {
    const server = await startEmbeddedPostgres({ folder });
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('creates a durable UTF-8 database whose password only the owner may read', async () => {
    const folder = newFolder();
    const server = await start(folder);
    expect(await ask(server.url, 'SHOW fsync')).toBe('on');
    expect(await ask(server.url, 'SHOW server_encoding')).toBe('UTF8');
    expect(await ask(server.url, `SELECT lower('ĐẶNG')`)).toBe('đặng');
    expect(statSync(join(folder, 'postgres-password')).mode & 0o777).toBe(0o600);
    await expect(ask(server.url.replace(/onestop:[^@]+@/, 'onestop:wrong@'), 'SELECT 1')).rejects.toThrow(/password/);
  }, 60_000);

  it('keeps what was committed across a stop and a start', async () => {
    const folder = newFolder();
    const first = await start(folder);
    await ask(first.url, 'CREATE TABLE kept AS SELECT 41 + 1 AS n');
    await first.stop();
    expect(isProcessAlive(first.pid)).toBe(false);
    const second = await start(folder);
    expect(await ask(second.url, 'SELECT n FROM kept')).toBe(42);
  }, 60_000);

  it('brings a killed server back on its port with what was committed', async () => {
    const server = await start(newFolder());
    await ask(server.url, 'CREATE TABLE kept AS SELECT 42 AS n');
    const killed = server.pid;
    process.kill(killed, 'SIGKILL');
    expect(await eventually('the server to be back', () => (server.pid === killed ? null : ask(server.url, 'SELECT n FROM kept').catch(() => null)), { timeoutMs: 30_000 })).toBe(42);
    await server.stop();
    expect(isProcessAlive(server.pid)).toBe(false);
  }, 60_000);

  it('recovers after kill -9 of server and starter, and a postmaster.pid that names another live process', async () => {
    const folder = newFolder();
    const first = await start(folder);
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS n');
    const killed = first.pid;
    const stopped = first.stop();
    process.kill(killed, 'SIGKILL');
    await stopped;
    writeFileSync(join(folder, 'postgres', 'postmaster.pid'), `${process.ppid}\n${join(folder, 'postgres')}\n0\n1\n\n127.0.0.1\n`);
    const second = await start(folder);
    expect(await ask(second.url, 'SELECT n FROM kept')).toBe(42);
  }, 60_000);

  it('adopts a server that its killed starter left behind, and stops it', async () => {
    const folder = newFolder();
    const orphan = await start(folder);
    orphan.leaveRunning();
    // A lock of a process that is gone: its number is above any that the system gives.
    writeFileSync(join(folder, 'gateway.lock'), JSON.stringify({ pid: 2 ** 30, startTicks: null }));
    const adopted = await start(folder);
    expect(adopted.pid).toBe(orphan.pid);
    await adopted.stop();
    expect(isProcessAlive(orphan.pid)).toBe(false);
  }, 60_000);

  it('says which process has the folder', async () => {
    const folder = newFolder();
    await (await start(folder)).stop();
    writeFileSync(join(folder, 'gateway.lock'), JSON.stringify({ pid: process.ppid, startTicks: null }));
    await expect(startEmbeddedPostgres({ folder })).rejects.toThrow(`in use by process ${process.ppid}`);
  }, 60_000);
});
