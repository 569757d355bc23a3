import { z } from 'zod';
import { axisSettings } from '../support/axis-settings.js';
import { connectionSettings } from '../support/connection-settings.js';
import { envSection, list, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { optionalRate, optionalUrl, phrases, wholeNumber } from '../support/setting-kinds.js';

export const axis = axisSettings('NATIONAL_PORTAL');
export const connection = connectionSettings('NATIONAL_PORTAL', {
  maxReplyBytes: { fallback: '5000000' },
  allowPrivateAddresses: { fallback: 'true', purpose: 'Whether the configured hosts may lead to addresses of the local network, where the security server of g1 stands; loopback only where the address itself says so, link-local and metadata addresses never' },
});

const specs = {
  NATIONAL_PORTAL_WIRE: { schema: z.enum(['g1', 'g2']), fallback: 'g1', purpose: 'Interface generation: g1 (axis forwarder with a session) or g2 (provincial LGSP wrapper)' },
  NATIONAL_PORTAL_AGENCY_CODE: { schema: z.string().regex(/^[0-9A-Za-z.]{3,50}$/, 'must be an agency code'), fallback: null, purpose: 'Agency code of the province (madonvi), such as 000.00.00.H42; check it with the portal, the code of a merged province is uncertain' },
  ...axis.specs,
  NATIONAL_PORTAL_G1_SHARE_PATH: { schema: z.string(), fallback: 'mapi/g', purpose: 'g1: path of the sharing services (mapi/g is an assumption)' },
  NATIONAL_PORTAL_G1_INTEGRATION_PATH: { schema: z.string(), fallback: 'mapi/g', purpose: 'g1: path of the integration services (mapi/g is an assumption)' },
  NATIONAL_PORTAL_G2_URL: { schema: optionalUrl, fallback: '', purpose: 'g2: address of the LGSP services, such as https://lgsp.example.gov.vn/KetNoiMotCuaQuocGia' },
  NATIONAL_PORTAL_G2_TOKEN_URL: { schema: optionalUrl, fallback: '', purpose: 'g2: address of the WSO2 token endpoint; empty means /token on the host of the services' },
  NATIONAL_PORTAL_G2_CONSUMER_KEY: { schema: z.string(), fallback: '', purpose: 'g2: WSO2 consumer key' },
  NATIONAL_PORTAL_G2_CONSUMER_SECRET: { schema: z.string(), fallback: '', purpose: 'g2: WSO2 consumer secret', secret: true },
  NATIONAL_PORTAL_G2_INSERT_SUFFIX: { schema: z.string(), fallback: 'DongBoHoSoMC', purpose: 'g2: URL suffix of the insert (URLThemMoi)' },
  NATIONAL_PORTAL_G2_UPDATE_SUFFIX: { schema: z.string(), fallback: 'CapNhatHoSoMC', purpose: 'g2: URL suffix of the update (URLCapNhat; the default is an assumption)' },
  NATIONAL_PORTAL_G2_PROGRESS_SUFFIX: { schema: z.string(), fallback: 'CapNhatTienDoHoSoMC', purpose: 'g2: URL suffix of the progress (URLDongBoTienTrinh)' },
  NATIONAL_PORTAL_G2_QUERY: { schema: list, fallback: 'MaDinhDanhDV,isUpdating', purpose: 'g2: which of MaDinhDanhDV and isUpdating travel in the query string' },
  NATIONAL_PORTAL_DEADLINE_MS: { schema: millis(100, 300_000), fallback: '60000', purpose: 'Deadline of one call; 60 s is the read timeout of a production client' },
  NATIONAL_PORTAL_IN_FLIGHT_MS: { schema: millis(100, 3_600_000), fallback: '90000', purpose: 'Longest time in which a request that got no answer may still arrive; nothing is asked or repeated before (above the deadline)' },
  NATIONAL_PORTAL_CONCURRENCY: { schema: wholeNumber(1, 256), fallback: '16', purpose: 'Deliveries in flight at the same time, over all workers' },
  NATIONAL_PORTAL_RATE_PER_SECOND: { schema: optionalRate, fallback: '', purpose: 'Deliveries a second at most, over all workers; empty means no limit' },
  NATIONAL_PORTAL_CONNECTIONS: { schema: wholeNumber(1, 256), fallback: '32', purpose: 'Open connections at most, per process' },
  ...connection.specs,
  NATIONAL_PORTAL_STEPS_PER_BATCH: { schema: wholeNumber(1, 10), fallback: '10', purpose: 'Steps in one progress call; a production client sends 10, the ceiling of the server is unknown' },
  NATIONAL_PORTAL_EXISTS_CODES: { schema: list, fallback: '0,3,-3', purpose: 'Codes under which "already exists" is answered to an insert' },
  NATIONAL_PORTAL_SESSION_CODES: { schema: list, fallback: '', purpose: 'Error codes that mean a refused session (none is published)' },
  NATIONAL_PORTAL_SESSION_PHRASES: { schema: phrases, fallback: 'session,phiên làm việc,phiên đăng nhập,phiên kết nối', purpose: 'Words of a refusal that mean a refused session (an assumption)' },
  NATIONAL_PORTAL_BUSY_PHRASES: { schema: phrases, fallback: 'hệ thống đang bận,hệ thống bận,thử lại sau,đang bảo trì', purpose: 'Words of a refusal that mean "later" and not "no" (an assumption)' },
} as const;

export type NationalPortalSettings = SettingsOf<typeof specs>;

const missing = (settings: NationalPortalSettings, keys: readonly (keyof NationalPortalSettings)[]): readonly string[] =>
  keys.filter((key) => settings[key] === '').map((key) => `${key} is not set, and NATIONAL_PORTAL_WIRE=${settings.NATIONAL_PORTAL_WIRE} needs it`);

/** The environment section of this party; `keys` feeds the documents. */
export const nationalPortalSettings: EnvSection<NationalPortalSettings> = envSection(specs, (settings) => [
  ...(settings.NATIONAL_PORTAL_IN_FLIGHT_MS > settings.NATIONAL_PORTAL_DEADLINE_MS ? [] : ['NATIONAL_PORTAL_IN_FLIGHT_MS must be above NATIONAL_PORTAL_DEADLINE_MS: a call may still be under way until its deadline']),
  ...connection.problems(settings),
  ...(settings.NATIONAL_PORTAL_WIRE === 'g1'
    ? missing(settings, ['NATIONAL_PORTAL_G1_URL', 'NATIONAL_PORTAL_G1_USERNAME', 'NATIONAL_PORTAL_G1_PASSWORD'])
    : missing(settings, ['NATIONAL_PORTAL_G2_URL', 'NATIONAL_PORTAL_G2_CONSUMER_KEY', 'NATIONAL_PORTAL_G2_CONSUMER_SECRET'])),
]);
