import { z } from 'zod';
import { pemFile } from '../../src/net/pem-file.js';
import { envSection, flag, list, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { foldText } from '../support/vietnamese-text.js';

/** An absolute http(s) URL without credentials or query, or empty where the other wire is used. */
const optionalUrl = z.string().refine((text) => {
  if (text === '') return true;
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.search === '' && url.hash === '';
}, 'must be an absolute http(s) URL without credentials or query');

/** Grammar of a member on the integration axis (national-portal.md §3.3; class ORG is a guess). */
const dstcode = z.string().regex(/^VN:(GOV|COM|ORG):[0-9A-Za-z.-]+:[A-Za-z0-9_-]+$/, 'must look like VN:GOV:<agency code>:<subsystem>');

const phrases = list.transform((items) => items.map(foldText));

const specs = {
  NATIONAL_PORTAL_WIRE: { schema: z.enum(['g1', 'g2']), fallback: 'g1', purpose: 'Interface generation: g1 (axis forwarder with a session) or g2 (provincial LGSP wrapper)' },
  NATIONAL_PORTAL_AGENCY_CODE: { schema: z.string().regex(/^[0-9A-Za-z.]{3,50}$/, 'must be an agency code'), fallback: null, purpose: 'Agency code of the province (madonvi), such as 000.00.00.H42; check it with the portal, the code of a merged province is uncertain' },
  NATIONAL_PORTAL_G1_URL: { schema: optionalUrl, fallback: '', purpose: 'g1: address of the forwarder up to and including "forward", such as http://ss:8081/XrdAdapter/RestService/forward' },
  NATIONAL_PORTAL_G1_LOGIN_PATH: { schema: z.string(), fallback: 'mapi/login', purpose: 'g1: path of the log-in below the forwarder' },
  NATIONAL_PORTAL_G1_SHARE_PATH: { schema: z.string(), fallback: 'mapi/g', purpose: 'g1: path of the sharing services (mapi/g is an assumption)' },
  NATIONAL_PORTAL_G1_INTEGRATION_PATH: { schema: z.string(), fallback: 'mapi/g', purpose: 'g1: path of the integration services (mapi/g is an assumption)' },
  NATIONAL_PORTAL_G1_DSTCODE: { schema: dstcode, fallback: 'VN:GOV:000.00.00.G22:vpcpdvcprovider', purpose: 'g1: routing key of the national portal on the axis' },
  NATIONAL_PORTAL_G1_DSTCODE_IN: { schema: z.enum(['query', 'header', 'both']), fallback: 'query', purpose: 'g1: where the routing key travels' },
  NATIONAL_PORTAL_G1_PROVIDER_URL: { schema: optionalUrl, fallback: '', purpose: 'g1: providerurl of the forwarder, where it needs one; never taken from a request' },
  NATIONAL_PORTAL_G1_USERNAME: { schema: z.string(), fallback: '', purpose: 'g1: user of the log-in' },
  NATIONAL_PORTAL_G1_PASSWORD: { schema: z.string(), fallback: '', purpose: 'g1: password of the log-in', secret: true },
  NATIONAL_PORTAL_G1_SESSION_LIFE_MS: { schema: millis(1_000, 3_600_000), fallback: '600000', purpose: 'g1: how long a session is used; the server side life is unknown, 10 minutes is what a production client trusts' },
  NATIONAL_PORTAL_SESSION_REFRESH_AHEAD_MS: { schema: millis(0, 600_000), fallback: '60000', purpose: 'A session or token with less life left is replaced in the background' },
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
  NATIONAL_PORTAL_LOGIN_DEADLINE_MS: { schema: millis(100, 300_000), fallback: '20000', purpose: 'Deadline of a log-in; everything else waits for it, so it is shorter' },
  NATIONAL_PORTAL_CONCURRENCY: { schema: z.coerce.number().int().min(1).max(256), fallback: '16', purpose: 'Deliveries in flight at the same time, over all workers' },
  NATIONAL_PORTAL_RATE_PER_SECOND: { schema: z.string().regex(/^(\d+(\.\d+)?)?$/, 'must be a number, or empty').transform((text) => (text === '' ? null : Number(text))), fallback: '', purpose: 'Deliveries a second at most, over all workers; empty means no limit' },
  NATIONAL_PORTAL_CONNECTIONS: { schema: z.coerce.number().int().min(1).max(256), fallback: '32', purpose: 'Open connections at most, per process' },
  NATIONAL_PORTAL_CONNECT_TIMEOUT_MS: { schema: millis(100, 60_000), fallback: '5000', purpose: 'Deadline of opening a connection' },
  NATIONAL_PORTAL_MAX_REPLY_BYTES: { schema: z.coerce.number().int().min(1_000).max(50_000_000), fallback: '5000000', purpose: 'Largest reply that is read' },
  NATIONAL_PORTAL_STEPS_PER_BATCH: { schema: z.coerce.number().int().min(1).max(10), fallback: '10', purpose: 'Steps in one progress call; a production client sends 10, the ceiling of the server is unknown' },
  NATIONAL_PORTAL_EXISTS_CODES: { schema: list, fallback: '0,3,-3', purpose: 'Codes under which "already exists" is answered to an insert' },
  NATIONAL_PORTAL_SESSION_CODES: { schema: list, fallback: '', purpose: 'Error codes that mean a refused session (none is published)' },
  NATIONAL_PORTAL_SESSION_PHRASES: { schema: phrases, fallback: 'session,phiên làm việc,phiên đăng nhập,phiên kết nối', purpose: 'Words of a refusal that mean a refused session (an assumption)' },
  NATIONAL_PORTAL_BUSY_PHRASES: { schema: phrases, fallback: 'hệ thống đang bận,hệ thống bận,thử lại sau,đang bảo trì', purpose: 'Words of a refusal that mean "later" and not "no" (an assumption)' },
  NATIONAL_PORTAL_ALLOW_PRIVATE_ADDRESSES: { schema: flag, fallback: 'true', purpose: 'Whether the configured hosts may lead to addresses of the local network, where the security server of g1 stands; loopback only where the address itself says so, link-local and metadata addresses never' },
  NATIONAL_PORTAL_TLS_CA_FILE: { schema: pemFile('certificate'), fallback: '', purpose: 'PEM file of the only certificate authority that is trusted; empty means those of the system' },
  NATIONAL_PORTAL_TLS_CERT_FILE: { schema: pemFile('certificate'), fallback: '', purpose: 'PEM file of our client certificate, where the party asks for one' },
  NATIONAL_PORTAL_TLS_KEY_FILE: { schema: pemFile('private key'), fallback: '', purpose: 'PEM file of the key of our client certificate' },
  NATIONAL_PORTAL_SEND_TRACEPARENT: { schema: flag, fallback: 'false', purpose: 'Send the W3C traceparent header on' },
} as const;

export type NationalPortalSettings = SettingsOf<typeof specs>;

const missing = (settings: NationalPortalSettings, keys: readonly (keyof NationalPortalSettings)[]): readonly string[] =>
  keys.filter((key) => settings[key] === '').map((key) => `${key} is not set, and NATIONAL_PORTAL_WIRE=${settings.NATIONAL_PORTAL_WIRE} needs it`);

/** The environment section of this party; `keys` feeds the documents. */
export const nationalPortalSettings: EnvSection<NationalPortalSettings> = envSection(specs, (settings) => [
  ...(settings.NATIONAL_PORTAL_IN_FLIGHT_MS > settings.NATIONAL_PORTAL_DEADLINE_MS ? [] : ['NATIONAL_PORTAL_IN_FLIGHT_MS must be above NATIONAL_PORTAL_DEADLINE_MS: a call may still be under way until its deadline']),
  ...((settings.NATIONAL_PORTAL_TLS_CERT_FILE === null) === (settings.NATIONAL_PORTAL_TLS_KEY_FILE === null) ? [] : ['Set both or none of NATIONAL_PORTAL_TLS_CERT_FILE and NATIONAL_PORTAL_TLS_KEY_FILE']),
  ...(settings.NATIONAL_PORTAL_WIRE === 'g1'
    ? missing(settings, ['NATIONAL_PORTAL_G1_URL', 'NATIONAL_PORTAL_G1_USERNAME', 'NATIONAL_PORTAL_G1_PASSWORD'])
    : missing(settings, ['NATIONAL_PORTAL_G2_URL', 'NATIONAL_PORTAL_G2_CONSUMER_KEY', 'NATIONAL_PORTAL_G2_CONSUMER_SECRET'])),
]);
