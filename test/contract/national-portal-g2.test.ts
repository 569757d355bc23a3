import { afterAll } from '@jest/globals';
import { dossierRegistryContract } from './dossier-registry-port.suite.js';
import { startNationalPortal } from './national-portal-harness.js';

const closers: (() => Promise<void>)[] = [];
afterAll(async () => { await Promise.all(closers.map((close) => close())); });

dossierRegistryContract({
  name: 'national portal over g2',
  start: async (options) => {
    const contestant = await startNationalPortal('g2', options);
    closers.push(contestant.close);
    return contestant;
  },
});
