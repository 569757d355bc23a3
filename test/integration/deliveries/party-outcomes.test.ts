import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PartyError } from '../../../src/errors/party-error.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { PumpStage } from '../../support/pump-stage.js';
import { PARTY, owe } from '../../support/scripted-party.js';

let test: TestDatabase;
let stage: PumpStage;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  stage = new PumpStage(test.database);
  await test.database.query('TRUNCATE deliveries, lanes, attempts, events, parties');
});
afterEach(async () => {
  await stage.close();
});

describe('content', () => {
  it('that is not there or cannot be sent parks its delivery, and any other is sent as it is', async () => {
    const contents: unknown[] = [undefined, null, { unsendable: 'content-unreadable' }, { sendable: true }, 'text'];
    const ids = await stage.owe(contents.length);
    const sent: unknown[] = [];
    const pump = await stage.pump([{
      ...stage.party.operation(), load: (deliveries) => Promise.resolve(new Map(deliveries.map(({ id }) => [id, contents[ids.indexOf(id)]] as [string, unknown]).filter(([, content]) => content !== undefined))),
      send: (content) => { sent.push(content); return Promise.resolve({ kind: 'accepted' }); },
    }]);
    await pump.wake();
    expect(await Promise.all(ids.map(async (id) => (await stage.store.find(id))?.reason))).toEqual(['content-missing', null, 'content-unreadable', null, null]);
    expect(sent).toEqual(expect.arrayContaining([null, { sendable: true }, 'text']));
    expect(sent).toHaveLength(3);
  });

  it('that could not be read leaves its deliveries to their leases, and those of other operations are sent', async () => {
    const [unread] = await stage.owe(1, 'unread');
    const [sent] = await stage.owe(1, 'deed');
    await (await stage.pump([{ ...stage.party.operation({ name: 'unread' }), load: () => Promise.reject(new Error('the database is away')) }, stage.party.operation()])).wake();
    expect([...await stage.states([unread, sent]), stage.party.sends]).toEqual(['leased', 'accepted', 1]);
    expect(stage.logged).toEqual([
      expect.objectContaining({ level: 50, party: PARTY, operation: 'unread', err: expect.objectContaining({ message: 'the database is away' }), msg: 'content of deliveries could not be read' }),
      expect.objectContaining({ level: 40, deliveryId: unread, operation: 'unread' }),
    ]);
  });

  it('of an operation of another release is left to who knows it', async () => {
    const [id] = await stage.owe(1, 'of-another-release');
    await (await stage.pump([stage.party.operation()])).wake();
    expect([...await stage.states([id]), stage.party.sends, stage.logged.map(({ msg }) => msg)]).toEqual(['leased', 0, ['delivery was leased but not sent']]);
  });
});

describe('what the party says of itself', () => {
  it('is heard: it is spared for as long as it asks for, with its reason', async () => {
    await stage.owe(1);
    stage.party.behave = () => ({ takes: false, hear: 'rate-limited', retryAfterMs: 3_600_000 });
    await (await stage.pump([stage.party.operation()])).wake();
    const held = (await test.database.query<{ hold_reason: string; ms: number }>('SELECT hold_reason, extract(epoch FROM hold_until - now())::float8 * 1000 AS ms FROM parties')).rows[0];
    expect(held?.hold_reason).toBe('rate-limited');
    expect(held?.ms).toBeGreaterThan(3_500_000);
  });

  it('holds nothing where it is about one delivery', async () => {
    const [id] = await stage.owe(1);
    const busy = new PartyError('rate-limited', { party: PARTY, operation: 'deed', code: 'busy', retryAfterMs: 3_600_000, isOfOne: true });
    await (await stage.pump([{ ...stage.party.operation(), send: () => Promise.reject(busy) }])).wake();
    expect((await stage.store.find(id ?? ''))?.dueAt.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
    expect((await test.database.query('SELECT hold_until, hold_reason FROM parties')).rows).toEqual([{ hold_until: null, hold_reason: null }]);
  });

  it('is passed on where it refuses our credentials a second time', async () => {
    const [id] = await stage.owe(1);
    stage.party.behave = () => ({ takes: false, hear: 'refused-credentials' });
    const pump = await stage.pump([stage.party.operation()]);
    await pump.wake();
    expect([stage.refusals, ...await stage.states([id])]).toEqual([[], 'due']);
    await test.database.query('UPDATE deliveries SET due_at = now()');
    await pump.wake();
    expect([stage.refusals, ...await stage.states([id])]).toEqual([[`${PARTY} refused-credentials`], 'due']);
  });

  it('is passed on with the party\'s own word for it', async () => {
    await stage.owe(1);
    const refused = new PartyError('refused-credentials', { party: PARTY, operation: 'deed', code: 'http-401' });
    const pump = await stage.pump([{ ...stage.party.operation(), send: () => Promise.reject(refused) }]);
    await pump.wake();
    await test.database.query('UPDATE deliveries SET due_at = now()');
    await pump.wake();
    expect(stage.refusals).toEqual([`${PARTY} http-401`]);
  });

  it('leaves the delivery to its lease where it could not be written down', async () => {
    const [id] = await stage.owe(1);
    stage.party.behave = () => ({ takes: false, hear: 'refused-credentials' });
    const pump = await stage.pump([stage.party.operation()], { onRefusedCredentials: () => Promise.reject(new Error('the database is away')) });
    await pump.wake();
    await test.database.query('UPDATE deliveries SET due_at = now()');
    await pump.wake();
    expect([...await stage.states([id]), pump.inFlightCount()]).toEqual(['leased', 0]);
    expect(stage.logged).toEqual([expect.objectContaining({ level: 50, deliveryId: id, err: expect.objectContaining({ message: 'the database is away' }), msg: 'delivery was left to lease expiry' })]);
    await stage.owe(8, 'after', 'deed');
    stage.party.behave = () => ({ takes: true, hear: 'accepted' });
    await pump.wake();
    expect(stage.party.taken).toHaveLength(8);
  });
});

describe('an unknown outcome', () => {
  it('is asked about where the operation can be asked, and sent again where it repeats', async () => {
    for (const name of ['asked', 'repeated']) await owe(test.database, name, name, { operation: name });
    await test.database.query(`UPDATE deliveries SET state = 'unknown', maybe_sent = true`);
    stage.party.taken.push({ subjectKey: 'asked', lane: 'asked' });
    await (await stage.pump([stage.party.operation({ name: 'asked' }), stage.party.operation({ name: 'repeated', whenUnknown: { act: 'repeat', afterMs: 1, because: 'keyed' } })])).wake();
    expect([stage.party.asks, stage.party.sends]).toEqual([1, 1]);
  });
});
