import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { OnStanding, StandingChange } from '../../../src/postal/collection-port.js';
import type { PartyCall } from '../../../src/deliveries/party-call.js';
import type { CarrierClaim, ShipmentRef } from '../../../src/postal/postal-carrier-port.js';
import { OPERATOR } from '../../support/dossier-gateway.js';
import { PostalStage } from '../../support/postal-stage.js';
import type { Found } from '../../support/postal-stage.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { scriptedCarrier, told } from '../../support/scripted-carrier.js';
import type { ScriptedCarrier } from '../../support/scripted-carrier.js';

let test: TestDatabase;
let stage: PostalStage;
let carrier: ScriptedCarrier;
let pushing: ScriptedCarrier;
let code: string;
const changes: StandingChange[] = [];
let hook: OnStanding = () => Promise.resolve();

beforeAll(async () => { test = await createTestDatabase(); });
afterAll(() => test.drop());
beforeEach(async () => {
  carrier = scriptedCarrier('steady');
  pushing = scriptedCarrier('pushing', { feed: null, pushesEvents: true });
  changes.length = 0;
  hook = () => Promise.resolve();
  stage = new PostalStage(test.database, [carrier, pushing], { onStanding: [(client, change) => { changes.push(change); return hook(client, change); }] });
  code = await stage.reset();
  await stage.pickup({ dossierCode: code, carrier: 'steady' });
});

const all = async <Row>(sql: string, values: unknown[] = []): Promise<readonly Row[]> => (await test.database.query(sql, values)).rows as Row[];
const feed = async (): Promise<Found> => (await all<Found>(`SELECT cursor, pages::int, events::int, failure, lease_token FROM postal_feeds WHERE carrier = 'steady'`))[0] ?? {};
/** All that the feed holds by now. Gives the count of pages that were kept. */
const poll = async (): Promise<number> => {
  await test.database.query('UPDATE postal_feeds SET due_at = now()');
  return stage.post.createPoller().turn(carrier.port);
};
const factsOf = async (number: string): Promise<number> => (await all<{ count: number }>(`SELECT count(*)::int AS count FROM shipment_events WHERE order_number = $1 AND source <> 'OURS'`, [number]))[0]?.count ?? 0;

describe('a feed', () => {
  it('is read to its end page by page, and one change of state is one event', async () => {
    carrier.tell(code, ['ORDERED', 1], ['COLLECTED', 2], ['IN_TRANSIT', 3], ['AT_OFFICE', 4], ['DELIVERED', 5]);
    expect(await poll()).toBe(3);
    expect(await feed()).toEqual({ cursor: '5', pages: 3, events: 5, failure: null, lease_token: null });
    expect(await stage.read(code)).toMatchObject({ state: 'DELIVERED', collectedAt: '2026-03-15T10:02:00.000Z', orderedAt: '2026-03-15T10:01:00.000Z', endedAt: '2026-03-15T10:05:00.000Z' });
    expect(await stage.events(code)).toEqual(['shipment.requested steady', 'shipment.collected', 'shipment.at-office', 'shipment.delivered']);
    expect(changes.map(({ before, after }) => `${before.state} ${after.state}`)).toEqual(['REQUESTED COLLECTED', 'COLLECTED AT_OFFICE', 'AT_OFFICE DELIVERED']);
  });

  it('that repeats a page, or itself from the first, changes nothing', async () => {
    carrier.tell(code, ['ORDERED', 1], ['COLLECTED', 2], ['IN_TRANSIT', 3]);
    await poll();
    const before = await all('SELECT xmin, state, state_at FROM shipments');
    await test.database.query(`UPDATE postal_feeds SET cursor = '0'`);
    expect(await poll()).toBe(2);
    expect([await factsOf(code), await all('SELECT xmin, state, state_at FROM shipments')]).toEqual([3, before]);
    expect((await stage.events(code)).length).toBe(3);
  });

  it('loses nothing in a crash between two pages, nor in one while a page is kept', async () => {
    carrier.tell(code, ['ORDERED', 1], ['COLLECTED', 2], ['IN_TRANSIT', 3], ['DELIVERED', 4]);
    hook = (_client, { after }) => (after.state === 'DELIVERED' ? Promise.reject(new Error('the process is gone')) : Promise.resolve());
    expect(await poll()).toBe(1);
    expect([await feed(), await factsOf(code)]).toMatchObject([{ cursor: '2', failure: 'internal-error' }, 2]);
    hook = () => Promise.resolve();
    expect(await poll()).toBe(2);
    expect([await factsOf(code), await stage.read(code)]).toMatchObject([4, { state: 'DELIVERED' }]);
    expect(carrier.cursors).toEqual(['0', '2', '2', '4']);
  });

  it('is read by one of two at once; who lost its lease keeps nothing', async () => {
    carrier.tell(code, ['ORDERED', 1], ['COLLECTED', 2], ['IN_TRANSIT', 3], ['DELIVERED', 4]);
    const kept = await Promise.all([poll(), poll(), poll()]);
    expect([kept.reduce((sum, pages) => sum + pages, 0), await feed(), await factsOf(code)]).toMatchObject([expect.any(Number), { cursor: '4' }, 4]);
    expect((await stage.events(code)).filter((type) => type === 'shipment.delivered')).toHaveLength(1);
    // The other took the feed over while this one waited for its page.
    const read = carrier.port.feed;
    if (read === null) throw new Error('it has no feed');
    carrier.tell(code, ['RETURNED', 9]);
    const slow = { ...carrier.port, feed: { start: '0', next: async (cursor: string, call: PartyCall) => {
      const page = await read.next(cursor, call);
      await test.database.query(`UPDATE postal_feeds SET lease_token = 'another'`);
      return page;
    } } };
    await test.database.query('UPDATE postal_feeds SET due_at = now()');
    expect(await stage.post.createPoller().turn(slow)).toBe(0);
    expect([await factsOf(code), await feed()]).toMatchObject([4, { cursor: '4', lease_token: 'another' }]);
  });

  it('of a dead reader is taken over when its lease is over', async () => {
    carrier.tell(code, ['ORDERED', 1]);
    await poll();
    carrier.tell(code, ['COLLECTED', 2]);
    await test.database.query(`UPDATE postal_feeds SET lease_token = 'dead', lease_until = now() + interval '1 hour'`);
    expect(await poll()).toBe(0);
    await test.database.query(`UPDATE postal_feeds SET lease_until = now() - interval '1 second'`);
    expect([await poll(), await stage.read(code)]).toMatchObject([1, { state: 'COLLECTED' }]);
  });

  it('rests while the party is paused or does not answer, and says why', async () => {
    carrier.tell(code, ['COLLECTED', 2]);
    await test.database.query(`INSERT INTO parties (party, concurrency, paused, paused_reason) VALUES ('steady', 1, true, 'bảo trì')`);
    expect([await poll(), carrier.cursors]).toEqual([0, []]);
    await test.database.query('UPDATE parties SET paused = false');
    carrier.feedFailure = 'unavailable';
    expect([await poll(), await feed()]).toMatchObject([0, { failure: 'unavailable', lease_token: null }]);
    expect(await all(`SELECT due_at > now() AS waits FROM postal_feeds`)).toEqual([{ waits: true }]);
    carrier.feedFailure = null;
    expect([await poll(), await feed()]).toMatchObject([1, { failure: null }]);
  });

  it('that speaks of numbers that are none of ours is kept, and so is what no table could hold', async () => {
    carrier.told.push(told('UNKNOWN-1', 'DELIVERED', 3), told(code, null, 4, { text: 'lạ\u0000\u0007 quá', code: '77', at: new Date(Number.NaN) }));
    await poll();
    expect(await all(`SELECT order_number, shipment_id IS NULL AS unmatched, text, means FROM shipment_events WHERE source = 'FEED' ORDER BY id`)).toEqual([
      { order_number: 'UNKNOWN-1', unmatched: true, text: null, means: 'DELIVERED' }, { order_number: code, unmatched: false, text: 'lạ  quá', means: null }]);
    expect(await stage.read(code)).toMatchObject({ state: 'REQUESTED', events: [{}, { code: '77', moved: false }] });
  });

  it('whose words speak against an end is a person\'s, once, until he closes the case', async () => {
    carrier.tell(code, ['COLLECTED', 1], ['DELIVERED', 2], ['IN_TRANSIT', 9]);
    await poll();
    expect(await stage.read(code)).toMatchObject({ state: 'DELIVERED', person: { code: 'contradicted' } });
    expect([await stage.list({ needsPerson: true }), (await stage.events(code)).at(-1)]).toEqual([[code], 'shipment.person contradicted']);
    expect(await stage.close(code)).toMatchObject({ shipment: { person: null } });
    expect(await stage.close(code)).toMatchObject({ code: 'STATE' });
    expect(await all(`SELECT action, actor, target FROM operator_actions WHERE action = 'close-shipment-case'`)).toEqual([{ action: 'close-shipment-case', actor: OPERATOR.client, target: `shipment/${code}` }]);
    carrier.told.push(told(code, null, 12));
    await poll();
    expect(await stage.read(code)).toMatchObject({ person: null });
  });

  it('is evidence in the chain of its dossier', async () => {
    carrier.tell(code, ['COLLECTED', 1], ['IN_TRANSIT', 2]);
    await poll();
    const kept = await all(`SELECT e.actor, b.body::jsonb->>'means' AS means FROM evidence e JOIN evidence_bodies b ON b.evidence_id = e.id WHERE e.chain = 'lane/' || $1 AND e.kind = 'shipment' ORDER BY e.sequence`, [code]);
    // Evidence outlives the tests before.
    expect(kept.slice(-3)).toEqual([{ actor: 'gateway', means: null }, { actor: 'party/steady', means: 'COLLECTED' }, { actor: 'party/steady', means: 'IN_TRANSIT' }]);
    await expect(test.database.query('UPDATE shipment_events SET code = code')).rejects.toThrow(/only added/);
  });
});

describe('a carrier without a feed', () => {
  const number = (): string => `${code}-2`;
  const claim = (means: CarrierClaim['means'], minutes: number): CarrierClaim => ({ ...told(number(), means, minutes), claimed: true });
  const hear = (message: CarrierClaim) => test.database.transaction((client) =>
    stage.post.applyClaim('pushing')(message, { client, callbackId: '7', uniqueKey: 'k', receivedAt: new Date(), partyAt: null }));
  const ask = () => stage.post.createWatcher().turn(pushing.port);

  beforeEach(async () => {
    await stage.bringBack({ dossierCode: code, carrier: 'pushing', recipient: { name: 'Trần Văn Bình', phone: '0912345678', address: { epoch: 'TWO_LEVEL', province: 'Ninh Bình', commune: 'Hoa Lư', street: '7' } } });
  });

  it('that only claims moves nothing, and is asked at once', async () => {
    expect(await hear(claim('DELIVERED', 5))).toEqual({ outcome: 'applied', code: null, dossierCode: code });
    expect(await stage.read(number())).toMatchObject({ state: 'REQUESTED', events: expect.arrayContaining([expect.objectContaining({ source: 'CLAIM', means: 'DELIVERED', moved: false })]) });
    pushing.known.set(number(), [told(number(), 'COLLECTED', 2)]);
    expect(await ask()).toBe(1);
    expect(await stage.read(number())).toMatchObject({ state: 'COLLECTED', carrierNumber: `C-${number()}` });
    expect([await ask(), pushing.asked]).toEqual([0, [number()]]);
  });

  it('that claims twice is asked once, and again where it claims something new while it is asked', async () => {
    await hear(claim('COLLECTED', 2));
    await ask();
    await hear(claim('COLLECTED', 2));
    expect(await ask()).toBe(0);
    const { questions } = pushing.port;
    if (questions === null) throw new Error('it cannot be asked');
    await hear(claim('IN_TRANSIT', 3));
    const meanwhile = { ...pushing.port, questions: { ...questions, ask: async (parcels: readonly ShipmentRef[], call: PartyCall) => {
      await hear(claim('DELIVERED', 9));
      return questions.ask(parcels, call);
    } } };
    expect(await stage.post.createWatcher().turn(meanwhile)).toBe(1);
    expect(await ask()).toBe(1);
  });

  it('that claims something of a stranger is heard out', async () => {
    expect(await hear({ ...claim('DELIVERED', 5), orderNumber: 'X-1' })).toEqual({ outcome: 'applied', code: null });
  });

  it('is asked by the clock from its order on, in batches, and no more after the end', async () => {
    const due = async (): Promise<unknown> => (await all(`SELECT ask_at IS NULL AS never, ask_at > now() AS later, asks FROM shipments WHERE order_number = $1`, [number()]))[0];
    expect(await due()).toEqual({ never: true, later: null, asks: 0 });
    await hear(claim('ORDERED', 1));
    pushing.known.set(number(), [told(number(), 'ORDERED', 1)]);
    await ask();
    expect(await due()).toMatchObject({ never: false, later: true });
    await test.database.query(`UPDATE shipments SET ask_at = now() WHERE order_number = $1`, [number()]);
    pushing.known.set(number(), [told(number(), 'ORDERED', 1), told(number(), 'DELIVERED', 5, { collection: 'COLLECTED' })]);
    expect(await ask()).toBe(1);
    expect([await due(), await stage.read(number())]).toMatchObject([{ never: true }, { state: 'DELIVERED', collection: 'COLLECTED' }]);
    expect(changes.at(-1)).toMatchObject({ shipment: { orderNumber: number() }, before: { collection: null }, after: { collection: 'COLLECTED' } });
  });
});

describe('a parcel of which nothing is heard', () => {
  it('is a person\'s after a while, and nobody\'s when it is heard of again', async () => {
    const watcher = stage.post.createWatcher();
    await watcher.findSilent();
    expect(await stage.list({ needsPerson: true })).toEqual([]);
    await test.database.query(`UPDATE shipments SET heard_at = now() - interval '6 days'`);
    await watcher.findSilent();
    expect([await stage.read(code), (await stage.events(code)).at(-1)]).toMatchObject([{ person: { code: 'silent' } }, 'shipment.person silent']);
    carrier.tell(code, ['COLLECTED', 1]);
    await poll();
    expect(await stage.read(code)).toMatchObject({ person: null, state: 'COLLECTED' });
  });

  it('is counted with the others that are open', async () => {
    expect(await stage.post.figures()).toMatchObject({ open: [{ carrier: 'steady', state: 'REQUESTED', count: 1 }], forPersons: [], askLateSeconds: 0 });
    expect(await stage.post.readiness()).toMatchObject({ ready: true, detail: { open: 1, forPersons: 0 } });
  });
});
