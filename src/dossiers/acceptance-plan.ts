import type { DossierContent, DossierStatus } from './dossier.js';
import type { DossierAccepted, DossierItemAnswer, Refusal } from './dossier-answers.js';
import type { ParseOutcome } from './parse-context.js';
import type { ParsedDossier } from './parse-dossier.js';
import type { ParsedStep } from './parse-steps.js';
import { qualityFlagsOf } from './quality-flags.js';
import type { QualityFlag } from './quality-flags.js';
import { breach, problemAt } from './rule-breach.js';
import type { RuleBreach } from './rule-breach.js';
import { checkDossierMove, checkStepMove } from './status-rules.js';

/** What is stored of a dossier and decides about a change to it. */
export interface DossierState {
  readonly code: string;
  readonly client: string;
  readonly agencyCode: string;
  readonly revision: number;
  readonly version: number;
  readonly status: DossierStatus;
  /** Hex. */
  readonly digest: string;
  readonly flags: readonly QualityFlag[];
  readonly lastStepStatus: DossierStatus | null;
  readonly lastStepAt: Date | null;
  /** The registry refused a version and has taken none since: the same content again goes out, in the refused one's place. */
  readonly refused: boolean;
}

export type DossierStates = ReadonlyMap<string, DossierState>;

/** One dossier's change, judged and ready to be written against `expected`. */
export interface PlannedWrite {
  readonly code: string;
  readonly expected: number;
  /** Null: no new version. */
  readonly content: DossierContent | null;
  readonly digest: string | null;
  readonly version: number;
  readonly flags: readonly QualityFlag[];
  readonly steps: readonly ParsedStep[];
  readonly lastStepStatus: DossierStatus | null;
  readonly lastStepAt: Date | null;
}

/** An item as parsed, with the digest of its content. */
export interface UpsertItem {
  readonly outcome: ParseOutcome<ParsedDossier>;
  readonly digest: string | null;
}

export interface UpsertPlan {
  readonly answers: readonly DossierItemAnswer[];
  readonly writes: readonly PlannedWrite[];
}

const NOT_OURS = breach('DOSSIER_CODE_TAKEN', 'Mã hồ sơ đã thuộc hệ thống khác', 'The dossier code belongs to another client');
const TWICE = breach('DUPLICATE_IN_CALL', 'Mã hồ sơ xuất hiện hai lần trong một lần gọi', 'The dossier code occurs twice in one call');
const STEP_ORDER = breach('STEP_BEFORE_PREVIOUS', 'Bước xử lý sớm hơn bước trước đó', 'The step lies before the step that precedes it');

interface StepTrack {
  readonly status: DossierStatus | null;
  readonly at: Date | null;
}

/** A step against the one before it: time may not go back, and the status must be a legal move. */
export const judgeStep = (parsed: ParsedStep, previous: StepTrack, index: number): Refusal | null => {
  const { step, path } = parsed;
  if (previous.at !== null && step.processedAt < previous.at) {
    return { kind: 'rejected', index, dossierCode: step.dossierCode, problems: [problemAt(`${path}.processedAt`, STEP_ORDER)] };
  }
  const illegal = checkStepMove(`${path}.status`, previous.status, step.status);
  return illegal === null ? null : { kind: 'move-refused', index, dossierCode: step.dossierCode, ...illegal };
};

export const trackAfter = (steps: readonly ParsedStep[], state: DossierState | undefined): StepTrack => {
  const last = steps.at(-1)?.step;
  return last === undefined
    ? { status: state?.lastStepStatus ?? null, at: state?.lastStepAt ?? null }
    : { status: last.status, at: last.processedAt };
};

const refuse = (index: number, code: string, found: RuleBreach): Refusal =>
  ({ kind: 'rejected', index, dossierCode: code, problems: [problemAt(`dossiers[${String(index)}].code`, found)] });

const judgeDossier = (index: number, { content, steps }: ParsedDossier, state: DossierState | undefined): Refusal | null => {
  const illegal = checkDossierMove(`dossiers[${String(index)}].status`, state?.status ?? null, content.status);
  if (illegal !== null) return { kind: 'move-refused', index, dossierCode: content.code, ...illegal };
  for (const [position, step] of steps.entries()) {
    const refusal = judgeStep(step, trackAfter(steps.slice(0, position), state), index);
    if (refusal !== null) return refusal;
  }
  return null;
};

/** What a dossier that is not stored yet counts as. */
const NOTHING = { revision: 0, version: 0, flags: [], status: null, digest: null, refused: false, lastStepStatus: null } as const;

const planWrite = (parsed: ParsedDossier, digest: string, state: DossierState | undefined): PlannedWrite => {
  const { content, steps } = parsed;
  const before = state ?? NOTHING;
  const unchanged = before.digest === digest && !before.refused;
  const last = trackAfter(steps, state);
  return {
    code: content.code,
    expected: before.revision,
    content: unchanged ? null : content,
    digest: unchanged ? null : digest,
    version: before.version + (unchanged ? 0 : 1),
    steps,
    lastStepStatus: last.status,
    lastStepAt: last.at,
    flags: qualityFlagsOf({
      previousFlags: before.flags, previousStatus: before.status, status: content.status, content,
      stepTrack: [before.lastStepStatus, ...steps.map(({ step }) => step.status)],
    }),
  };
};

const acceptedAnswer = (index: number, write: PlannedWrite, { truncations }: ParsedDossier): DossierAccepted => ({
  kind: 'accepted', index, dossierCode: write.code, version: write.version, unchanged: write.content === null,
  truncations, flags: write.flags, stepIds: [], deliveryIds: [],
});

/** Judges each item against what is stored. Pure: called again with fresh states whenever something changed meanwhile. */
export const planUpsert = (items: readonly UpsertItem[], states: DossierStates, client: string): UpsertPlan => {
  const answers: DossierItemAnswer[] = [];
  const writes = new Map<string, PlannedWrite>();
  const seen = new Set<string>();
  for (const [index, { outcome, digest }] of items.entries()) {
    if (!outcome.ok) {
      answers.push({ kind: 'rejected', index, dossierCode: outcome.code, problems: outcome.problems });
      continue;
    }
    const { code } = outcome.parsed.content;
    const state = states.get(code);
    const refusal = seen.has(code) ? refuse(index, code, TWICE)
      : state !== undefined && state.client !== client ? refuse(index, code, NOT_OURS)
        : judgeDossier(index, outcome.parsed, state);
    seen.add(code);
    if (refusal !== null) {
      answers.push(refusal);
      continue;
    }
    const write = planWrite(outcome.parsed, digest ?? '', state);
    writes.set(code, write);
    answers.push(acceptedAnswer(index, write, outcome.parsed));
  }
  return { answers, writes: [...writes.values()].sort((left, right) => (left.code < right.code ? -1 : 1)) };
};
