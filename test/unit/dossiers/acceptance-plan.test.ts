import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planUpsert } from '../../../src/dossiers/acceptance-plan.js';
import type { DossierState, UpsertItem } from '../../../src/dossiers/acceptance-plan.js';
import { planAppend } from '../../../src/dossiers/append-plan.js';
import { DOSSIER_STATUSES, DOSSIER_STATUS_MOVES } from '../../../src/dossiers/dossier.js';
import type { DossierStatus } from '../../../src/dossiers/dossier.js';
import type { DossierInput, StepInput } from '../../../src/dossiers/dossier-input.js';
import { parseDossier } from '../../../src/dossiers/parse-dossier.js';
import { parseSteps } from '../../../src/dossiers/parse-steps.js';
import { NOW, RULES, codeNumber, dossierInput, stepInput } from '../../support/dossier-inputs.js';

const CODE = codeNumber(7);
const item = (over: Partial<DossierInput> = {}, digest = 'd1'): UpsertItem =>
  ({ outcome: parseDossier(dossierInput({ code: CODE, ...over }), { path: 'dossiers[0]', now: NOW, rules: RULES }), digest });
const stored = (over: Partial<DossierState> = {}): ReadonlyMap<string, DossierState> => new Map([[CODE, {
  code: CODE, client: 'portal-1', agencyCode: '000.12.34.H42', revision: 4, version: 2, status: 'PROCESSING', digest: 'd0', flags: [], lastStepStatus: null, lastStepAt: null, refused: false, ...over,
}]]);
const status = fc.constantFrom<DossierStatus>(...DOSSIER_STATUSES);
const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 15, 2, minute));
const stepsOf = (...inputs: Partial<StepInput>[]) =>
  parseSteps(inputs.map((over) => stepInput(over)), { path: 'steps', now: NOW, rules: RULES, dossierCode: CODE });

describe('planning upserts', () => {
  it('takes a new dossier in any status as version 1', () => {
    fc.assert(fc.property(status, (first) => {
      const { answers, writes } = planUpsert([item({ status: first })], new Map(), 'portal-1');
      expect(answers).toMatchObject([{ kind: 'accepted', version: 1, unchanged: false }]);
      expect(writes).toMatchObject([{ expected: 0, version: 1 }]);
    }));
  });

  it('takes exactly the legal moves, and the same status as an update', () => {
    fc.assert(fc.property(status, status, (from, to) => {
      const { answers: [answer], writes } = planUpsert([item({ status: to })], stored({ status: from }), 'portal-1');
      const legal = from === to || DOSSIER_STATUS_MOVES[from].includes(to);
      expect(answer?.kind).toBe(legal ? 'accepted' : 'move-refused');
      expect(writes).toHaveLength(legal ? 1 : 0);
      if (!legal) expect(answer).toMatchObject({ from, to, allowed: DOSSIER_STATUS_MOVES[from], field: 'dossiers[0].status' });
    }));
  });

  it('writes nothing new for the same content, unless the registry refused it', () => {
    expect(planUpsert([item({}, 'd0')], stored({ status: 'RECEIVED' }), 'portal-1').writes).toMatchObject([{ content: null, version: 2, expected: 4 }]);
    expect(planUpsert([item({}, 'd0')], stored({ status: 'RECEIVED', refused: true }), 'portal-1').writes).toMatchObject([{ version: 3, content: { code: CODE } }]);
  });

  it('refuses another client\'s code and a code that comes twice', () => {
    expect(planUpsert([item()], stored({ client: 'other' }), 'portal-1').answers).toMatchObject([{ kind: 'rejected', problems: [{ code: 'DOSSIER_CODE_TAKEN' }] }]);
    const { answers, writes } = planUpsert([item(), item()], new Map(), 'portal-1');
    expect(answers).toMatchObject([{ kind: 'accepted' }, { kind: 'rejected', index: 1, problems: [{ field: 'dossiers[1].code', code: 'DUPLICATE_IN_CALL' }] }]);
    expect(writes).toHaveLength(1);
  });

  it('orders writes by code, so that two calls lock alike', () => {
    fc.assert(fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8, 9]), (numbers) => {
      const { writes } = planUpsert(numbers.map((number) => item({ code: codeNumber(number) })), new Map(), 'portal-1');
      expect(writes.map((write) => write.code)).toEqual(numbers.map(codeNumber).sort());
    }));
  });
});

describe('planning steps', () => {
  it('judges a step against the last one that was accepted', () => {
    const outcomes = stepsOf({ status: 'RECEIVED', processedAt: at(0) }, { status: 'RESULT_RETURNED', processedAt: at(1) }, { status: 'PROCESSING', processedAt: at(2) }, { status: 'COMPLETED', processedAt: at(1) });
    const { answers, write } = planAppend(outcomes, stored().get(CODE) as DossierState);
    expect(answers).toMatchObject([
      { kind: 'step-accepted' }, { kind: 'move-refused', index: 1, field: 'steps[1].status', from: 'RECEIVED', to: 'RESULT_RETURNED' },
      { kind: 'step-accepted' }, { kind: 'rejected', index: 3, problems: [{ field: 'steps[3].processedAt', code: 'STEP_BEFORE_PREVIOUS' }] },
    ]);
    expect(write).toMatchObject({ expected: 4, lastStepStatus: 'PROCESSING', lastStepAt: at(2), steps: [{ index: 0 }, { index: 2 }] });
  });

  it('goes on from the stored last step', () => {
    const state = stored({ lastStepStatus: 'COMPLETED', lastStepAt: at(30) }).get(CODE) as DossierState;
    expect(planAppend(stepsOf({ status: 'RESULT_RETURNED', processedAt: at(29) }), state)).toMatchObject({ write: null, answers: [{ kind: 'rejected' }] });
    expect(planAppend(stepsOf({ status: 'RESULT_RETURNED', processedAt: at(30) }), state)).toMatchObject({ write: { flags: ['STATUS_DIFFERS_FROM_LAST_STEP'] } });
  });

  it('accepts a track only when each accepted step is a legal move at a time not before the last', () => {
    fc.assert(fc.property(fc.array(fc.record({ status, processedAt: fc.integer({ min: 0, max: 59 }).map(at) }), { minLength: 1, maxLength: 12 }), (track) => {
      const { write } = planAppend(stepsOf(...track), stored().get(CODE) as DossierState);
      const kept = write === null ? [] : write.steps.map((parsed) => parsed.step);
      kept.slice(1).forEach((step, index) => {
        const before = kept[index];
        expect(before !== undefined && DOSSIER_STATUS_MOVES[before.status].includes(step.status) && step.processedAt >= before.processedAt).toBe(true);
      });
    }));
  });
});

describe('quality flags', () => {
  const flagsOf = (over: Partial<DossierInput>, state = new Map<string, DossierState>() as ReadonlyMap<string, DossierState>) => {
    const [answer] = planUpsert([item(over)], state, 'portal-1').answers;
    return answer?.kind === 'accepted' ? answer.flags : answer;
  };

  it('marks a pause that turns into a completion, and keeps the mark', () => {
    expect(flagsOf({ status: 'COMPLETED' }, stored({ status: 'SUPPLEMENT_REQUESTED' }))).toEqual(['PAUSE_REPORTED_AS_COMPLETED']);
    expect(flagsOf({ status: 'RESULT_RETURNED' }, stored({ status: 'COMPLETED', flags: ['PAUSE_REPORTED_AS_COMPLETED'] }))).toEqual(['PAUSE_REPORTED_AS_COMPLETED']);
    expect(flagsOf({ status: 'COMPLETED' }, stored({ status: 'PROCESSING' }))).toEqual([]);
    expect(flagsOf({ status: 'COMPLETED', steps: [stepInput({ status: 'PAYMENT_REQUIRED' }), stepInput({ status: 'COMPLETED' })] })).toEqual(['PAUSE_REPORTED_AS_COMPLETED']);
  });

  it('marks a completion at the instant of reception without a due date', () => {
    const { receivedAt } = dossierInput();
    expect(flagsOf({ status: 'COMPLETED', dueAt: null, finishedAt: receivedAt })).toEqual(['COMPLETED_AT_RECEPTION']);
    expect(flagsOf({ status: 'COMPLETED', finishedAt: receivedAt })).toEqual([]);
  });

  it('marks a status that is not the last step\'s, and takes the mark away when they agree', () => {
    expect(flagsOf({ status: 'COMPLETED', steps: [stepInput({ status: 'PROCESSING' })] })).toEqual(['STATUS_DIFFERS_FROM_LAST_STEP']);
    expect(flagsOf({ status: 'PROCESSING' }, stored({ lastStepStatus: 'PROCESSING', flags: ['STATUS_DIFFERS_FROM_LAST_STEP'] }))).toEqual([]);
  });
});
