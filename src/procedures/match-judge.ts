import { differencesOf, nameScore, sameName } from './match-compare.js';
import { codeFor } from './match-code.js';
import type { ProcedureCode } from './match-code.js';
import type { MatchIndex, NameCandidate } from './match-index.js';
import type { LocalProcedure, MatchableProcedure, MatchDifference, MatchResult } from './match.js';

/** A name this like another is taken for it; measured on misspelt and shortened names, below it are procedures of the same field. */
const SUGGEST_FROM = 0.72;
/** A code whose own name is less like than this belongs to another procedure, if a much better name is found. */
const OWN_NAME_BELOW = 0.5;
const OTHER_NAME_FROM = 0.9;
const CANDIDATES = 5;

export interface JudgeContext {
  readonly index: MatchIndex;
  /** Level-1 codes of the province, the current one first. */
  readonly tenantAgencyCodes: readonly string[];
}

/** A local procedure with its agency's identity, and its code as far as it can be read. */
export interface Judged {
  readonly local: LocalProcedure;
  readonly agencyCode: string;
  readonly code: ProcedureCode | null;
}

/** Null: the code does not tell, the name has to. */
export type CodeVerdict = MatchResult | null;

const resultOf = ({ local, agencyCode }: Judged, found: Partial<MatchResult> & Pick<MatchResult, 'class'>): MatchResult =>
  ({ local, agencyCode, national: null, suggestedCode: null, suggestedName: null, score: null, differences: [], ...found });

const suggest = ({ code }: Judged, { tenantAgencyCodes: [levelOne = ''] }: JudgeContext, { procedure, score }: NameCandidate) =>
  ({ suggestedCode: codeFor(procedure.code, code, levelOne), suggestedName: procedure.name, score });

const stemDifference = ({ local }: Judged, to: MatchableProcedure): MatchDifference => ({ aspect: 'STEM', local: local.code, national: to.code });

/** The stem is right; its form or suffix may not be. */
const codeDifferences = (judged: Judged, national: MatchableProcedure, { tenantAgencyCodes }: JudgeContext): readonly MatchDifference[] => {
  const { code, local } = judged;
  if (code?.wellFormed !== true) return [{ aspect: 'CODE_SHAPE', local: local.code, national: national.code }];
  return code.levelOne === null || code.levelOne === tenantAgencyCodes[0] ? [] : [{ aspect: 'SUFFIX', local: code.levelOne, national: tenantAgencyCodes[0] ?? '' }];
};

/** The code is that of a procedure with another name, and a usable procedure has this one's. */
const belongsToAnother = ({ local }: Judged, national: MatchableProcedure, { index }: JudgeContext): boolean => {
  if (sameName(local.name, national.name)) return false;
  if (index.named(local.name).length > 0) return true;
  return nameScore(local, national) < OWN_NAME_BELOW && index.similar(local.name, OTHER_NAME_FROM, 1).length > 0;
};

/** First look: by the code. */
export const judgeByCode = (judged: Judged, context: JudgeContext): CodeVerdict => {
  const { local, code } = judged;
  const national = code === null ? null : context.index.find(code.stem);
  if (code === null || national === null || !national.usable) return null;
  const score = nameScore(local, national);
  // A stem that had to be guessed proves little: the name must agree.
  if (!code.wellFormed && score < SUGGEST_FROM) return null;
  if (belongsToAnother(judged, national, context)) return null;
  const wrong = codeDifferences(judged, national, context);
  const differences = [...wrong, ...differencesOf(local, national)];
  const isForeign = code.levelOne !== null && !context.tenantAgencyCodes.includes(code.levelOne);
  const suggestion = wrong.length === 0 ? {} : suggest(judged, context, { procedure: national, score });
  if (isForeign || !code.wellFormed) return resultOf(judged, { class: 'CODE_WRONG', national, differences, ...suggestion });
  return resultOf(judged, { class: differences.length === 0 ? 'MATCHED' : 'MATCHED_WITH_DIFFERENCES', national, differences, ...suggestion });
};

const fit = (local: LocalProcedure, { procedure }: NameCandidate): number => differencesOf(local, procedure).length;

const isWithdrawn = ({ code }: Judged, { index }: JudgeContext): boolean => code?.wellFormed === true && index.find(code.stem)?.usable === false;

/**
 * Order of the second look. Who has a procedure's very name takes it before who has a similar one, and what was withdrawn looks for a
 * successor last: a guess takes nothing from who is sure.
 */
export const nameTurn = (judged: Judged, context: JudgeContext): 0 | 1 | 2 => {
  if (isWithdrawn(judged, context)) return 2;
  return context.index.named(judged.local.name).length > 0 ? 0 : 1;
};

/** Whether nobody else of the agency is told to use what is suggested. A likely successor of a withdrawn procedure is a hint, no more. */
export const takesSuggestion = ({ class: found, score }: MatchResult): boolean => found !== 'WITHDRAWN' || score === 1;

/** Second look: by the name, among what the agency does not have yet. */
export const judgeByName = (judged: Judged, context: JudgeContext, taken: ReadonlySet<string>): MatchResult => {
  const { local, code } = judged;
  const { index } = context;
  const known = code === null ? null : index.find(code.stem);
  const namesakes = index.named(local.name).map((procedure) => ({ procedure, score: 1 }));
  const found = namesakes.length > 0 ? namesakes : index.similar(local.name, SUGGEST_FROM, CANDIDATES);
  const [best] = found.filter(({ procedure }) => !taken.has(procedure.code))
    .sort((left, right) => right.score - left.score || fit(local, left) - fit(local, right) || (left.procedure.code < right.procedure.code ? -1 : 1));
  if (isWithdrawn(judged, context)) return resultOf(judged, { class: 'WITHDRAWN', national: known, ...(best === undefined ? {} : suggest(judged, context, best)) });
  const [namesake] = namesakes;
  if (best === undefined && namesake !== undefined) {
    return resultOf(judged, { class: 'DUPLICATE', national: namesake.procedure, differences: [stemDifference(judged, namesake.procedure)] });
  }
  if (best === undefined) return resultOf(judged, { class: 'UNKNOWN', national: null });
  return resultOf(judged, {
    class: 'CODE_WRONG', national: known, ...suggest(judged, context, best),
    differences: [stemDifference(judged, best.procedure), ...differencesOf(local, best.procedure)],
  });
};

/** An agency lists the same procedure once; the cleanest entry stays. */
export const asDuplicate = (result: MatchResult, kept: MatchResult): MatchResult =>
  ({ ...result, class: 'DUPLICATE', suggestedCode: null, suggestedName: null, score: null, differences: [{ aspect: 'STEM', local: result.local?.code ?? '', national: kept.local?.code ?? '' }] });
