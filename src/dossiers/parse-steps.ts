import type { DossierStep } from './dossier.js';
import type { StepInput } from './dossier-input.js';
import type { ParseContext, ParseOutcome } from './parse-context.js';
import { InputReader } from './input-reader.js';
import type { Truncation } from './input-reader.js';
import { breach, problemAt } from './rule-breach.js';

export interface ParsedStep {
  readonly path: string;
  /** Position in the caller's list. */
  readonly index: number;
  readonly step: Omit<DossierStep, 'id'>;
  readonly truncations: readonly Truncation[];
}

export interface StepParseContext extends ParseContext {
  readonly dossierCode: string;
}

export const MAX_STEPS_PER_CALL = 50;

const parseStep = (input: StepInput, index: number, context: StepParseContext): ParseOutcome<ParsedStep> => {
  const path = `${context.path}[${String(index)}]`;
  const reader = new InputReader(context.now);
  const step = {
    dossierCode: context.dossierCode,
    officialName: reader.text(`${path}.officialName`, input.officialName, { cutAt: context.rules.fieldLimits.officialName }),
    officialTitle: reader.optionalText(`${path}.officialTitle`, input.officialTitle),
    department: reader.optionalText(`${path}.department`, input.department),
    processedAt: reader.instant(`${path}.processedAt`, input.processedAt, 'past'),
    content: reader.text(`${path}.content`, input.content, { multiline: true }),
    status: input.status,
    startedAt: reader.optionalInstant(`${path}.startedAt`, input.startedAt, 'any'),
    dueAt: reader.optionalInstant(`${path}.dueAt`, input.dueAt, 'any'),
  };
  if (reader.problems.length > 0) return { ok: false, code: context.dossierCode, problems: reader.problems };
  return { ok: true, parsed: { path, index, step, truncations: reader.truncations } };
};

/** Reads each step on its own; order and status moves depend on what is stored and are judged at acceptance. */
export const parseSteps = (inputs: readonly StepInput[], context: StepParseContext): readonly ParseOutcome<ParsedStep>[] => {
  if (inputs.length > MAX_STEPS_PER_CALL) {
    const limit = String(MAX_STEPS_PER_CALL);
    const problem = problemAt(context.path, breach('TOO_MANY', `Nhiều nhất ${limit} bước mỗi lần`, `At most ${limit} steps a call`));
    return [{ ok: false, code: context.dossierCode, problems: [problem] }];
  }
  return inputs.map((input, index) => parseStep(input, index, context));
};
