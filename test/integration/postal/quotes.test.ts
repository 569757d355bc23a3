import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../../src/access/caller.js';
import { PartyError } from '../../../src/errors/party-error.js';
import { createLogger } from '../../../src/observability/logger.js';
import { createPostalPlaces } from '../../../src/postal/place-module.js';
import type { PlaceCarrier } from '../../../src/postal/place-directory.js';
import type { QuoteAnswer, QuoteOrder } from '../../../src/postal/postal-carrier-port.js';
import { createPostalOffices } from '../../../src/postal/postal-office-module.js';
import type { QuotingCarrier } from '../../../src/postal/quote-desk.js';
import { createPostalQuotes } from '../../../src/postal/quote-module.js';
import { DossierGateway, LEADER, OPERATOR, PORTAL } from '../../support/dossier-gateway.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';

const SETTINGS = { fingerprintKey: Buffer.alloc(32, 3), keepHours: 24 };
const WARD: Caller = { client: 'ward', role: 'agency', agencyScope: 'H42.12.34' };
const OTHER_WARD: Caller = { client: 'commune', role: 'agency', agencyScope: '000.12.35.H42' };
const AGENCIES = `code,other_codes,name_vi,kind,level,parent_code,active_from,active_until
000.00.00.H42,H42,Tỉnh,PROVINCE,PROVINCE,,,
000.12.34.H42,H42.12.34,Phường Hoa Lư,WARD,COMMUNE,H42,,
000.12.35.H42,H42.12.35,Xã khác,COMMUNE,COMMUNE,H42,,`;
const PLACES = `carrier,levels,province,province_code,commune,commune_code
slow,2,Tỉnh Ninh Bình,43,Phường Hoa Lư,4301
slow,2,Hà Nội,10,Phường Cầu Giấy,1001
plain,2,Tỉnh Ninh Bình,37,Phường Hoa Lư,3701
plain,2,Hà Nội,1,Phường Cầu Giấy,101`;
const OFFICE = { name: 'Bộ phận Một cửa phường Hoa Lư', phone: '0229 387 1234', email: null, address: { epoch: 'TWO_LEVEL', province: 'Ninh Bình', commune: 'Phường Hoa Lư', street: 'Số 1 Trần Hưng Đạo' } };
const CITIZEN = { epoch: 'TWO_LEVEL', province: 'Hà Nội', commune: 'Cầu Giấy', street: 'Số 9 ngõ Canary' };

let test: TestDatabase;
let gateway: DossierGateway;
const asked: { carrier: string; order: QuoteOrder }[] = [];
const answers = new Map<string, (signal: AbortSignal) => Promise<QuoteAnswer>>();

const OFFERED: QuoteAnswer = { kind: 'quoted', quotes: [{ service: 'EMS', feeVnd: 31_500, expectedDelivery: '2 ngày' }, { service: 'X9', feeVnd: 20_000, expectedDelivery: null }] };
const carrier = (party: string, collectsMoney: boolean): QuotingCarrier & PlaceCarrier => ({
  party, collectsMoney, needsPlaces: ['PROVINCE', 'COMMUNE'], listPlaces: null, services: [{ code: 'EMS', vi: 'Chuyển phát nhanh', en: 'Express' }], serves: () => true,
  quote: (order, { signal }) => {
    asked.push({ carrier: party, order });
    return answers.get(party)?.(signal) ?? Promise.resolve(OFFERED);
  },
});

beforeAll(async () => {
  test = await createTestDatabase();
  const { database } = test;
  const mute: QuotingCarrier & PlaceCarrier = { ...carrier('mute', true), quote: null };
  const carriers = [carrier('plain', true), carrier('slow', false), mute];
  gateway = new DossierGateway(database, { also: {
    sdl: ['postal-place.graphql', 'postal-quote.graphql'],
    resolvers: ({ agencies }) => {
      const places = createPostalPlaces({ database, carriers, logger: createLogger('silent'), settings: { ...SETTINGS, everyMs: null, maxLostShare: 0.1 } });
      const { offices, resolvers } = createPostalOffices({ database, agencies, settings: SETTINGS });
      const quotes = createPostalQuotes({ database, agencies, carriers, places: places.lookup, offices, settings: { keepMs: 60_000, timeoutMs: 40 } });
      return [places.resolvers, resolvers, quotes.resolvers];
    },
  } });
  await gateway.agencies.service.importFile({ caller: OPERATOR, idempotencyKey: 'agencies', reason: 'test' }, Buffer.from(AGENCIES), { dryRun: false });
  await gateway.call(OPERATOR, 'mutation ($file: String!) { importPostalPlaces(idempotencyKey: "places", contentBase64: $file, reason: "nhập") { __typename } }', { file: Buffer.from(PLACES).toString('base64') });
});
afterAll(() => test.drop());
beforeEach(async () => {
  asked.length = 0;
  answers.clear();
  await test.database.query('TRUNCATE postal_quotes, access_attempts');
});

const setOffice = async (key: string, { agencyCode = 'H42.12.34', contact = OFFICE, caller = WARD }: { agencyCode?: string; contact?: object | null; caller?: Caller } = {}) => gateway.call(caller, `mutation ($key: IdempotencyKey!, $agencyCode: ID!, $contact: PostalContactInput) { setPostalOffice(idempotencyKey: $key, agencyCode: $agencyCode, contact: $contact, reason: "khai báo") {
  __typename ... on PostalOfficeSaved { office { agencyCode contact { name phone address { district commune } } } } ... on PostalOfficeRefused { problems { field code } } ... on IdempotencyConflict { key } } }`, { key, agencyCode, contact });
const officeOf = async (agencyCode: string, caller: Caller = OPERATOR) => (await gateway.call(caller, 'query ($code: ID!) { postalOffice(agencyCode: $code) { agencyCode contact { name } } }', { code: agencyCode })).data['postalOffice'];
const QUOTE = `query ($quote: QuoteInput!) { quotePostage(quote: $quote) { __typename ... on PostageNotAsked { problems { field code } } ... on PostageQuotes { carriers { __typename
  ... on PostageOffered { carrier kept offers { service name { vi en } feeVnd expectedDelivery } } ... on PostageAddressUnknown { carrier address { end level suggestions } }
  ... on PostageRejected { carrier code text } ... on PostageUnavailable { carrier code message { vi } } } } } }`;
const quote = (of: object = {}, caller: Caller = PORTAL) => gateway.call(caller, QUOTE, { quote: { agencyCode: 'H42.12.34', direction: 'RETURN', address: CITIZEN, weightGrams: 250, ...of } });

describe('an agency\'s postal office', () => {
  it('is not set by the portal, a leader, or another agency, which learns nothing and leaves a trace', async () => {
    for (const caller of [PORTAL, LEADER]) expect((await setOffice('k', { caller })).errors).toMatchObject([{ message: 'This caller may not do that' }]);
    expect((await setOffice('k', { caller: OTHER_WARD })).data['setPostalOffice']).toEqual({ __typename: 'PostalOfficeRefused', problems: [{ field: 'agencyCode', code: 'AGENCY_UNKNOWN' }] });
    expect(await officeOf('H42.12.34', OTHER_WARD)).toBeNull();
    expect((await test.database.query('SELECT client, operation, target FROM access_attempts ORDER BY operation')).rows).toEqual([{ client: 'commune', operation: 'postalOffice', target: 'H42.12.34' }, { client: 'commune', operation: 'setPostalOffice', target: 'H42.12.34' }]);
  });

  it('is that of the nearest agency above until the agency has its own, and again when that is gone; all is history', async () => {
    expect(await officeOf('H42.12.34')).toBeNull();
    await setOffice('o1', { agencyCode: 'H42', contact: { ...OFFICE, name: 'Văn thư tỉnh' }, caller: OPERATOR });
    expect(await officeOf('H42.12.34')).toMatchObject({ agencyCode: '000.00.00.H42', contact: { name: 'Văn thư tỉnh' } });
    expect((await setOffice('o2')).data['setPostalOffice']).toEqual({ __typename: 'PostalOfficeSaved', office: { agencyCode: '000.12.34.H42', contact: { name: OFFICE.name, phone: '02293871234', address: { district: null, commune: 'Phường Hoa Lư' } } } });
    await setOffice('o2');
    await setOffice('o3');
    expect(await officeOf('H42.12.35')).toMatchObject({ agencyCode: '000.00.00.H42' });
    expect((await setOffice('o4', { contact: null })).data['setPostalOffice']).toMatchObject({ office: { agencyCode: '000.00.00.H42' } });
    const { data } = await gateway.call(WARD, '{ postalOfficeHistory(agencyCode: "H42.12.34") { actor role reason contact { name } } }');
    expect(data['postalOfficeHistory']).toEqual([{ actor: 'ward', role: 'agency', reason: 'khai báo', contact: null }, { actor: 'ward', role: 'agency', reason: 'khai báo', contact: { name: OFFICE.name } }]);
    await expect(test.database.query('DELETE FROM postal_offices')).rejects.toThrow();
  });

  it('is refused with what is wrong with it', async () => {
    expect((await setOffice('o5', { contact: { ...OFFICE, phone: '12', address: { ...OFFICE.address, epoch: 'THREE_LEVEL' } } })).data['setPostalOffice'])
      .toEqual({ __typename: 'PostalOfficeRefused', problems: [{ field: 'contact.phone', code: 'PHONE' }, { field: 'contact.address.district', code: 'DISTRICT_NEEDED' }] });
  });
});

describe('a quote', () => {
  beforeAll(() => setOffice('for-quotes'));

  it('is refused to a leader, and for an agency outside the caller\'s scope', async () => {
    expect((await quote({}, LEADER)).errors).toMatchObject([{ message: 'This caller may not do that' }]);
    expect((await quote({}, OTHER_WARD)).data['quotePostage']).toEqual({ __typename: 'PostageNotAsked', problems: [{ field: 'quote.agencyCode', code: 'AGENCY_UNKNOWN' }] });
    expect(asked).toEqual([]);
  });

  it('has the prices of each carrier with the names of services, and is kept by route and weight', async () => {
    const offered = (kept: boolean) => ({ __typename: 'PostageOffered', carrier: 'plain', kept, offers: [{ service: 'EMS', name: { vi: 'Chuyển phát nhanh', en: 'Express' }, feeVnd: 31_500, expectedDelivery: '2 ngày' }, { service: 'X9', name: null, feeVnd: 20_000, expectedDelivery: null }] });
    expect((await quote()).data['quotePostage']).toEqual({ __typename: 'PostageQuotes', carriers: [offered(false), { ...offered(false), carrier: 'slow' }] });
    expect(asked.map(({ carrier: name, order: { sender, recipient } }) => [name, sender.place.communeCode, recipient.place.communeCode])).toEqual([['plain', '3701', '101'], ['slow', '4301', '1001']]);
    expect((await quote({ address: { ...CITIZEN, commune: 'P. CẦU GIẤY', street: 'Chỗ khác' } }, WARD)).data['quotePostage']).toMatchObject({ carriers: [offered(true), { carrier: 'slow', kept: true }] });
    expect(asked).toHaveLength(2);
    await quote({ weightGrams: 500 });
    await quote({ direction: 'PICKUP' });
    expect(asked).toHaveLength(6);
    const { rows } = await test.database.query('SELECT to_jsonb(q) AS row FROM postal_quotes q');
    expect(JSON.stringify(rows)).not.toMatch(/Canary|ngõ|Cầu/);
  });

  it('of a carrier that refuses, fails, is late, or cannot find the address hinders no other, and is not kept', async () => {
    answers.set('plain', () => Promise.resolve({ kind: 'rejected', code: 'E7', text: 'Ngoài vùng phục vụ' }));
    answers.set('slow', (signal) => new Promise((_, reject) => { signal.addEventListener('abort', () => reject(new PartyError('unavailable', { party: 'slow', operation: 'quote', code: 'timeout' }))); }));
    expect((await quote()).data['quotePostage']).toEqual({ __typename: 'PostageQuotes', carriers: [
      { __typename: 'PostageRejected', carrier: 'plain', code: 'E7', text: 'Ngoài vùng phục vụ' }, { __typename: 'PostageUnavailable', carrier: 'slow', code: 'timeout', message: { vi: 'Đơn vị bưu chính chưa trả lời, hãy thử lại sau' } }] });
    expect((await test.database.query('SELECT 1 FROM postal_quotes')).rowCount).toBe(0);
    answers.clear();
    expect((await quote({ address: { ...CITIZEN, commune: 'Cầu Giáyy' }, carrier: 'plain' })).data['quotePostage']).toEqual({ __typename: 'PostageQuotes', carriers: [
      { __typename: 'PostageAddressUnknown', carrier: 'plain', address: { end: 'RECIPIENT', level: 'COMMUNE', suggestions: ['Phường Cầu Giấy'] } }] });
  });

  it('with money to collect asks only those who collect, and with nonsense nobody', async () => {
    expect((await quote({ collectVnd: 50_000 })).data['quotePostage']).toMatchObject({ carriers: [{ carrier: 'plain' }] });
    expect((await quote({ weightGrams: 0, collectVnd: 0.5 })).data['quotePostage']).toMatchObject({ problems: [{ field: 'quote.weightGrams' }, { field: 'quote.collectVnd' }] });
    expect((await quote({ carrier: 'mute' })).data['quotePostage']).toEqual({ __typename: 'PostageNotAsked', problems: [{ field: 'quote.carrier', code: 'NO_CARRIER' }] });
  });

  it('that is too old is asked for again, and is removed', async () => {
    await quote({ carrier: 'plain' });
    await test.database.query(`UPDATE postal_quotes SET expires_at = now() - interval '1 second'`);
    expect((await quote({ carrier: 'plain' })).data['quotePostage']).toMatchObject({ carriers: [{ kept: false }] });
    expect(asked).toHaveLength(2);
  });
});

describe('services of carriers', () => {
  it('are listed for everybody with what each carrier can do', async () => {
    const { data } = await gateway.call(LEADER, '{ postalServices { carrier quotes collectsMoney services { code name { vi en } } } }');
    expect(data['postalServices']).toMatchObject([{ carrier: 'plain', quotes: true, collectsMoney: true, services: [{ code: 'EMS', name: { en: 'Express' } }] }, { carrier: 'slow', collectsMoney: false }, { carrier: 'mute', quotes: false }]);
  });
});
