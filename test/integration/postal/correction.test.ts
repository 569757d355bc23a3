import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../../src/access/caller.js';
import type { StandingChange } from '../../../src/postal/collection-port.js';
import { AUDITOR, LEADER, OPERATOR, PORTAL } from '../../support/dossier-gateway.js';
import { PostalStage, WARD } from '../../support/postal-stage.js';
import type { Found } from '../../support/postal-stage.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { scriptedCarrier, told } from '../../support/scripted-carrier.js';
import type { ScriptedCarrier } from '../../support/scripted-carrier.js';

const ELSEWHERE: Caller = { client: 'ops-commune', role: 'operator', agencyScope: '000.12.35.H42' };

let test: TestDatabase;
let stage: PostalStage;
let carrier: ScriptedCarrier;
let code: string;
const changes: StandingChange[] = [];

beforeAll(async () => { test = await createTestDatabase(); });
afterAll(() => test.drop());
beforeEach(async () => {
  carrier = scriptedCarrier('steady');
  changes.length = 0;
  stage = new PostalStage(test.database, [carrier], { onStanding: [(_client, change) => { changes.push(change); return Promise.resolve(); }] });
  code = await stage.reset();
  await stage.pickup({ dossierCode: code, carrier: 'steady' });
});

const all = async <Row>(sql: string, values: unknown[] = []): Promise<readonly Row[]> => (await test.database.query(sql, values)).rows as Row[];
const hear = async (...facts: Parameters<ScriptedCarrier['tell']> extends [string, ...infer Rest] ? Rest : never): Promise<void> => {
  carrier.tell(code, ...facts);
  await poll();
};
const poll = async (): Promise<void> => {
  await test.database.query('UPDATE postal_feeds SET due_at = now()');
  await stage.post.createPoller().turn(carrier.port);
};
const moves = (): readonly string[] => changes.map(({ before, after }) => `${before.state} ${after.state}`);
/** After every clock of these tests. */
const later = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);

describe('who may say where a parcel stands', () => {
  it.each([['the portal', PORTAL], ['its agency', WARD], ['a leader', LEADER], ['an auditor', AUDITOR]])('not %s', async (_name, caller) => {
    await hear(['COLLECTED', 1]);
    expect(await stage.correct(code, 'DELIVERED', { caller })).toEqual({ errors: ['This caller may not do that'] });
    expect(await stage.read(code)).toMatchObject({ state: 'COLLECTED' });
  });

  it('not an operator of another agency, who is not told that there is such a parcel', async () => {
    await hear(['COLLECTED', 1]);
    expect(await stage.correct(code, 'DELIVERED', { caller: ELSEWHERE })).toMatchObject({ __typename: 'ShipmentActionRefused', code: 'NOT_FOUND' });
    expect(await stage.read(code)).toMatchObject({ state: 'COLLECTED' });
  });
});

describe('what a person found out', () => {
  it('is a fact of its own, an audit row, evidence and an event, and closes the case', async () => {
    await hear(['COLLECTED', 1], ['RETURNED', 2], ['IN_TRANSIT', 3]);
    expect(await stage.read(code)).toMatchObject({ state: 'RETURNED', person: { code: 'contradicted' } });
    expect(await stage.correct(code, 'DELIVERED')).toMatchObject({ shipment: { number: code, state: 'DELIVERED', person: null, endedAt: expect.any(String) } });
    const { events } = await stage.read(code) as { readonly events: readonly Found[] };
    expect(events.at(-1)).toEqual({ source: 'OPERATOR', code: 'corrected', text: null, place: null, means: 'DELIVERED', failure: null, moved: true });
    expect(await all(`SELECT actor, role, reason, detail FROM operator_actions WHERE action = 'correct-shipment' AND target = $1`, [`shipment/${code}`])).toEqual([
      { actor: OPERATOR.client, role: 'operator', reason: 'gọi bưu cục Hoa Lư', detail: { dossier: code, from: 'RETURNED', to: 'DELIVERED', failure: null } }]);
    const kept = await all(`SELECT e.actor, b.body::jsonb->>'source' AS source, b.body::jsonb->>'means' AS means FROM evidence e JOIN evidence_bodies b ON b.evidence_id = e.id WHERE e.chain = 'lane/' || $1 AND e.kind = 'shipment' ORDER BY e.sequence DESC LIMIT 1`, [code]);
    expect(kept).toEqual([{ actor: 'operator', source: 'OPERATOR', means: 'DELIVERED' }]);
    expect((await stage.events(code)).slice(-2)).toEqual(['shipment.person contradicted', 'shipment.delivered']);
  });

  it('is said once under its key, and not of another parcel state under the same', async () => {
    await hear(['COLLECTED', 1]);
    const answers = await Promise.all(Array.from({ length: 6 }, () => stage.correct(code, 'DELIVERED', { key: 'one' })));
    for (const answer of answers) expect(answer).toMatchObject({ shipment: { state: 'DELIVERED' } });
    expect(await all(`SELECT count(*)::int AS facts FROM shipment_events WHERE source = 'OPERATOR'`)).toEqual([{ facts: 1 }]);
    expect(await stage.correct(code, 'RETURNED', { key: 'one' })).toEqual({ __typename: 'IdempotencyConflict', key: 'one' });
  });

  it('holds although the clock of the carrier is ahead of ours', async () => {
    carrier.told.push(told(code, 'RETURNED', 0, { at: later(420) }));
    await poll();
    expect(await stage.correct(code, 'DELIVERED')).toMatchObject({ shipment: { state: 'DELIVERED' } });
  });

  it('may have a reason where it failed, and is no case then', async () => {
    await hear(['IN_TRANSIT', 1]);
    expect(await stage.correct(code, 'FAILED', { failure: 'LOST' })).toMatchObject({ shipment: { state: 'FAILED', failure: 'LOST', person: null } });
    expect((await stage.events(code)).at(-1)).toBe('shipment.failed LOST');
    expect(await stage.correct(code, 'FAILED', { failure: 'LOST' })).toMatchObject({ code: 'STATE' });
    expect(await stage.correct(code, 'FAILED')).toMatchObject({ shipment: { failure: 'OTHER' } });
    expect(await stage.correct(code, 'RETURNED', { failure: 'LOST' })).toMatchObject({ code: 'INPUT', problems: [{ field: 'failure', code: 'FAILURE_NEEDLESS' }] });
  });

  it('is not heard while the order itself is open, nor of where it stands already', async () => {
    expect(await stage.correct(code, 'CANCELLED')).toMatchObject({ code: 'STATE' });
    await hear(['DELIVERED', 1]);
    expect(await stage.correct(code, 'DELIVERED')).toMatchObject({ code: 'STATE' });
    expect(await all(`SELECT 1 FROM shipment_events WHERE source = 'OPERATOR'`)).toEqual([]);
  });

  it('brings one back from an end on the road', async () => {
    await hear(['DELIVERED', 1]);
    expect(await stage.correct(code, 'IN_TRANSIT')).toMatchObject({ shipment: { state: 'IN_TRANSIT', endedAt: null, person: null } });
    expect(await stage.list({ ended: false })).toEqual([code]);
  });
});

describe('word of the carrier after it', () => {
  const after = (means: Parameters<typeof told>[1], at: Date, key: string): void => { carrier.told.push(told(code, means, 0, { at, key })); };

  it('raises the case again where it speaks against it, whether it is of later or of another end before', async () => {
    await hear(['COLLECTED', 1]);
    await stage.correct(code, 'DELIVERED');
    after('IN_TRANSIT', later(5), 'a');
    await poll();
    expect(await stage.read(code)).toMatchObject({ state: 'DELIVERED', person: { code: 'contradicted' } });
    await stage.close(code);
    carrier.tell(code, ['RETURNED', 3]);
    await poll();
    expect(await stage.read(code)).toMatchObject({ state: 'DELIVERED', person: { code: 'contradicted' } });
  });

  it('raises none where it tells the way there, or the same', async () => {
    await hear(['COLLECTED', 1]);
    await stage.correct(code, 'DELIVERED');
    carrier.tell(code, ['IN_TRANSIT', 3]);
    after('DELIVERED', later(5), 'a');
    await poll();
    expect(await stage.read(code)).toMatchObject({ state: 'DELIVERED', person: null });
  });

  it('raises a case each time that it contradicts itself, not only the first', async () => {
    await hear(['DELIVERED', 2], ['IN_TRANSIT', 9]);
    for (const minutes of [12, 15]) {
      await stage.close(code);
      expect(await stage.read(code)).toMatchObject({ person: null });
      await hear(['AT_OFFICE', minutes]);
      expect(await stage.read(code)).toMatchObject({ state: 'DELIVERED', person: { code: 'contradicted' } });
    }
    expect((await stage.events(code)).filter((type) => type === 'shipment.person contradicted')).toHaveLength(3);
  });
});

describe('money that hangs on a parcel', () => {
  it('does not hear what a person says, and follows the carrier as if he had said nothing', async () => {
    await hear(['COLLECTED', 1]);
    await stage.correct(code, 'RETURNED');
    expect(moves()).toEqual(['REQUESTED COLLECTED']);
    await hear(['IN_TRANSIT', 2], ['RETURNED', 3]);
    expect(moves()).toEqual(['REQUESTED COLLECTED', 'COLLECTED RETURNED']);
    expect(await stage.read(code)).toMatchObject({ state: 'RETURNED', person: null });
  });
});
