import { setTimeout as pause } from 'node:timers/promises';
import cliProgress from 'cli-progress';
import { dataDirOf, hasDatabaseUrl, processEnv } from '../config.js';
import { startAllInOne } from './all-in-one.js';
import type { Composition } from './composition.js';
import { APPEND, PROGRESS, UPSERT, finishedDossier, newDossierCode, processingStep, receivedDossier } from './demo-documents.js';
import { callGraphql } from './graphql-client.js';
import { withLifecycle, type Lifecycle } from './lifecycle.js';
import { readRunning, type RunningInfo } from './running-file.js';
import { writeDemoFiles } from './start.js';

interface National {
  readonly state: string;
  readonly acknowledgedVersion?: number | null;
  readonly acknowledgedStatus?: string | null;
  readonly reasonText?: string | null;
}

interface Progress {
  readonly version: number;
  readonly national: National;
  readonly steps: readonly { readonly status: string; readonly national: National }[];
}

interface Chapter {
  readonly title: string;
  readonly send: () => Promise<unknown>;
  readonly arrived: (progress: Progress) => boolean;
}

const ARRIVAL_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

type Target = { readonly url: string; readonly key: string };

const refusalIn = (answer: unknown): string | null => {
  const text = JSON.stringify(answer);
  return /InputRejected|StatusMoveRefused|IdempotencyConflict|DossierNotFound/.test(text) ? text : null;
};

const waitForArrival = async (target: Target, code: string, chapter: Chapter): Promise<Progress> => {
  for (const deadline = Date.now() + ARRIVAL_TIMEOUT_MS; Date.now() < deadline; await pause(POLL_MS)) {
    const { dossier } = (await callGraphql(target, PROGRESS, { code })) as { dossier: Progress };
    const refused = [dossier.national, ...dossier.steps.map(({ national }) => national)].find(({ state }) => state === 'REJECTED');
    if (refused !== undefined) throw new Error(`The national portal refused it: ${refused.reasonText ?? 'no reason given'}`);
    if (chapter.arrived(dossier)) return dossier;
  }
  throw new Error(`"${chapter.title}" did not arrive within ${ARRIVAL_TIMEOUT_MS / 1_000} s; see /health/ready and the parties query`);
};

const chaptersOf = (target: Target, code: string, tenantCode: string): readonly Chapter[] => {
  const now = new Date();
  const stepsArrived = (progress: Progress, count: number): boolean =>
    progress.steps.length >= count && progress.steps.every(({ national }) => national.state === 'ACKNOWLEDGED');
  return [
    {
      title: 'Dossier received', send: () => callGraphql(target, UPSERT, receivedDossier(code, tenantCode, now).variables),
      arrived: (progress) => progress.national.acknowledgedVersion === 1 && stepsArrived(progress, 1),
    },
    { title: 'Step: processing', send: () => callGraphql(target, APPEND, processingStep(code, now).variables), arrived: (progress) => stepsArrived(progress, 2) },
    {
      title: 'Result and last step', send: () => callGraphql(target, UPSERT, finishedDossier(code, tenantCode, now).variables),
      arrived: (progress) => progress.national.acknowledgedStatus === 'COMPLETED' && stepsArrived(progress, 3),
    },
  ];
};

/** Two ticks a chapter: accepted by the gateway, then acknowledged by the national portal. */
const tell = async (target: Target, code: string, tenantCode: string): Promise<void> => {
  const chapters = chaptersOf(target, code, tenantCode);
  const display = new cliProgress.MultiBar({ format: '  {title} |{bar}| {stage}', hideCursor: true, clearOnComplete: false, barsize: 24, noTTYOutput: true, notTTYSchedule: 60_000 }, cliProgress.Presets.shades_classic);
  const bars = chapters.map(({ title }) => display.create(2, 0, { title: title.padEnd(22), stage: 'waiting' }));
  try {
    for (const [index, chapter] of chapters.entries()) {
      const refusal = refusalIn(await chapter.send());
      if (refusal !== null) throw new Error(`The gateway refused "${chapter.title}": ${refusal}`);
      bars[index]?.update(1, { stage: 'accepted by the gateway' });
      await waitForArrival(target, code, chapter);
      bars[index]?.update(2, { stage: 'acknowledged by the national portal' });
    }
  } finally {
    display.stop();
  }
};

const findOrStart = async (composition: Composition, lifecycle: Lifecycle): Promise<RunningInfo> => {
  const env = processEnv();
  const dataDir = dataDirOf(env);
  const running = readRunning(dataDir);
  if (running !== null) return running;
  if (hasDatabaseUrl(env)) throw new Error('The demo runs beside an embedded database: start it without DATABASE_URL');
  console.log('No gateway runs from this data folder; the demo starts one for itself.');
  const started = await startAllInOne({ env: { LOG_LEVEL: 'warn', ...env }, dataDir, embedded: true, composition, lifecycle });
  writeDemoFiles(dataDir);
  return started;
};

const showSandbox = async ({ sandboxes }: RunningInfo, code: string): Promise<void> => {
  const portal = sandboxes[0];
  if (portal === undefined) return;
  const response = await fetch(`${portal.url}/control/dossiers/${encodeURIComponent(code)}`);
  const { status, inserts, updates, steps } = (await response.json()) as Readonly<Record<string, unknown>>;
  console.log(`\nThe sandbox of ${portal.party} holds it with status ${String(status)}: ${String(inserts)} insert, ${String(updates)} update, ${String(steps)} steps.`);
  console.log(`In full: ${portal.url}/control/dossiers/${code}`);
};

/** `demo`: plays a citizen's story through GraphQL and shows how each part arrives. */
export const demo = (composition: Composition, tenantCode: string): Promise<void> =>
  withLifecycle(async (lifecycle) => {
    const running = await findOrStart(composition, lifecycle);
    if (running.demoKeys === null) throw new Error('The running gateway has API_KEYS of its own, so there is no demo key; unset API_KEYS for the demo');
    const code = newDossierCode(tenantCode, new Date());
    console.log(`\nA citizen registers a birth: dossier ${code}\n`);
    await tell({ url: running.url, key: running.demoKeys.portal }, code, tenantCode);
    await showSandbox(running, code);
  });
