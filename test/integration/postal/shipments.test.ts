import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeliveryEngine } from '../../../src/deliveries/delivery-engine.js';
import { AUDITOR, LEADER, OPERATOR, OTHER_PORTAL, PORTAL } from '../../support/dossier-gateway.js';
import { eventually } from '../../support/eventually.js';
import { CITIZEN, OTHER_WARD, PostalStage, WARD, shipmentOf } from '../../support/postal-stage.js';
import type { Found } from '../../support/postal-stage.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { minutesTo, scriptedCarrier } from '../../support/scripted-carrier.js';
import type { ScriptedCarrier } from '../../support/scripted-carrier.js';

let test: TestDatabase;
let stage: PostalStage;
let carrier: ScriptedCarrier;
let asking: ScriptedCarrier;
let code: string;
let engine: DeliveryEngine | null = null;

beforeAll(async () => { test = await createTestDatabase(); });
afterAll(() => test.drop());
beforeEach(async () => {
  carrier = scriptedCarrier('steady');
  asking = scriptedCarrier('asking', { recognisesRepeats: false, feed: null, announce: null, collectsMoney: false });
  stage = new PostalStage(test.database, [carrier, asking]);
  code = await stage.reset();
});
const rest = async (): Promise<void> => {
  await engine?.close(1_000);
  engine = null;
};
afterEach(rest);

const until = async (number: string, state: string): Promise<Found> => {
  engine ??= await stage.engine();
  return eventually(`${number} to be ${state}`, async () => {
    const found = await stage.read(number);
    return found['state'] === state ? found : null;
  });
};
const all = async <Row>(sql: string): Promise<readonly Row[]> => (await test.database.query(sql)).rows as Row[];

describe('who may order', () => {
  it.each([['a leader', LEADER], ['an auditor', AUDITOR], ['an operator', OPERATOR]])('not %s', async (_name, caller) => {
    expect(await stage.pickup({ dossierCode: code }, { caller })).toEqual({ errors: ['This caller may not do that'] });
    expect(await stage.bringBack({ dossierCode: code, recipient: CITIZEN }, { caller })).toEqual({ errors: ['This caller may not do that'] });
  });

  it.each([['another portal', OTHER_PORTAL], ['another agency', OTHER_WARD]])('not %s, which is told that there is no such dossier', async (_name, caller) => {
    const refused = { __typename: 'ShipmentActionRefused', code: 'INPUT', problems: [{ field: 'order.dossierCode', code: 'DOSSIER_UNKNOWN', allowed: null }] };
    expect(await stage.pickup({ dossierCode: code }, { caller })).toEqual(refused);
    expect(await stage.bringBack({ dossierCode: code, recipient: CITIZEN }, { caller })).toEqual(refused);
    expect(await all('SELECT count(*)::int AS count FROM shipments')).toEqual([{ count: 0 }]);
    expect(await all('SELECT client, operation, target FROM access_attempts ORDER BY operation')).toEqual(['orderPickup', 'orderReturn'].map((operation) => ({ client: caller.client, operation, target: code })));
  });

  it('the portal whose dossier it is, and its agency', async () => {
    expect(shipmentOf(await stage.pickup({ dossierCode: code }))).toMatchObject({ number: code, state: 'REQUESTED' });
    expect(shipmentOf(await stage.bringBack({ dossierCode: code, recipient: CITIZEN }, { caller: WARD }))).toMatchObject({ number: `${code}-2`, direction: 'RETURN' });
  });

  it('and another\'s parcel is neither seen, called off nor closed', async () => {
    await stage.pickup({ dossierCode: code });
    for (const caller of [OTHER_PORTAL, OTHER_WARD]) {
      expect([await stage.read(code, caller), await stage.list({}, caller)]).toEqual([null, []]);
      expect(await stage.cancel(code, { caller })).toMatchObject({ __typename: 'ShipmentActionRefused', code: 'NOT_FOUND' });
    }
    expect(await stage.close(code, PORTAL)).toEqual({ errors: ['This caller may not do that'] });
    expect(await stage.cancel(code, { caller: LEADER })).toEqual({ errors: ['This caller may not do that'] });
  });
});

describe('an order', () => {
  it('is a row, what is owed, and an event, all or nothing; what is personal rests sealed', async () => {
    const answer = shipmentOf(await stage.pickup({ dossierCode: code, quotedVnd: 21_000, returnToo: true }));
    expect(answer).toMatchObject({ number: code, carrier: 'steady', direction: 'PICKUP', choice: 'BOTH', previous: null, quotedVnd: 21_000, feeVnd: null, masked: false, sender: { name: CITIZEN.name, phone: CITIZEN.phone, address: { street: CITIZEN.address.street } }, contents: `Hồ sơ ${code}` });
    expect(await all(`SELECT operation, lane, subject_key FROM deliveries WHERE party = 'steady' ORDER BY id`)).toEqual(
      ['create-shipment', 'announce-dossier'].map((operation) => ({ operation, lane: `post/${code}`, subject_key: code })));
    expect(await stage.events(code)).toEqual(['shipment.requested steady']);
    const kept = JSON.stringify(await all(`SELECT to_jsonb(s) AS s FROM shipments s UNION ALL SELECT to_jsonb(c) FROM postal_choices c UNION ALL SELECT to_jsonb(k) FROM idempotency_keys k
      UNION ALL SELECT to_jsonb(e) FROM events e UNION ALL SELECT to_jsonb(e) FROM shipment_events e UNION ALL SELECT to_jsonb(b) FROM evidence_bodies b UNION ALL SELECT to_jsonb(d) FROM deliveries d`));
    for (const canary of ['Canary', '0987654321', 'canary@']) expect(kept).not.toContain(canary);
  });

  it('under the same key is the same parcel, also at once; with other content it is a conflict', async () => {
    const key = randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => stage.pickup({ dossierCode: code }, { key })));
    expect(answers.map((answer) => shipmentOf(answer)['number'])).toEqual([code, code, code]);
    expect(await stage.pickup({ dossierCode: code, weightGrams: 200 }, { key })).toEqual({ __typename: 'IdempotencyConflict', key });
    await stage.closeOffice();
    expect(shipmentOf(await stage.pickup({ dossierCode: code }, { key }))['number']).toBe(code);
    expect(await all(`SELECT count(*)::int AS count FROM deliveries WHERE party = 'steady'`)).toEqual([{ count: 2 }]);
  });

  it('of one dossier is one at a time', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => stage.pickup({ dossierCode: code })));
    expect(answers.filter(({ __typename }) => __typename === 'ShipmentSaved')).toHaveLength(1);
    expect(answers.filter(({ __typename }) => __typename === 'ShipmentUnderWay')).toMatchObject([1, 2, 3].map(() => ({ numbers: [code] })));
  });

  it('to an address that the carrier does not know names the level and the nearest names', async () => {
    const sender = { ...CITIZEN, address: { ...CITIZEN.address, province: 'Ninh Binhh' } };
    expect(await stage.pickup({ dossierCode: code, sender })).toMatchObject({ __typename: 'ShipmentAddressUnknown', field: 'order.sender.address', carrier: 'steady', level: 'PROVINCE', suggestions: ['Ninh Bình'],
      message: { vi: 'Không xác định được tỉnh, thành phố; có phải: Ninh Bình?' } });
  });

  it('goes to the carrier that is named, and names what there is instead of an unknown service', async () => {
    expect(shipmentOf(await stage.pickup({ dossierCode: code, carrier: 'asking' }))).toMatchObject({ carrier: 'asking' });
    expect(await stage.bringBack({ dossierCode: code, recipient: CITIZEN, service: 'ROCKET' })).toMatchObject({ code: 'INPUT', problems: [{ field: 'order.service', code: 'POSTAL_SERVICE_UNKNOWN', allowed: ['FAST'] }] });
    expect(await stage.bringBack({ dossierCode: code, recipient: CITIZEN, carrier: 'nobody' })).toMatchObject({ code: 'NO_CARRIER' });
    expect(await stage.bringBack({ dossierCode: code, recipient: CITIZEN, collectItemKeys: ['LP1'] })).toMatchObject({ code: 'NO_COLLECTION' });
    await stage.closeOffice();
    expect(await stage.bringBack({ dossierCode: code, recipient: CITIZEN })).toMatchObject({ code: 'NO_OFFICE' });
  });
});

describe('a result', () => {
  it('goes to the kept recipient, and nowhere where none was ever named', async () => {
    expect(await stage.bringBack({ dossierCode: code })).toMatchObject({ code: 'INPUT', problems: [{ field: 'order.recipient', code: 'REQUIRED' }] });
    await stage.pickup({ dossierCode: code, returnToo: true });
    expect(shipmentOf(await stage.bringBack({ dossierCode: code }))).toMatchObject({ number: `${code}-2`, recipient: { name: CITIZEN.name }, choice: 'BOTH' });
  });

  it('that failed or comes back may be ordered anew, linked to the one before; one under way may not', async () => {
    const first = String(shipmentOf(await stage.bringBack({ dossierCode: code, recipient: CITIZEN }))['number']);
    await until(first, 'ORDERED');
    // Nobody carries the next order before its answer is read.
    await rest();
    expect(await stage.bringBack({ dossierCode: code })).toMatchObject({ __typename: 'ShipmentUnderWay', numbers: [code] });
    const inAnHour = minutesTo(Date.now() + 3_600_000);
    carrier.tell(first, ['IN_TRANSIT', inAnHour], ['FAILED', inAnHour + 1]);
    await stage.post.createPoller().turn(carrier.port);
    expect(shipmentOf(await stage.bringBack({ dossierCode: code }))).toMatchObject({ number: `${code}-2`, previous: first, state: 'REQUESTED' });
    expect(shipmentOf(await stage.pickup({ dossierCode: code }))).toMatchObject({ number: `${code}-3`, previous: null });
  });
});

describe('what the carrier is owed', () => {
  it('arrives once, with the dossier\'s papers after the order', async () => {
    await stage.pickup({ dossierCode: code, returnToo: true });
    const ordered = await until(code, 'ORDERED');
    expect(ordered).toMatchObject({ carrierNumber: `C-${code}`, feeVnd: 22_000, orderedAt: expect.any(String) });
    // The notice may have arrived meanwhile, and is the third.
    expect((ordered['events'] as readonly Found[]).slice(0, 2)).toMatchObject([{ code: 'requested', moved: false }, { source: 'OURS', code: 'ordered', means: 'ORDERED', moved: true }]);
    await eventually('the notice', () => carrier.notices.length === 1);
    expect(carrier.orders).toMatchObject([{ orderNumber: code, agencyCodes: ['000.12.34.H42', 'H42.12.34', '000.00.00.H42', 'H42'], sender: { name: CITIZEN.name, phone: '0987654321', place: { provinceCode: '43' } }, recipient: { place: { provinceCode: '43' } } }]);
    expect(carrier.notices).toMatchObject([{ orderNumber: code, choice: 'BOTH', procedure: { documents: [expect.any(String)] }, sender: { name: CITIZEN.name }, recipient: { name: CITIZEN.name, place: { provinceCode: '43' } } }]);
    expect(await stage.events(code)).toEqual(['shipment.requested steady', 'shipment.ordered']);
  });

  it('is sent again after a lost answer where the carrier recognises its number', async () => {
    carrier.behave = (nth) => (nth === 1 ? { takes: true, hear: 'outcome-unknown' } : { takes: true, hear: 'accepted' });
    await stage.pickup({ dossierCode: code });
    await until(code, 'ORDERED');
    expect([carrier.sends, carrier.orders.length]).toEqual([2, 1]);
    expect(await stage.events(code)).toEqual(['shipment.requested steady', 'shipment.unknown', 'shipment.ordered']);
  });

  it.each([[true, 1], [false, 2]])('is asked for where it does not, and sent again only if it is not there (it was taken: %s)', async (takes, sends) => {
    asking.behave = (nth) => (nth === 1 ? { takes, hear: 'outcome-unknown' } : { takes: true, hear: 'accepted' });
    await stage.pickup({ dossierCode: code, carrier: 'asking' });
    expect(await until(code, 'ORDERED')).toMatchObject({ carrierNumber: `C-${code}` });
    expect([asking.sends, asking.orders.length, asking.asked.length]).toEqual([sends, 1, 1]);
  });

  it('and refused ends the parcel, and frees the dossier for another', async () => {
    carrier.behave = () => ({ takes: false, hear: 'rejected' });
    await stage.pickup({ dossierCode: code });
    expect(await until(code, 'REFUSED')).toMatchObject({ endedAt: expect.any(String), events: [{}, { code: 'refused', text: 'không phục vụ', means: 'REFUSED' }] });
    carrier.behave = () => ({ takes: true, hear: 'accepted' });
    expect(shipmentOf(await stage.pickup({ dossierCode: code }))).toMatchObject({ number: `${code}-2`, previous: code });
    await until(`${code}-2`, 'ORDERED');
    // What was refused is announced to nobody.
    expect(carrier.notices.map(({ orderNumber }) => orderNumber)).not.toContain(code);
  });
});

describe('a parcel that is called off', () => {
  it('is cancelled where the carrier agrees, and an operator says why', async () => {
    await stage.pickup({ dossierCode: code });
    await until(code, 'ORDERED');
    expect(await stage.cancel(code, { caller: OPERATOR })).toMatchObject({ errors: [expect.stringContaining('reason')] });
    expect(shipmentOf(await stage.cancel(code, { caller: OPERATOR, reason: 'công dân đổi ý' }))).toMatchObject({ state: 'ORDERED', cancelAskedAt: expect.any(String) });
    expect(await until(code, 'CANCELLED')).toMatchObject({ endedAt: expect.any(String), cancelAskedAt: null });
    expect(await all(`SELECT action, target, reason FROM operator_actions WHERE action <> 'import-agencies'`)).toEqual([{ action: 'cancel-shipment', target: `shipment/${code}`, reason: 'công dân đổi ý' }]);
    expect(await stage.cancel(code)).toMatchObject({ code: 'STATE' });
  });

  it('goes on where it is too late', async () => {
    carrier.cancelAnswer = 'rejected';
    await stage.pickup({ dossierCode: code });
    await until(code, 'ORDERED');
    await stage.cancel(code);
    await eventually('the refusal', async () => (await stage.events(code)).includes('shipment.cancel-refused'));
    expect(await stage.read(code)).toMatchObject({ state: 'ORDERED', cancelAskedAt: null, events: expect.arrayContaining([expect.objectContaining({ code: 'cancel-refused', text: 'đã phát', moved: false })]) });
  });

  it('before the carrier has refused it is refused, not cancelled', async () => {
    carrier.behave = () => ({ takes: false, hear: 'rejected' });
    await stage.pickup({ dossierCode: code });
    await stage.cancel(code);
    await until(code, 'REFUSED');
    await eventually('everything to be settled', async () => (await all(`SELECT 1 FROM deliveries WHERE party = 'steady' AND settled_at IS NULL`)).length === 0);
    expect([carrier.cancelled, await stage.read(code)]).toMatchObject([[], { state: 'REFUSED', person: null }]);
  });
});

describe('a citizen', () => {
  it('is known to those who deal with him, and marked out for others', async () => {
    await stage.pickup({ dossierCode: code });
    for (const caller of [PORTAL, WARD, OPERATOR]) expect(await stage.read(code, caller)).toMatchObject({ masked: false, sender: { phone: '0987654321' } });
    for (const caller of [LEADER, AUDITOR]) {
      expect(await stage.read(code, caller)).toMatchObject({ masked: true, contents: null, sender: { name: '***', phone: '***321', email: '***', address: { province: 'Ninh Bình', street: '***' } }, recipient: { name: 'Bộ phận Một cửa phường Hoa Lư' } });
    }
  });
});

describe('the list', () => {
  it('is told apart by dossier, direction, state, agency and end', async () => {
    await stage.pickup({ dossierCode: code });
    await stage.bringBack({ dossierCode: code, recipient: CITIZEN });
    expect(await stage.list({ dossierCode: code })).toEqual([`${code}-2`, code]);
    expect(await stage.list({ direction: 'PICKUP', underCode: 'H42' })).toEqual([code]);
    expect(await stage.list({ underCode: 'H42.12.35' })).toEqual([]);
    expect(await stage.list({ state: 'DELIVERED' })).toEqual([]);
    expect(await stage.list({ ended: false, carrier: 'steady', needsPerson: false })).toHaveLength(2);
    await test.database.query(`UPDATE shipments SET state_at = now() - interval '30 hours' WHERE sequence = 1`);
    expect(await stage.list({ unchangedHours: 24 })).toEqual([code]);
  });
});
