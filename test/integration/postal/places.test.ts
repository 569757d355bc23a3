import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SANDBOX_LISTS } from '../../../adapters/my-vnpost/sandbox-places.js';
import type { Caller } from '../../../src/access/caller.js';
import { PartyError } from '../../../src/errors/party-error.js';
import { createLogger } from '../../../src/observability/logger.js';
import { PACKAGE_ROOT } from '../../../src/package-root.js';
import { createPostalPlaces } from '../../../src/postal/place-module.js';
import type { PostalPlaces } from '../../../src/postal/place-module.js';
import { createPostalOffices } from '../../../src/postal/postal-office-module.js';
import type { ListedPlace } from '../../../src/postal/postal-carrier-port.js';
import { AUDITOR, DossierGateway, LEADER, OPERATOR, PORTAL } from '../../support/dossier-gateway.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';

const WARD: Caller = { client: 'ward', role: 'agency', agencyScope: 'H42.12.34' };
const SCOPED_OPERATOR: Caller = { client: 'ops-ward', role: 'operator', agencyScope: 'H42.12.34' };
const HEADER = 'carrier,levels,province,province_code,district,district_code,commune,commune_code,route_province_code,ended';
const SETTINGS = { fingerprintKey: Buffer.alloc(32, 3), keepHours: 24, everyMs: 3_600_000, maxLostShare: 0.1 };

let test: TestDatabase;
let gateway: DossierGateway;
let places: PostalPlaces;
let listing: () => Promise<readonly ListedPlace[]>;
let listed = 0;

beforeAll(async () => {
  test = await createTestDatabase();
  const carriers = [
    { party: 'lister', needsPlaces: ['PROVINCE', 'DISTRICT', 'COMMUNE'] as const, listPlaces: () => { listed += 1; return listing(); } },
    { party: 'filer', needsPlaces: ['PROVINCE', 'DISTRICT'] as const, listPlaces: null },
  ];
  places = createPostalPlaces({ database: test.database, carriers, logger: createLogger('silent'), settings: SETTINGS });
  gateway = new DossierGateway(test.database, { also: { sdl: ['postal-place.graphql'], resolvers: ({ agencies }) => [places.resolvers, createPostalOffices({ database: test.database, agencies, settings: SETTINGS }).resolvers] } });
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.database.query('TRUNCATE postal_places, postal_place_lists, operator_actions, idempotency_keys');
  listed = 0;
  listing = () => Promise.resolve(LISTING);
});

const LISTING: readonly ListedPlace[] = [
  { level: 'PROVINCE', code: '10', parentCode: null, name: 'Hà Nội' }, { level: 'PROVINCE', code: '70', parentCode: null, name: 'Hồ Chí Minh' },
  { level: 'DISTRICT', code: '1010', parentCode: '10', name: 'Quận Cầu Giấy' }, { level: 'DISTRICT', code: '0701', parentCode: '70', name: 'Quận 1' },
  ...Array.from({ length: 12 }, (_, index): ListedPlace => ({ level: 'COMMUNE', code: `00${String(index)}`, parentCode: '0701', name: `Phường ${String(index + 1)}` })),
  { level: 'COMMUNE', code: '10101', parentCode: '1010', name: 'Phường Nghĩa Đô' },
];
const withoutCommunes = (count: number): readonly ListedPlace[] => LISTING.filter(({ code }) => !Array.from({ length: count }, (_, index) => `00${String(index)}`).includes(code));

const IMPORT = `mutation ($key: IdempotencyKey!, $file: String!, $dryRun: Boolean!) { importPostalPlaces(idempotencyKey: $key, contentBase64: $file, dryRun: $dryRun, reason: "nhập") {
  __typename ... on PlacesImported { dryRun created changed ended unchanged refused rows { line carrier name outcome problems { field code allowed } } } ... on PlacesRefused { problems { field code } } ... on IdempotencyConflict { key } } }`;
const importRows = (key: string, rows: readonly string[], { dryRun = false, caller = OPERATOR } = {}) => gateway.call(caller, IMPORT, { key, dryRun, file: Buffer.from([HEADER, ...rows].join('\n')).toString('base64') });
const SYNC = `mutation ($key: IdempotencyKey!, $carrier: String!, $acceptLoss: Boolean!) { syncPostalPlaces(idempotencyKey: $key, carrier: $carrier, acceptLoss: $acceptLoss, reason: "đồng bộ") {
  __typename ... on PlacesSynced { listed ignored added changed gone } ... on PlacesNotSynced { code lostPercent message { vi } } ... on PlacesRefused { problems { field code } } ... on IdempotencyConflict { key } } }`;
const sync = async (key: string, { carrier = 'lister', acceptLoss = false, caller = OPERATOR } = {}) => (await gateway.call(caller, SYNC, { key, carrier, acceptLoss })).data['syncPostalPlaces'];
const SUGGEST = `query ($carrier: String!, $epoch: AddressEpoch!, $province: String!, $district: String, $commune: String) { addressSuggestions(carrier: $carrier, epoch: $epoch, province: $province, district: $district, commune: $commune) {
  __typename ... on AddressMapped { provinceCode districtCode communeCode } ... on AddressUnmapped { end level suggestions message { vi en } } } }`;
const suggest = (of: Record<string, unknown>, caller: Caller = PORTAL) => gateway.call(caller, SUGGEST, { epoch: 'THREE_LEVEL', ...of });
const one = async <Value>(sql: string): Promise<Value> => (await test.database.query<{ value: Value }>(`SELECT ${sql} AS value`)).rows[0]?.value as Value;

const ROW_THREE = 'filer,3,Tỉnh Ninh Bình,043,Thành phố Hoa Lư,0430,Phường Ninh Phong,,';
const ROW_TWO = 'filer,2,Tỉnh Ninh Bình,043,,0400,Phường Phủ Lý,,040';

describe('who may change places', () => {
  it.each([['portal', PORTAL], ['an agency', WARD], ['a leader', LEADER], ['an auditor', AUDITOR], ['an operator of one agency', SCOPED_OPERATOR]])('not %s', async (_name, caller) => {
    const { errors } = await importRows('k', [ROW_THREE], { caller });
    expect(errors).toMatchObject([{ message: 'This caller may not do that' }]);
    expect((await gateway.call(caller, SYNC, { key: 'k', carrier: 'lister', acceptLoss: false })).errors).toHaveLength(1);
    expect([listed, await one('(SELECT count(*)::int FROM postal_places)')]).toEqual([0, 0]);
  });
});

describe('a file of places', () => {
  it('is reported row by row, and what is good in it is found in both epochs, zeros and all', async () => {
    const { data, errors } = await importRows('k1', [ROW_THREE, ROW_TWO, 'nobody,2,Tỉnh A,1,,,,,', 'filer,2,Tỉnh Ninh Bình,043,,,Xã Gia Viễn,,', 'filer,3,Tỉnh Ninh Bình,044,Huyện Gia Viễn,0431,,,', 'filer,4,,0 4 3,,,,,', ROW_TWO]);
    expect(errors).toEqual([]);
    expect(data['importPostalPlaces']).toEqual({ __typename: 'PlacesImported', dryRun: false, created: 2, changed: 0, ended: 0, unchanged: 0, refused: 5, rows: [
      { line: 2, carrier: 'filer', name: 'Phường Ninh Phong', outcome: 'CREATED', problems: [] },
      { line: 3, carrier: 'filer', name: 'Phường Phủ Lý', outcome: 'CREATED', problems: [] },
      { line: 4, carrier: null, name: 'Tỉnh A', outcome: 'REFUSED', problems: [{ field: 'carrier', code: 'CARRIER_UNKNOWN', allowed: ['lister', 'filer'] }] },
      { line: 5, carrier: 'filer', name: 'Xã Gia Viễn', outcome: 'REFUSED', problems: [{ field: 'district_code', code: 'REQUIRED', allowed: null }] },
      { line: 6, carrier: 'filer', name: 'Huyện Gia Viễn', outcome: 'REFUSED', problems: [{ field: 'province', code: 'PLACE_TWICE', allowed: null }] },
      { line: 7, carrier: 'filer', name: null, outcome: 'REFUSED', problems: [{ field: 'levels', code: 'ADDRESS_LEVELS', allowed: ['2', '3'] }, { field: 'province', code: 'REQUIRED', allowed: null }, { field: 'province_code', code: 'PLACE_CODE', allowed: null }] },
      { line: 8, carrier: 'filer', name: 'Phường Phủ Lý', outcome: 'REFUSED', problems: [{ field: 'commune', code: 'PLACE_TWICE', allowed: null }] },
    ] });
    expect((await suggest({ carrier: 'filer', province: 'ninh binh', district: 'TP Hoa Lư', commune: 'P.Ninh Phong' })).data['addressSuggestions']).toEqual({ __typename: 'AddressMapped', provinceCode: '043', districtCode: '0430', communeCode: null });
    expect((await suggest({ carrier: 'filer', epoch: 'TWO_LEVEL', province: 'ninh binh', commune: 'phu ly' })).data['addressSuggestions']).toEqual({ __typename: 'AddressMapped', provinceCode: '040', districtCode: '0400', communeCode: null });
    expect((await test.database.query('SELECT actor, action, target, reason, detail FROM operator_actions')).rows).toEqual([{ actor: 'ops', action: 'import-postal-places', target: 'postal-places', reason: 'nhập', detail: { created: 2, changed: 0, ended: 0, unchanged: 0, refused: 5 } }]);
  });

  it('changes what it says otherwise and keeps what it does not name; the next question has it', async () => {
    await importRows('k1', [ROW_THREE, ROW_TWO]);
    expect((await suggest({ carrier: 'filer', province: 'Ninh Bình', district: 'Hoa Lư' })).data['addressSuggestions']).toMatchObject({ districtCode: '0430' });
    const changed = await importRows('k2', [ROW_THREE.replace('0430', '0439')]);
    expect(changed.data['importPostalPlaces']).toMatchObject({ created: 0, changed: 0, unchanged: 1 });
    expect((await suggest({ carrier: 'filer', province: 'Ninh Bình', district: 'Hoa Lư' })).data['addressSuggestions']).toMatchObject({ districtCode: '0439' });
    expect((await suggest({ carrier: 'filer', epoch: 'TWO_LEVEL', province: 'Ninh Bình', commune: 'Phủ Lý' })).data['addressSuggestions']).toMatchObject({ districtCode: '0400' });
  });

  it('on trial stores nothing, not even its key', async () => {
    expect((await importRows('k1', [ROW_THREE], { dryRun: true })).data['importPostalPlaces']).toMatchObject({ dryRun: true, created: 1 });
    expect([await one('(SELECT count(*)::int FROM postal_places)'), await one('(SELECT count(*)::int FROM idempotency_keys)'), await one('(SELECT count(*)::int FROM operator_actions)')]).toEqual([0, 0, 0]);
  });

  it('ten at once under one key have one effect and one answer', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => importRows('same', [ROW_THREE, ROW_TWO])));
    for (const { data } of answers) expect(data['importPostalPlaces']).toMatchObject({ created: 2, refused: 0 });
    expect(await one('(SELECT count(*)::int FROM operator_actions)')).toBe(1);
    expect((await importRows('same', [ROW_THREE])).data['importPostalPlaces']).toEqual({ __typename: 'IdempotencyConflict', key: 'same' });
  });

  it('without its columns is refused whole', async () => {
    const { data } = await gateway.call(OPERATOR, IMPORT, { key: 'k', dryRun: false, file: Buffer.from('a,b\n1,2').toString('base64') });
    expect(data['importPostalPlaces']).toEqual({ __typename: 'PlacesRefused', problems: ['carrier', 'province', 'province_code'].map((field) => ({ field, code: 'COLUMN_MISSING' })) });
  });
});

describe('a file that ends places', () => {
  const END_COMMUNE = 'filer,2,Tỉnh Ninh Bình,,,,Phường Phủ Lý,,,yes';
  const phuLy = async (): Promise<unknown> => (await suggest({ carrier: 'filer', epoch: 'TWO_LEVEL', province: 'Ninh Bình', commune: 'Phủ Lý' })).data['addressSuggestions'];

  it('is believed row by row: what it ends is found no more, is kept, and an audit row counts it', async () => {
    await importRows('k1', [ROW_THREE, ROW_TWO]);
    const { data, errors } = await importRows('k2', [END_COMMUNE, 'filer,2,Tỉnh Ninh Bình,,,,Phường Nơi Nào,,,co', 'filer,3,Tỉnh Ninh Bình,,Thành phố Hoa Lư,,,,,Có', 'filer,2,Tỉnh Hà Nam,040,,,,,,perhaps', 'filer,2,,,,,,,,x']);
    expect(errors).toEqual([]);
    expect(data['importPostalPlaces']).toMatchObject({ created: 0, changed: 0, ended: 1, unchanged: 0, refused: 4, rows: [
      { line: 2, carrier: 'filer', name: 'Phường Phủ Lý', outcome: 'ENDED', problems: [] },
      { line: 3, outcome: 'REFUSED', problems: [{ field: 'commune', code: 'PLACE_UNKNOWN' }] },
      { line: 4, name: 'Thành phố Hoa Lư', outcome: 'REFUSED', problems: [{ field: 'district', code: 'PLACE_NOT_EMPTY' }] },
      { line: 5, outcome: 'REFUSED', problems: [{ field: 'ended', code: 'PLACE_ENDED', allowed: ['yes', 'no'] }] },
      { line: 6, outcome: 'REFUSED', problems: [{ field: 'province', code: 'REQUIRED' }] },
    ] });
    expect(await phuLy()).toMatchObject({ __typename: 'AddressUnmapped', level: 'COMMUNE' });
    expect((await test.database.query(`SELECT name, code, route_district_code, source, gone_at IS NOT NULL AS gone FROM postal_places WHERE level = 'COMMUNE' AND epoch = 'TWO_LEVEL'`)).rows)
      .toEqual([{ name: 'Phường Phủ Lý', code: null, route_district_code: '0400', source: 'FILE', gone: true }]);
    expect((await test.database.query('SELECT detail FROM operator_actions ORDER BY id DESC LIMIT 1')).rows).toEqual([{ detail: { created: 0, changed: 0, ended: 1, unchanged: 0, refused: 4 } }]);
    const lists = (await gateway.call(AUDITOR, '{ postalPlaceLists { carrier counts { epoch level places gone } } }')).data['postalPlaceLists'];
    expect(lists).toContainEqual({ carrier: 'filer', counts: expect.arrayContaining([{ epoch: 'TWO_LEVEL', level: 'COMMUNE', places: 0, gone: 1 }]) });
  });

  it('once more changes nothing, and one that names the place without the mark brings it back', async () => {
    await importRows('k1', [ROW_TWO]);
    await importRows('k2', [END_COMMUNE]);
    expect((await importRows('k3', [END_COMMUNE])).data['importPostalPlaces']).toMatchObject({ ended: 0, unchanged: 1 });
    expect((await importRows('k4', [`${ROW_TWO},no`])).data['importPostalPlaces']).toMatchObject({ changed: 1, ended: 0 });
    expect(await phuLy()).toMatchObject({ __typename: 'AddressMapped', districtCode: '0400' });
  });

  it('ends a place and all in it, in any order of its rows', async () => {
    await importRows('k1', [ROW_THREE, ROW_TWO]);
    const rows = ['filer,3,Tỉnh Ninh Bình,,,,,,,yes', 'filer,3,Tỉnh Ninh Bình,,Thành phố Hoa Lư,,Phường Ninh Phong,,,yes', 'filer,3,Tỉnh Ninh Bình,,Thành phố Hoa Lư,,,,,yes'];
    expect((await importRows('k2', rows)).data['importPostalPlaces']).toMatchObject({ ended: 3, refused: 0 });
    expect((await suggest({ carrier: 'filer', province: 'Ninh Bình' })).data['addressSuggestions']).toMatchObject({ __typename: 'AddressUnmapped', level: 'PROVINCE' });
    expect(await phuLy()).toMatchObject({ __typename: 'AddressMapped' });
  });

  it('and says in another row that it is there, or that something is in it, is refused there, whichever comes first', async () => {
    await importRows('k1', [ROW_THREE]);
    const end = 'filer,3,Tỉnh Ninh Bình,,Thành phố Hoa Lư,,,,,yes';
    for (const [key, rows] of [['k2', [end, ROW_THREE]], ['k3', [ROW_THREE, end]]] as const) {
      const { rows: reports } = (await importRows(key, rows)).data['importPostalPlaces'] as { readonly rows: readonly { readonly problems: readonly { readonly code: string }[] }[] };
      expect(reports[1]?.problems).toMatchObject([{ code: 'PLACE_TWICE' }]);
    }
    expect((await suggest({ carrier: 'filer', province: 'Ninh Bình', district: 'Hoa Lư' })).data['addressSuggestions']).toMatchObject({ __typename: 'AddressMapped' });
  });

  it('is written as the guide for operators shows', async () => {
    const guide = readFileSync(join(PACKAGE_ROOT, 'docs', 'operators', 'post.md'), 'utf8');
    const example = /```csv\n(carrier,[\s\S]*?)\n```/.exec(guide)?.[1]?.replaceAll('vnpost', 'filer') ?? '';
    const [header, created, ended] = example.split('\n');
    expect(header).toBe(HEADER);
    await importRows('k1', [(ended ?? '').replace('Bình,,', 'Bình,43,').replace('Viễn,,', 'Viễn,4320,').replace(/yes$/, '')]);
    expect((await importRows('k2', [created ?? '', ended ?? ''])).data['importPostalPlaces']).toMatchObject({ created: 1, ended: 1, refused: 0 });
  });

  it('on trial says what it would end and ends nothing', async () => {
    await importRows('k1', [ROW_TWO]);
    expect((await importRows('k2', [END_COMMUNE], { dryRun: true })).data['importPostalPlaces']).toMatchObject({ dryRun: true, ended: 1 });
    expect(await phuLy()).toMatchObject({ __typename: 'AddressMapped' });
  });
});

describe('a carrier\'s own list', () => {
  it('is brought in, and once more changes nothing', async () => {
    expect(await sync('s1')).toEqual({ __typename: 'PlacesSynced', listed: 17, ignored: 0, added: 17, changed: 0, gone: 0 });
    expect(await sync('s2')).toMatchObject({ added: 0, changed: 0, gone: 0 });
    expect((await suggest({ carrier: 'lister', province: 'HCM', district: 'Q.1', commune: 'P.07' })).data['addressSuggestions']).toEqual({ __typename: 'AddressMapped', provinceCode: '70', districtCode: '0701', communeCode: '006' });
  });

  it('marks what is gone and finds it no more; it comes back when it is listed again', async () => {
    await sync('s1');
    listing = () => Promise.resolve(withoutCommunes(1));
    expect(await sync('s2')).toMatchObject({ added: 0, changed: 0, gone: 1 });
    expect(await one('(SELECT count(*)::int FROM postal_places)')).toBe(17);
    expect((await suggest({ carrier: 'lister', province: 'HCM', district: 'Quận 1', commune: 'Phường 1' })).data['addressSuggestions']).toMatchObject({ __typename: 'AddressUnmapped', level: 'COMMUNE' });
    listing = () => Promise.resolve(LISTING);
    expect(await sync('s3')).toMatchObject({ added: 0, changed: 1, gone: 0 });
    expect((await suggest({ carrier: 'lister', province: 'HCM', district: 'Quận 1', commune: 'Phường 1' })).data['addressSuggestions']).toMatchObject({ communeCode: '000' });
  });

  it('that lost more than is believed, or is empty, changes nothing unless the loss is accepted', async () => {
    await sync('s1');
    listing = () => Promise.resolve(withoutCommunes(4));
    expect(await sync('s2')).toMatchObject({ __typename: 'PlacesNotSynced', code: 'list-shrunk', lostPercent: 31 });
    expect(await one('(SELECT count(*)::int FROM postal_places WHERE gone_at IS NOT NULL)')).toBe(0);
    expect(await sync('s3', { acceptLoss: true })).toMatchObject({ __typename: 'PlacesSynced', gone: 4 });
    listing = () => Promise.resolve([]);
    expect(await sync('s4', { acceptLoss: true })).toMatchObject({ __typename: 'PlacesNotSynced', lostPercent: 100 });
  });

  it('that does not come leaves everything, and says why', async () => {
    await sync('s1');
    listing = () => Promise.reject(new PartyError('unavailable', { party: 'lister', operation: 'list-places', code: 'connection-refused' }));
    expect(await sync('s2')).toMatchObject({ __typename: 'PlacesNotSynced', code: 'connection-refused', lostPercent: null });
    const { data } = await gateway.call(AUDITOR, '{ postalPlaceLists { carrier isSynced needs failure counts { epoch level places gone } } }');
    expect(data['postalPlaceLists']).toEqual([
      { carrier: 'lister', isSynced: true, needs: ['PROVINCE', 'DISTRICT', 'COMMUNE'], failure: 'connection-refused', counts: [{ epoch: 'THREE_LEVEL', level: 'COMMUNE', places: 13, gone: 0 }, { epoch: 'THREE_LEVEL', level: 'DISTRICT', places: 2, gone: 0 }, { epoch: 'THREE_LEVEL', level: 'PROVINCE', places: 2, gone: 0 }] },
      { carrier: 'filer', isSynced: false, needs: ['PROVINCE', 'DISTRICT'], failure: null, counts: [] },
    ]);
  });

  it('is refused for a carrier that gives none, and repeats nothing under a used key', async () => {
    expect(await sync('s1', { carrier: 'filer' })).toEqual({ __typename: 'PlacesRefused', problems: [{ field: 'carrier', code: 'CARRIER_LISTS_NOTHING' }] });
    await sync('s2');
    listing = () => Promise.resolve(withoutCommunes(1));
    expect(await sync('s2')).toMatchObject({ __typename: 'PlacesSynced', added: 17 });
    expect(await one('(SELECT count(*)::int FROM postal_places WHERE gone_at IS NOT NULL)')).toBe(0);
  });

  it('is asked for by the clock once, by one of several workers, and again sooner after a failure', async () => {
    await Promise.all([places.sync.sweep(), places.sync.sweep(), places.sync.sweep()]);
    expect(listed).toBe(1);
    expect(await one('(SELECT extract(epoch FROM due_at - synced_at)::int FROM postal_place_lists WHERE carrier = \'lister\')')).toBe(3_600);
    expect((await test.database.query('SELECT actor, action, target FROM operator_actions')).rows).toEqual([{ actor: 'gateway', action: 'sync-postal-places', target: 'carrier/lister' }]);
    await places.sync.sweep();
    expect(listed).toBe(1);
  });
});

describe('suggestions', () => {
  it('name the level and the nearest names, in both languages', async () => {
    await sync('s1');
    expect((await suggest({ carrier: 'lister', province: 'Hà Nội', district: 'Cầu Giấi', commune: 'Nghĩa Đô' })).data['addressSuggestions']).toEqual({
      __typename: 'AddressUnmapped', end: null, level: 'DISTRICT', suggestions: ['Quận Cầu Giấy'],
      message: { vi: 'Không xác định được quận, huyện; có phải: Quận Cầu Giấy?', en: 'The carrier cannot find the district; is it: Quận Cầu Giấy?' },
    });
    expect((await suggest({ carrier: 'lister', province: 'Hà Nội' })).data['addressSuggestions']).toEqual({ __typename: 'AddressMapped', provinceCode: '10', districtCode: null, communeCode: null });
  });

  it('of an unknown carrier are an input error that lists those there are', async () => {
    expect((await suggest({ carrier: 'x', province: 'Hà Nội' })).errors).toMatchObject([{ message: 'Invalid input: carrier' }]);
  });
});

describe('the demo seed', () => {
  it('is read without a refused row, and routes communes of merged provinces by their old codes', async () => {
    const carriers = [
      { party: 'vnpost', needsPlaces: ['PROVINCE'] as const, listPlaces: null }, { party: 'my-vnpost', needsPlaces: ['PROVINCE', 'DISTRICT', 'COMMUNE'] as const, listPlaces: null },
    ];
    const demo = createPostalPlaces({ database: test.database, carriers, logger: createLogger('silent'), settings: SETTINGS });
    expect(await demo.register.isEmpty()).toBe(true);
    const answer = await demo.register.import({ caller: OPERATOR, idempotencyKey: 'seed', reason: 'demo' }, readFileSync(join(PACKAGE_ROOT, 'schemas', 'seeds', 'postal-places-demo.csv')), { dryRun: false });
    expect(answer).toMatchObject({ kind: 'done', result: { unchanged: 0, refused: 0 } });
    expect(await demo.register.isEmpty()).toBe(false);
    expect(await demo.lookup.placeOf('my-vnpost', { epoch: 'TWO_LEVEL', province: 'Ninh Bình', district: null, commune: 'P. Nam Định', street: '1' })).toEqual({ kind: 'found', place: { provinceCode: '42', districtCode: '4210', communeCode: '42101' } });

    const elsewhere = await demo.lookup.placeOf('my-vnpost', { epoch: 'TWO_LEVEL', province: 'Hà Nội', district: null, commune: 'Phường Hoa Lư', street: '1' });
    expect(elsewhere).toEqual({ kind: 'unknown', level: 'COMMUNE', suggestions: ['Phường Hoa Lư (Tỉnh Ninh Bình)'] });
  });

  it('of a carrier that lists its places tells of a commune under another district where it lies', async () => {
    const places = [['TinhThanh', 'PROVINCE', null], ['QuanHuyen', 'DISTRICT', 'MaTinhThanh'], ['PhuongXa', 'COMMUNE', 'MaQuanHuyen']] as const;
    listing = () => Promise.resolve(places.flatMap(([kind, level, parent]) => (SANDBOX_LISTS[`${kind}/GetAll`] ?? []).map((entry): ListedPlace => {
      const fields = entry as Readonly<Record<string, string>>;
      return { level, code: fields[`Ma${kind}`] ?? '', parentCode: parent === null ? null : fields[parent] ?? '', name: fields[`Ten${kind}`] ?? '' };
    })));
    await sync('s1');
    expect((await suggest({ carrier: 'lister', province: 'Hà Nội', district: 'Hoàn Kiếm', commune: 'P. Kim Mã' })).data['addressSuggestions']).toEqual({
      __typename: 'AddressUnmapped', end: null, level: 'COMMUNE', suggestions: ['Phường Kim Mã (Quận Ba Đình)'],
      message: { vi: 'Không xác định được phường, xã; có phải: Phường Kim Mã (Quận Ba Đình)?', en: 'The carrier cannot find the commune; is it: Phường Kim Mã (Quận Ba Đình)?' },
    });
    expect((await suggest({ carrier: 'lister', province: 'Ninh Bình', district: 'Gia Viễn', commune: 'P. Kim Mã' })).data['addressSuggestions']).toMatchObject({ suggestions: ['Phường Kim Mã (Quận Ba Đình, Hà Nội)'] });
  });
});
