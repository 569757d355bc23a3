import type { ProcedureAnswer, LocalImportReport } from './local-service.js';
import type { AcceptedSuggestions } from './match-corrections.js';
import { totalsOf } from './match-engine.js';
import type { AgencyFigure, ClassCounts } from './match-engine.js';
import type { MatchEntry, MatchRun, Page } from './match-queries.js';
import { percentOf } from './match-report.js';
import type { FileFormat } from './match-report.js';
import { CLASS_TEXTS, MATCH_CLASSES } from './match.js';

const KEY_CONFLICT = { vi: 'Khoá chống trùng đã dùng cho nội dung khác', en: 'The key was used with other content' };
const MEDIA_TYPES: Readonly<Record<FileFormat, string>> = { CSV: 'text/csv; charset=utf-8', XLSX: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' };

const viewEntry = ({ runId, position, ...entry }: MatchEntry) => ({ ...entry, ...CLASS_TEXTS[entry.class], id: `${runId}-${String(position)}` });

const viewCounts = (counts: ClassCounts) => MATCH_CLASSES.flatMap((found) => (counts[found] === undefined ? [] : [{ class: found, count: counts[found] }]));

const sumOf = (figures: readonly AgencyFigure[]): ClassCounts =>
  Object.fromEntries(MATCH_CLASSES.map((found) => [found, figures.reduce((sum, { counts }) => sum + (counts[found] ?? 0), 0)]).filter(([, count]) => count !== 0)) as ClassCounts;

/** Totals are of the agencies that the caller sees. */
export const viewRun = ({ id, cause, at, lost, byAgency }: MatchRun) => {
  const counts = sumOf(byAgency);
  const totals = totalsOf(counts);
  return {
    id, at, lost, cause: cause.toUpperCase(), ...totals, percent: percentOf(totals), counts: viewCounts(counts),
    agencies: byAgency.map((figure) => ({ ...figure, percent: percentOf(figure), counts: viewCounts(figure.counts) })),
  };
};

const pageInfo = ({ endCursor, hasNextPage }: Page<unknown>) => ({ endCursor, hasNextPage });
export const viewEntries = (page: Page<MatchEntry>) => ({ nodes: page.nodes.map(viewEntry), pageInfo: pageInfo(page) });
export const viewRuns = (page: Page<MatchRun>) => ({ nodes: page.nodes.map(viewRun), pageInfo: pageInfo(page) });

const viewAnswer = <Result, Shape>(answer: ProcedureAnswer<Result>, view: (result: Result) => Shape) => {
  if (answer.kind === 'conflict') return { __typename: 'IdempotencyConflict' as const, key: answer.key, message: KEY_CONFLICT };
  return answer.kind === 'refused' ? { __typename: 'ProcedureChangeRefused' as const, problems: answer.problems } : view(answer.result);
};

export const viewImported = (answer: ProcedureAnswer<LocalImportReport>) => viewAnswer(answer, (report) => ({ __typename: 'LocalProceduresImported' as const, ...report }));
export const viewRequested = (answer: ProcedureAnswer<string>) => viewAnswer(answer, (requestId) => ({ __typename: 'ProcedureMatchRequested' as const, requestId }));
export const viewAccepted = (answer: ProcedureAnswer<AcceptedSuggestions>) => viewAnswer(answer, (result) => ({ __typename: 'ProcedureSuggestionsAccepted' as const, ...result }));

export const viewFile = (name: string, format: FileFormat, content: Uint8Array) =>
  ({ name: `${name}.${format.toLowerCase()}`, mediaType: MEDIA_TYPES[format], contentBase64: Buffer.from(content).toString('base64') });
