import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DELIVERY_MOVES } from '../../../src/deliveries/delivery.js';
import { createTestEngine } from '../../support/engine.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { ScriptedParty, owe } from '../../support/scripted-party.js';
import type { Behaviour } from '../../support/scripted-party.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  // Every change of state is written down by the database itself, so that a move nobody declared cannot hide.
  await test.database.query(`
    CREATE TABLE moves (seen_from text, seen_to text);
    CREATE FUNCTION note_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF OLD.state <> NEW.state THEN INSERT INTO moves VALUES (OLD.state, NEW.state); END IF; RETURN NEW; END $$;
    CREATE TRIGGER note_move AFTER UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION note_move()`);
});
afterAll(() => test.drop());
beforeEach(() => test.database.query('TRUNCATE deliveries, lanes, attempts, events, parties, operator_actions, moves'));

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Behaviour>({ takes: true, hear: 'accepted' }) },
  { weight: 1, arbitrary: fc.constant<Behaviour>({ takes: false, hear: 'unavailable' }) },
  { weight: 1, arbitrary: fc.constant<Behaviour>({ takes: true, hear: 'outcome-unknown' }) },
  { weight: 1, arbitrary: fc.constant<Behaviour>({ takes: false, hear: 'outcome-unknown' }) },
  { weight: 1, arbitrary: fc.constant<Behaviour>({ takes: true, hear: 'bad-reply' }) },
  { weight: 1, arbitrary: fc.constant<Behaviour>({ takes: false, hear: 'rate-limited', retryAfterMs: 5 }) },
  { weight: 1, arbitrary: fc.record<Behaviour>({ takes: fc.constant(true), hear: fc.constant('accepted'), delayMs: fc.integer({ min: 1, max: 40 }) }),
  },
);

describe('delivery under random faults, two workers, and a worker that is replaced half-way', () => {
  it('loses nothing, doubles nothing, keeps every lane in order and makes declared moves only', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 10, maxLength: 40 }), fc.array(behaviour, { minLength: 8, maxLength: 30 }),
      async (lanes, script) => {
        await test.database.query('TRUNCATE deliveries, lanes, attempts, events, parties, operator_actions');
        const party = new ScriptedParty();
        // After five tries the party is well again, so that every run ends.
        party.behave = (delivery, nth) => (nth > 5 ? { takes: true, hear: 'accepted' } : script[(Number(delivery.id) * 7 + nth) % script.length]) ?? { takes: true, hear: 'accepted' };
        const expected = new Map<string, string[]>();
        const settings = { leaseMs: 400, backoff: { baseMs: 5, capMs: 20 } };
        const first = createTestEngine(test.database, { operations: [party.operation({ whenUnknown: { act: 'ask', afterMs: 60 } })], settings });
        const second = createTestEngine(test.database, { operations: [party.operation({ whenUnknown: { act: 'ask', afterMs: 60 } })], settings });
        await first.start();
        for (const [index, lane] of lanes.entries()) {
          const key = `deed-${String(index)}`;
          await owe(test.database, `lane-${String(lane)}`, key);
          expected.set(`lane-${String(lane)}`, [...(expected.get(`lane-${String(lane)}`) ?? []), key]);
        }
        await second.start();
        await first.close(10);
        await eventually('everything is finished', async () =>
          (await test.database.query(`SELECT 1 FROM deliveries WHERE state NOT IN ('accepted', 'rejected') LIMIT 1`)).rowCount === 0, { timeoutMs: 20_000 });
        await second.close(1_000);

        expect(party.overlaps).toEqual([]);
        for (const [lane, keys] of expected) {
          expect(party.taken.filter((entry) => entry.lane === lane).map((entry) => entry.subjectKey)).toEqual(keys);
        }
        const left = await test.database.query('SELECT 1 FROM lanes WHERE open_count <> 0');
        expect(left.rowCount).toBe(0);
      }), { numRuns: 12 });
    const seen = await test.database.query<{ seen_from: string; seen_to: string }>('SELECT DISTINCT seen_from, seen_to FROM moves');
    for (const move of seen.rows) {
      expect(DELIVERY_MOVES.some((legal) => legal.from === move.seen_from && legal.to === move.seen_to)).toBe(true);
    }
    expect(seen.rows.length).toBeGreaterThan(4);
  }, 120_000);
});
