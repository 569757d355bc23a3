import type { InputProblem } from '../errors/gateway-error.js';
import { ClientCommandError } from './client-command-error.js';

/** What each import answers: a report by rows, a file that is refused whole, or a key that was used at once by another. */
export type ImportAnswer<Report> =
  | { readonly kind: 'done'; readonly result: Report }
  | { readonly kind: 'refused'; readonly problems: readonly InputProblem[] }
  | { readonly kind: 'conflict' };

/** Prints what became of an import; true when nothing was refused. */
export const finishImport = <Report extends { readonly refused: number }>(answer: ImportAnswer<Report>, print: (report: Report) => void): boolean => {
  if (answer.kind === 'conflict') throw new ClientCommandError('The import ran twice at once');
  if (answer.kind === 'refused') {
    for (const { field, message } of answer.problems) console.log(`${field}: ${message.en} / ${message.vi}`);
    return false;
  }
  print(answer.result);
  return answer.result.refused === 0;
};
