import { createNationalPortal } from './national-portal/adapter.js';
import { nationalPortalSettings } from './national-portal/config.js';
import { PARTY } from './national-portal/operations.js';
import { startNationalPortalSandbox } from './national-portal/sandbox.js';

/** One party as the composition root sees it. */
export const NATIONAL_PORTAL = {
  party: PARTY,
  settings: nationalPortalSettings,
  create: createNationalPortal,
  startSandbox: startNationalPortalSandbox,
} as const;

/** The only list of parties. A folder of adapters/ that is not here fails the architecture test. */
export const PARTIES = [NATIONAL_PORTAL] as const;
