import { z } from 'zod';
import { pemFile } from '../../src/net/pem-file.js';
import { envSection, flag, list, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { foldText } from '../support/vietnamese-text.js';

/** An absolute http(s) URL without credentials or query, or empty where it is not used. */
const optionalUrl = z.string().refine((text) => {
  if (text === '') return true;
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.search === '' && url.hash === '';
}, 'must be an absolute http(s) URL without credentials or query');

const dstcode = z.string().regex(/^VN:(GOV|COM|ORG):[0-9A-Za-z.-]+:[A-Za-z0-9_-]+$/, 'must look like VN:GOV:<agency code>:<subsystem>');
const phrases = list.transform((items) => items.map(foldText));
const optionalRate = z.string().regex(/^(\d+(\.\d+)?)?$/, 'must be a number, or empty').transform((text) => (text === '' ? null : Number(text)));
const agencyCode = z.string().regex(/^([0-9A-Za-z.]{3,50})?$/, 'must be an agency code');

const specs = {
  PROCEDURE_DATABASE_WIRE: { schema: z.enum(['off', 'g1', 'g2', 'g3']), fallback: 'off', purpose: 'Interface of the national procedure database: g1 (axis forwarder with a session), g2 (provincial LGSP wrapper), g3 (new portal, list with a cursor), or off where none is connected' },
  PROCEDURE_DATABASE_AGENCY_CODE: { schema: agencyCode, fallback: '', purpose: 'g1, g2: agency whose procedures are listed (madonvi), such as 000.00.00.H42' },
  PROCEDURE_DATABASE_G1_URL: { schema: optionalUrl, fallback: '', purpose: 'g1: address of the forwarder up to and including "forward"' },
  PROCEDURE_DATABASE_G1_LOGIN_PATH: { schema: z.string(), fallback: 'mapi/login', purpose: 'g1: path of the log-in below the forwarder' },
  PROCEDURE_DATABASE_G1_SHARE_PATH: { schema: z.string(), fallback: 'mapi/g', purpose: 'g1: path of the sharing services: lists and decisions (mapi/g is an assumption)' },
  PROCEDURE_DATABASE_G1_INTEGRATION_PATH: { schema: z.string(), fallback: 'mapi/g', purpose: 'g1: path of the integration services: whole records (mapi/g is an assumption)' },
  PROCEDURE_DATABASE_G1_DSTCODE: { schema: dstcode, fallback: 'VN:GOV:000.00.00.G22:vpcpdvcprovider', purpose: 'g1: routing key of the national portal on the axis' },
  PROCEDURE_DATABASE_G1_DSTCODE_IN: { schema: z.enum(['query', 'header', 'both']), fallback: 'query', purpose: 'g1: where the routing key travels' },
  PROCEDURE_DATABASE_G1_PROVIDER_URL: { schema: optionalUrl, fallback: '', purpose: 'g1: providerurl of the forwarder, where it needs one; never taken from a request' },
  PROCEDURE_DATABASE_G1_USERNAME: { schema: z.string(), fallback: '', purpose: 'g1: user of the log-in' },
  PROCEDURE_DATABASE_G1_PASSWORD: { schema: z.string(), fallback: '', purpose: 'g1: password of the log-in', secret: true },
  PROCEDURE_DATABASE_G1_SESSION_LIFE_MS: { schema: millis(1_000, 3_600_000), fallback: '600000', purpose: 'g1: how long a session is used; its life at the server is unknown' },
  PROCEDURE_DATABASE_SESSION_REFRESH_AHEAD_MS: { schema: millis(0, 600_000), fallback: '60000', purpose: 'g1, g2: a session or token with less life left is replaced in the background' },
  PROCEDURE_DATABASE_G2_URL: { schema: optionalUrl, fallback: '', purpose: 'g2: address of the LGSP services, such as https://lgsp.example.gov.vn/KetNoiMotCuaQuocGia' },
  PROCEDURE_DATABASE_G2_TOKEN_URL: { schema: optionalUrl, fallback: '', purpose: 'g2: address of the WSO2 token endpoint; empty means /token on the host of the services' },
  PROCEDURE_DATABASE_G2_CONSUMER_KEY: { schema: z.string(), fallback: '', purpose: 'g2: WSO2 consumer key' },
  PROCEDURE_DATABASE_G2_CONSUMER_SECRET: { schema: z.string(), fallback: '', purpose: 'g2: WSO2 consumer secret', secret: true },
  PROCEDURE_DATABASE_G2_LIST_SUFFIX: { schema: z.string(), fallback: 'LayDanhSachTTHCDonVi', purpose: 'g2: URL suffix of the list, asked with GET and maDonVi' },
  PROCEDURE_DATABASE_G3_URL: { schema: optionalUrl, fallback: '', purpose: 'g3: address of the interface, such as https://dichvucong.gov.vn/api/v1' },
  PROCEDURE_DATABASE_G3_ORIGIN: { schema: optionalUrl, fallback: '', purpose: 'g3: sent as Origin and Referer, where the firewall in front asks for them; empty sends neither' },
  PROCEDURE_DATABASE_G3_PAGE_SIZE: { schema: z.coerce.number().int().min(1).max(200), fallback: '200', purpose: 'g3: procedures in one page of the list; the server refuses more than 200' },
  PROCEDURE_DATABASE_CONCURRENCY: { schema: z.coerce.number().int().min(1).max(64), fallback: '20', purpose: 'Records read at the same time at most' },
  PROCEDURE_DATABASE_RATE_PER_SECOND: { schema: optionalRate, fallback: '', purpose: 'Records read in a second at most; empty means no limit' },
  PROCEDURE_DATABASE_DEADLINE_MS: { schema: millis(100, 300_000), fallback: '30000', purpose: 'Deadline of one call; everything is a read and repeated freely' },
  PROCEDURE_DATABASE_LOGIN_DEADLINE_MS: { schema: millis(100, 300_000), fallback: '20000', purpose: 'g1, g2: deadline of a log-in' },
  PROCEDURE_DATABASE_CONNECT_TIMEOUT_MS: { schema: millis(100, 60_000), fallback: '5000', purpose: 'Deadline of opening a connection' },
  PROCEDURE_DATABASE_MAX_REPLY_BYTES: { schema: z.coerce.number().int().min(1_000).max(50_000_000), fallback: '10000000', purpose: 'Largest reply that is read; g1 and g2 give the whole list in one' },
  PROCEDURE_DATABASE_SESSION_CODES: { schema: list, fallback: '', purpose: 'g1, g2: error codes that mean a refused session (none is published)' },
  PROCEDURE_DATABASE_SESSION_PHRASES: { schema: phrases, fallback: 'session,phiên làm việc,phiên đăng nhập,phiên kết nối', purpose: 'g1, g2: words of a refusal that mean a refused session (an assumption)' },
  PROCEDURE_DATABASE_BUSY_PHRASES: { schema: phrases, fallback: 'hệ thống đang bận,hệ thống bận,thử lại sau,đang bảo trì', purpose: 'g1, g2: words of a refusal that mean "later" (an assumption)' },
  PROCEDURE_DATABASE_ALLOW_PRIVATE_ADDRESSES: { schema: flag, fallback: 'true', purpose: 'Whether the configured hosts may lead to addresses of the local network; link-local and metadata addresses never' },
  PROCEDURE_DATABASE_TLS_CA_FILE: { schema: pemFile('certificate'), fallback: '', purpose: 'PEM file of the only certificate authority that is trusted; empty means those of the system' },
  PROCEDURE_DATABASE_TLS_CERT_FILE: { schema: pemFile('certificate'), fallback: '', purpose: 'PEM file of our client certificate, where the party asks for one' },
  PROCEDURE_DATABASE_TLS_KEY_FILE: { schema: pemFile('private key'), fallback: '', purpose: 'PEM file of the key of our client certificate' },
  PROCEDURE_DATABASE_SEND_TRACEPARENT: { schema: flag, fallback: 'false', purpose: 'Send the W3C traceparent header on' },
} as const;

export type ProcedureDatabaseSettings = SettingsOf<typeof specs>;

const NEEDED: Readonly<Record<ProcedureDatabaseSettings['PROCEDURE_DATABASE_WIRE'], readonly (keyof ProcedureDatabaseSettings)[]>> = {
  off: [],
  g1: ['PROCEDURE_DATABASE_AGENCY_CODE', 'PROCEDURE_DATABASE_G1_URL', 'PROCEDURE_DATABASE_G1_USERNAME', 'PROCEDURE_DATABASE_G1_PASSWORD'],
  g2: ['PROCEDURE_DATABASE_AGENCY_CODE', 'PROCEDURE_DATABASE_G2_URL', 'PROCEDURE_DATABASE_G2_CONSUMER_KEY', 'PROCEDURE_DATABASE_G2_CONSUMER_SECRET'],
  g3: ['PROCEDURE_DATABASE_G3_URL'],
};

/** The environment section of this party; `keys` feeds the documents. */
export const procedureDatabaseSettings: EnvSection<ProcedureDatabaseSettings> = envSection(specs, (settings) => [
  ...((settings.PROCEDURE_DATABASE_TLS_CERT_FILE === null) === (settings.PROCEDURE_DATABASE_TLS_KEY_FILE === null) ? [] : ['Set both or none of PROCEDURE_DATABASE_TLS_CERT_FILE and PROCEDURE_DATABASE_TLS_KEY_FILE']),
  ...NEEDED[settings.PROCEDURE_DATABASE_WIRE].filter((key) => settings[key] === '')
    .map((key) => `${key} is not set, and PROCEDURE_DATABASE_WIRE=${settings.PROCEDURE_DATABASE_WIRE} needs it`),
]);
