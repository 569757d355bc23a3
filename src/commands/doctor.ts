import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { dataDirOf, hasDatabaseUrl, processEnv, type Env } from '../config.js';
import { withGeneratedSecrets } from '../config/demo-secrets.js';
import { createLogger } from '../observability/logger.js';
import { findStartProblems } from './checked-config.js';
import type { Composition } from './composition.js';
import { readRunning, type RunningInfo } from './running-file.js';

const say = (ok: boolean, text: string): void => console.log(`${ok ? 'ok  ' : 'BAD '} ${text}`);

const environmentOf = (env: Env, dataDir: string, running: RunningInfo | null): Env => {
  if (hasDatabaseUrl(env)) return env;
  const base = existsSync(join(dataDir, 'secrets.json')) ? withGeneratedSecrets(env, dataDir).env : env;
  return running === null ? base : { ...base, DATABASE_URL: running.databaseUrl };
};

const checkRunning = async (running: RunningInfo | null): Promise<boolean> => {
  if (running === null) {
    say(true, 'no gateway runs from this data folder');
    return true;
  }
  try {
    const response = await fetch(`${running.url}/health/ready`, { signal: AbortSignal.timeout(5_000) });
    say(response.ok, `gateway at ${running.url}: ${await response.text()}`);
    return response.ok;
  } catch {
    say(false, `gateway at ${running.url} does not answer; stop process ${running.pid} and start again`);
    return false;
  }
};

const checkParties = async (env: Env, composition: Composition, isStartable: boolean): Promise<boolean> => {
  if (!isStartable) {
    say(false, 'parties were not asked: the problems above come first');
    return false;
  }
  const { config } = await findStartProblems(env, composition);
  if (config === null) return false;
  const results = await composition.probeParties(config, createLogger('silent'));
  for (const { party, ok, detail } of results) say(ok, `${party}: ${detail}${ok ? '' : '; check its address and credentials, and that the axis lets this machine through'}`);
  return results.every(({ ok }) => ok);
};

/** Points the parties that run as sandboxes of this gateway at those. */
const withSandboxes = async (env: Env, composition: Composition, running: RunningInfo | null): Promise<Env> => {
  const filled: Record<string, string | undefined> = {};
  for (const { party, url } of running?.sandboxes ?? []) {
    // A sandbox is asked for the environment that points at it; one of the same kind is started for that, and its address replaced.
    const model = await composition.startSandbox(party, { host: '127.0.0.1', port: 0 });
    for (const [key, value] of Object.entries(model.environment)) filled[key] = value?.replace(model.url, url);
    await model.close();
  }
  return { ...filled, ...env };
};

/** `doctor`: what is wrong and what to do, one line each. Returns whether all is well. */
export const doctor = async (composition: Composition): Promise<boolean> => {
  const given = processEnv();
  const dataDir = dataDirOf(given);
  const running = readRunning(dataDir);
  const env = await withSandboxes(environmentOf(given, dataDir, running), composition, running);
  const embeddedAndStopped = running === null && !hasDatabaseUrl(given);
  const { problems } = embeddedAndStopped ? { problems: [] } : await findStartProblems(env, composition);
  for (const problem of problems) say(false, problem);
  if (embeddedAndStopped) say(true, 'DATABASE_URL is not set: npm start brings its own PostgreSQL, secrets and sandboxes');
  else if (problems.length === 0) say(true, 'configuration, database, schema, clock and queue');
  const isRunningWell = await checkRunning(running);
  const arePartiesWell = embeddedAndStopped || (await checkParties(env, composition, problems.length === 0));
  return problems.length === 0 && isRunningWell && arePartiesWell;
};
