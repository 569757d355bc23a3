import { judgeStep, trackAfter } from './acceptance-plan.js';
import type { DossierState, PlannedWrite } from './acceptance-plan.js';
import type { StepItemAnswer } from './dossier-answers.js';
import type { ParseOutcome } from './parse-context.js';
import type { ParsedStep } from './parse-steps.js';
import { qualityFlagsOf } from './quality-flags.js';

export interface PlannedAppend {
  readonly answers: readonly StepItemAnswer[];
  /** Null: every step is refused, nothing is stored. The bare form only asks for the dossier's state. */
  readonly write: PlannedWrite | { readonly code: string; readonly expected: number; readonly steps: readonly never[] } | null;
}

/** Judges each step against the last one that is accepted: a bad step harms no other. */
export const planAppend = (outcomes: readonly ParseOutcome<ParsedStep>[], state: DossierState): PlannedAppend => {
  const answers: StepItemAnswer[] = [];
  const steps: ParsedStep[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (!outcome.ok) {
      answers.push({ kind: 'rejected', index, dossierCode: state.code, problems: outcome.problems });
      continue;
    }
    const refusal = judgeStep(outcome.parsed, trackAfter(steps, state), index);
    if (refusal === null) steps.push(outcome.parsed);
    answers.push(refusal ?? { kind: 'step-accepted', index, stepId: '', truncations: outcome.parsed.truncations });
  }
  return { answers, write: steps.length === 0 ? null : appendWrite(steps, state) };
};

const appendWrite = (steps: readonly ParsedStep[], state: DossierState): PlannedWrite => {
  const last = trackAfter(steps, state);
  return {
    code: state.code, expected: state.revision, content: null, digest: null, version: state.version, steps,
    lastStepStatus: last.status, lastStepAt: last.at,
    flags: qualityFlagsOf({
      previousFlags: state.flags, previousStatus: state.status, status: state.status, content: null,
      stepTrack: [state.lastStepStatus, ...steps.map(({ step }) => step.status)],
    }),
  };
};
