import { dataDirOf, hasDatabaseUrl, processEnv } from '../config.js';
import { startAllInOne } from './all-in-one.js';
import type { Composition } from './composition.js';
import { APPEND, PROGRESS, UPSERT, demoAgencyOf, finishedDossier, newDossierCode, processingStep, receivedDossier } from './demo-documents.js';
import { ParcelStory } from './demo-parcel.js';
import { PaymentStory, whyNoPayment } from './demo-payment.js';
import { tell, until, type Chapter } from './demo-story.js';
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

type Target = { readonly url: string; readonly key: string };

const refusalIn = (answer: unknown): string | null => {
  const text = JSON.stringify(answer);
  return /InputRejected|StatusMoveRefused|IdempotencyConflict|DossierNotFound/.test(text) ? text : null;
};

const progressOf = async (target: Target, code: string): Promise<Progress> => {
  const { dossier } = (await callGraphql(target, PROGRESS, { code })) as { dossier: Progress };
  const refused = [dossier.national, ...dossier.steps.map(({ national }) => national)].find(({ state }) => state === 'REJECTED');
  if (refused !== undefined) throw new Error(`The national portal refused it: ${refused.reasonText ?? 'no reason given'}`);
  return dossier;
};

interface Message {
  readonly title: string;
  readonly send: () => Promise<unknown>;
  readonly arrived: (progress: Progress) => boolean;
}

const chapterOf = (target: Target, code: string, { title, send, arrived }: Message): Chapter => ({
  title,
  first: async () => {
    const refusal = refusalIn(await send());
    if (refusal !== null) throw new Error(`The gateway refused "${title}": ${refusal}`);
    return 'accepted by the gateway';
  },
  then: async () => {
    await until(title, async () => arrived(await progressOf(target, code)));
    return 'acknowledged by the national portal';
  },
});

/** The dossier's own chapters, with those of the money after it was received, and those of the parcel at the end. */
const chaptersOf = (target: Target, { code, tenantCode, money, parcel }: { readonly code: string; readonly tenantCode: string; readonly money: readonly Chapter[]; readonly parcel: readonly Chapter[] }): readonly Chapter[] => {
  const now = new Date();
  const stepsArrived = (progress: Progress, count: number): boolean =>
    progress.steps.length >= count && progress.steps.every(({ national }) => national.state === 'ACKNOWLEDGED');
  const [received, ...later] = ([
    {
      title: 'Dossier received', send: () => callGraphql(target, UPSERT, receivedDossier(code, tenantCode, now).variables),
      arrived: (progress) => progress.national.acknowledgedVersion === 1 && stepsArrived(progress, 1),
    },
    { title: 'Step: processing', send: () => callGraphql(target, APPEND, processingStep(code, now).variables), arrived: (progress) => stepsArrived(progress, 2) },
    {
      title: 'Result and last step', send: () => callGraphql(target, UPSERT, finishedDossier(code, tenantCode, now).variables),
      arrived: (progress) => progress.national.acknowledgedStatus === 'COMPLETED' && stepsArrived(progress, 3),
    },
  ] satisfies readonly Message[]).map((message) => chapterOf(target, code, message));
  return [...(received === undefined ? [] : [received]), ...money, ...later, ...parcel];
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
    const target = { url: running.url, key: running.demoKeys.portal };
    const code = newDossierCode(tenantCode, new Date());
    const demoPayment = { running, key: target.key, code, agencyCode: demoAgencyOf(tenantCode) };
    const obstacle = await whyNoPayment(demoPayment);
    const story = obstacle === null ? new PaymentStory(demoPayment) : null;
    const parcel = ParcelStory.of({ running, key: target.key, code });
    console.log(`\nA citizen registers a birth: dossier ${code}\n`);
    await tell(chaptersOf(target, { code, tenantCode, money: story?.chapters() ?? [], parcel: parcel?.chapters() ?? [] }));
    await showSandbox(running, code);
    console.log(story === null ? `Nothing was paid: ${obstacle ?? ''}` : (await story.summary()).join('\n'));
    if (parcel !== null) console.log((await parcel.summary()).join('\n'));
  });
