import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { setTimeout as pause } from 'node:timers/promises';
import type { DeliveryOperation } from '../../../src/deliveries/delivery-operation.js';
import { createTestEngine } from '../../support/engine.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { ScriptedParty, owe } from '../../support/scripted-party.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

/** Versions and steps as a dossier has them: steps need a version that was accepted. */
function operationsOf(party: ScriptedParty, known: Set<string>): DeliveryOperation[] {
  const steps = party.operation({ name: 'step', whenUnknown: { act: 'ask', afterMs: 20 } });
  return [party.operation({ name: 'version', whenUnknown: { act: 'ask', afterMs: 20 } }), {
    ...steps,
    load: (deliveries) => Promise.resolve(new Map(deliveries.map((delivery) =>
      [delivery.id, known.has(delivery.lane) ? delivery.subjectKey : { unsendable: 'prerequisite-missing' as const, broughtBy: 'version' }]))),
  }];
}

describe('refusals and corrections at any moment', () => {
  it('leave no lane stuck, keep the steps of a lane in order, and send no step before a version was accepted', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.array(fc.constantFrom('version', 'step'), { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 5 }),
      fc.array(fc.record({ refused: fc.boolean(), delayMs: fc.nat(15), lost: fc.boolean() }), { minLength: 4, maxLength: 20 }),
      fc.array(fc.nat(20), { minLength: 3, maxLength: 8 }),
      async (lanes, script, pauses) => {
        await test.database.query('TRUNCATE deliveries, lanes, attempts, events, parties, operator_actions');
        const party = new ScriptedParty();
        const known = new Set<string>();
        const early: string[] = [];
        let correcting = true;
        party.behave = (delivery, nth) => {
          const turn = script[(Number(delivery.id) * 5 + nth) % script.length] ?? { refused: false, delayMs: 0, lost: false };
          if (delivery.operation === 'step' && !known.has(delivery.lane)) early.push(delivery.subjectKey);
          if (delivery.operation === 'version' && turn.refused && correcting) return { takes: false, hear: 'rejected', delayMs: turn.delayMs };
          if (turn.lost && nth < 3) return { takes: false, hear: 'outcome-unknown', delayMs: turn.delayMs };
          if (delivery.operation === 'version') known.add(delivery.lane);
          return { takes: true, hear: 'accepted', delayMs: turn.delayMs };
        };
        const operations = operationsOf(party, known);
        const engines = [0, 1].map(() => createTestEngine(test.database, { operations, settings: { backoff: { baseMs: 5, capMs: 20 } } }));
        const expectedSteps = new Map<string, string[]>();
        for (const [lane, deeds] of lanes.entries()) {
          for (const [index, operation] of ['version', ...deeds].entries()) {
            const key = `${operation}-${String(lane)}-${String(index)}`;
            await owe(test.database, `lane-${String(lane)}`, key, { operation });
            if (operation === 'step') expectedSteps.set(`lane-${String(lane)}`, [...(expectedSteps.get(`lane-${String(lane)}`) ?? []), key]);
          }
        }
        await Promise.all(engines.map((engine) => engine.start()));
        for (const [round, waitMs] of [...pauses, 20].entries()) {
          await pause(waitMs);
          correcting = round < pauses.length;
          for (const lane of lanes.keys()) {
            await owe(test.database, `lane-${String(lane)}`, `correction-${String(lane)}-${String(round)}`, { operation: 'version' });
          }
        }
        await eventually('every lane is empty', async () =>
          (await test.database.query(`SELECT 1 FROM deliveries WHERE state NOT IN ('accepted', 'rejected') LIMIT 1`)).rowCount === 0, { timeoutMs: 20_000 })
          .catch(async (error: unknown) => {
            const left = await test.database.query(`SELECT id, lane, operation, subject_key, state, reason, head, position FROM deliveries
              WHERE lane IN (SELECT lane FROM deliveries WHERE state NOT IN ('accepted', 'rejected')) ORDER BY lane, position, id`);
            throw new Error(`lanes are stuck: ${JSON.stringify(left.rows, null, 1)}`, { cause: error });
          });
        await Promise.all(engines.map((engine) => engine.close(1_000)));
        expect(early).toEqual([]);
        expect(party.overlaps).toEqual([]);
        for (const [lane, keys] of expectedSteps) {
          expect(party.taken.filter((entry) => entry.lane === lane && entry.subjectKey.startsWith('step')).map((entry) => entry.subjectKey)).toEqual(keys);
        }
        expect((await test.database.query('SELECT 1 FROM lanes WHERE open_count <> 0')).rowCount).toBe(0);
      }), { numRuns: 15, endOnFailure: true });
  }, 180_000);
});
