import { z } from 'zod';
import { millis } from './env-section.js';
import type { SettingsOf } from './env-section.js';
import type { ForwarderSettings } from './axis-forwarder.js';
import { optionalUrl } from './setting-kinds.js';
import { setting, settingsPart } from './settings-part.js';
import type { SettingsPart } from './settings-part.js';

/** Grammar of a member on the integration axis (national-portal.md §3.3; class ORG is a guess). */
const dstcode = z.string().regex(/^VN:(GOV|COM|ORG):[0-9A-Za-z.-]+:[A-Za-z0-9_-]+$/, 'must look like VN:GOV:<agency code>:<subsystem>');

const SPECS = {
  G1_URL: setting(optionalUrl, '', 'g1: address of the forwarder up to and including "forward", such as http://ss:8081/XrdAdapter/RestService/forward'),
  G1_LOGIN_PATH: setting(z.string(), 'mapi/login', 'g1: path of the log-in below the forwarder'),
  G1_DSTCODE: setting(dstcode, 'VN:GOV:000.00.00.G22:vpcpdvcprovider', 'g1: routing key of the national portal on the axis'),
  G1_DSTCODE_IN: setting(z.enum(['query', 'header', 'both']), 'query', 'g1: where the routing key travels'),
  G1_PROVIDER_URL: setting(optionalUrl, '', 'g1: providerurl of the forwarder, where it needs one; never taken from a request'),
  G1_USERNAME: setting(z.string(), '', 'g1: user of the log-in'),
  G1_PASSWORD: { ...setting(z.string(), '', 'g1: password of the log-in'), secret: true },
  G1_SESSION_LIFE_MS: setting(millis(1_000, 3_600_000), '600000', 'g1: how long a session is used; the server side life is unknown, 10 minutes is what a production client trusts'),
  SESSION_REFRESH_AHEAD_MS: setting(millis(0, 600_000), '60000', 'A session or token with less life left is replaced in the background'),
  LOGIN_DEADLINE_MS: setting(millis(100, 300_000), '20000', 'Deadline of a log-in; everything else waits for it, so it is shorter'),
} as const;

type Specs<Prefix extends string> = SettingsPart<Prefix, typeof SPECS>['specs'];

/** How a party behind the integration axis is reached over G1, and for how long its sessions are trusted. */
export interface AxisSettings<Prefix extends string> {
  readonly specs: Specs<Prefix>;
  readonly forwarder: (party: string, settings: SettingsOf<Specs<Prefix>>) => ForwarderSettings;
}

export const axisSettings = <const Prefix extends string>(prefix: Prefix): AxisSettings<Prefix> => {
  const part = settingsPart(prefix, SPECS);
  return {
    specs: part.specs,
    forwarder: (party, settings) => {
      const own = part.of(settings);
      return {
        party, url: new URL(own.G1_URL), dstcode: own.G1_DSTCODE, dstcodeIn: own.G1_DSTCODE_IN, providerUrl: own.G1_PROVIDER_URL,
        loginPath: own.G1_LOGIN_PATH, username: own.G1_USERNAME, password: own.G1_PASSWORD, sessionLifeMs: own.G1_SESSION_LIFE_MS,
        refreshAheadMs: own.SESSION_REFRESH_AHEAD_MS, loginDeadlineMs: own.LOGIN_DEADLINE_MS,
      };
    },
  };
};
