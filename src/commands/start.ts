import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirOf, hasDatabaseUrl, processEnv } from '../config.js';
import { startAllInOne } from './all-in-one.js';
import type { Composition } from './composition.js';
import { firstCall, newDossierCode, receivedDossier } from './demo-documents.js';
import { withLifecycle } from './lifecycle.js';
import type { RunningInfo } from './running-file.js';

/** The smallest file that viewers take for a PDF: the demo's dossier points at it. */
const EMPTY_PDF = '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';

export const writeDemoFiles = (dataDir: string): void => {
  const folder = join(dataDir, 'files', 'demo');
  mkdirSync(folder, { recursive: true });
  for (const name of ['to-khai.pdf', 'ket-qua.pdf']) writeFileSync(join(folder, name), EMPTY_PDF);
};

/** Passwords are shown by the start that made them; later ones say where they are. */
const people = ({ demoUsers }: RunningInfo, shown: { readonly isNew: boolean; readonly dataDir: string }): string[] => {
  if (demoUsers === null) return [];
  const names = demoUsers.map(({ name }) => name).join(', ');
  if (!shown.isNew) return ['', `  People         ${names}; their first passwords are in ${join(shown.dataDir, 'running.json')}`];
  return ['', ...demoUsers.map(({ name, password }, index) => `  ${index === 0 ? 'People        ' : '              '} ${name.padEnd(16)} password ${password}`), '                 How they log in: README, section "People"'];
};

const banner = (running: RunningInfo, { tenantCode, isNew, dataDir }: { readonly tenantCode: string; readonly isNew: boolean; readonly dataDir: string }): string => {
  const lines = [
    '', `Onestop Gateway is ready at ${running.url}`, '',
    `  GraphQL        ${running.url}/graphql`,
    `  Health         ${running.url}/health/ready`,
    `  Queues         ${running.url}/queues   (user: any, password: the operator key)`,
    ...running.sandboxes.map(({ party, url }) => `  Sandbox        ${url}   (${party}; its state: ${url}/control/state)`),
  ];
  if (running.demoKeys !== null) {
    const now = new Date();
    const call = firstCall(running.url, running.demoKeys.portal, receivedDossier(newDossierCode(tenantCode, now), tenantCode, now));
    lines.push('', `  Portal key     ${running.demoKeys.portal}`, `  Operator key   ${running.demoKeys.operator}`, ...people(running, { isNew, dataDir }), '', 'A first call:', '', call, '', 'A citizen\'s story, in another terminal: npm run demo');
  }
  return [...lines, 'Ctrl-C ends everything that was started.', ''].join('\n');
};

/** `start`: all in one process, with nothing but Node.js needed. */
export const start = (composition: Composition): Promise<void> =>
  withLifecycle(async (lifecycle) => {
    const env = processEnv();
    const dataDir = dataDirOf(env);
    const embedded = !hasDatabaseUrl(env);
    const stopped = lifecycle.untilSignal();
    const running = await startAllInOne({ env, dataDir, embedded, composition, lifecycle });
    if (embedded) writeDemoFiles(dataDir);
    console.log(banner(running, { tenantCode: running.config.core.tenantAgencyCodes[0] ?? 'H42', isNew: running.hasNewUsers, dataDir }));
    await stopped;
  });
