import { z } from 'zod';
import { axisSettings } from '../support/axis-settings.js';
import { connectionSettings } from '../support/connection-settings.js';
import { envSection, list, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { optionalRate, optionalUrl, phrases, wholeNumber } from '../support/setting-kinds.js';

const agencyCode = z.string().regex(/^([0-9A-Za-z.]{3,50})?$/, 'must be an agency code');

export const axis = axisSettings('PROCEDURE_DATABASE');
export const connection = connectionSettings('PROCEDURE_DATABASE', {
  maxReplyBytes: { fallback: '10000000', purpose: 'Largest reply that is read; g1 and g2 give the whole list in one' },
  allowPrivateAddresses: { fallback: 'true' },
});

const specs = {
  PROCEDURE_DATABASE_WIRE: { schema: z.enum(['off', 'g1', 'g2', 'g3']), fallback: 'off', purpose: 'Interface of the national procedure database: g1 (axis forwarder with a session), g2 (provincial LGSP wrapper), g3 (new portal, list with a cursor), or off where none is connected' },
  PROCEDURE_DATABASE_AGENCY_CODE: { schema: agencyCode, fallback: '', purpose: 'g1, g2: agency whose procedures are listed (madonvi), such as 000.00.00.H42' },
  ...axis.specs,
  PROCEDURE_DATABASE_G1_SHARE_PATH: { schema: z.string(), fallback: 'mapi/g', purpose: 'g1: path of the sharing services: lists and decisions (mapi/g is an assumption)' },
  PROCEDURE_DATABASE_G1_INTEGRATION_PATH: { schema: z.string(), fallback: 'mapi/g', purpose: 'g1: path of the integration services: whole records (mapi/g is an assumption)' },
  PROCEDURE_DATABASE_G2_URL: { schema: optionalUrl, fallback: '', purpose: 'g2: address of the LGSP services, such as https://lgsp.example.gov.vn/KetNoiMotCuaQuocGia' },
  PROCEDURE_DATABASE_G2_TOKEN_URL: { schema: optionalUrl, fallback: '', purpose: 'g2: address of the WSO2 token endpoint; empty means /token on the host of the services' },
  PROCEDURE_DATABASE_G2_CONSUMER_KEY: { schema: z.string(), fallback: '', purpose: 'g2: WSO2 consumer key' },
  PROCEDURE_DATABASE_G2_CONSUMER_SECRET: { schema: z.string(), fallback: '', purpose: 'g2: WSO2 consumer secret', secret: true },
  PROCEDURE_DATABASE_G2_LIST_SUFFIX: { schema: z.string(), fallback: 'LayDanhSachTTHCDonVi', purpose: 'g2: URL suffix of the list, asked with GET and maDonVi' },
  PROCEDURE_DATABASE_G3_URL: { schema: optionalUrl, fallback: '', purpose: 'g3: address of the interface, such as https://dichvucong.gov.vn/api/v1' },
  PROCEDURE_DATABASE_G3_ORIGIN: { schema: optionalUrl, fallback: '', purpose: 'g3: sent as Origin and Referer, where the firewall in front asks for them; empty sends neither' },
  PROCEDURE_DATABASE_G3_PAGE_SIZE: { schema: wholeNumber(1, 200), fallback: '200', purpose: 'g3: procedures in one page of the list; the server refuses more than 200' },
  PROCEDURE_DATABASE_CONCURRENCY: { schema: wholeNumber(1, 64), fallback: '20', purpose: 'Records read at the same time at most' },
  PROCEDURE_DATABASE_RATE_PER_SECOND: { schema: optionalRate, fallback: '', purpose: 'Records read in a second at most; empty means no limit' },
  PROCEDURE_DATABASE_DEADLINE_MS: { schema: millis(100, 300_000), fallback: '30000', purpose: 'Deadline of one call; everything is a read and repeated freely' },
  ...connection.specs,
  PROCEDURE_DATABASE_SESSION_CODES: { schema: list, fallback: '', purpose: 'g1, g2: error codes that mean a refused session (none is published)' },
  PROCEDURE_DATABASE_SESSION_PHRASES: { schema: phrases, fallback: 'session,phiên làm việc,phiên đăng nhập,phiên kết nối', purpose: 'g1, g2: words of a refusal that mean a refused session (an assumption)' },
  PROCEDURE_DATABASE_BUSY_PHRASES: { schema: phrases, fallback: 'hệ thống đang bận,hệ thống bận,thử lại sau,đang bảo trì', purpose: 'g1, g2: words of a refusal that mean "later" (an assumption)' },
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
  ...connection.problems(settings),
  ...NEEDED[settings.PROCEDURE_DATABASE_WIRE].filter((key) => settings[key] === '')
    .map((key) => `${key} is not set, and PROCEDURE_DATABASE_WIRE=${settings.PROCEDURE_DATABASE_WIRE} needs it`),
]);
