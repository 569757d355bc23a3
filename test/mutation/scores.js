/** Prints what mutation testing found. The shape of a change is that of Stryker's report. */
const NOTICED = new Set(['Killed', 'Timeout']);
const MISSED = new Set(['Survived', 'NoCoverage']);

const tally = (mutants) => {
  const noticed = mutants.filter(({ status }) => NOTICED.has(status)).length;
  const missed = mutants.filter(({ status }) => MISSED.has(status)).length;
  return { noticed, valid: noticed + missed, percent: noticed + missed === 0 ? 100 : (100 * noticed) / (noticed + missed) };
};

const lineOf = (name, { noticed, valid, percent }) => `${percent.toFixed(1).padStart(5)} %  ${`${noticed} of ${valid}`.padStart(11)}  ${name}`;

/** One line for each change that no test noticed: where, what stood there, and what stood there instead. */
export const printSurvivors = (files) => {
  for (const { name, source, mutants } of files) {
    const lines = source.split('\n');
    for (const { status, location: { start, end }, replacement } of mutants.filter((mutant) => MISSED.has(mutant.status))) {
      const stood = (lines[start.line - 1] ?? '').slice(start.column - 1, end.line === start.line ? end.column - 1 : undefined);
      console.log(`${status === 'NoCoverage' ? 'never run' : 'unnoticed'}  ${name}:${start.line}:${start.column}  ${stood}  ->  ${(replacement ?? '').replaceAll(/\s+/g, ' ')}`);
    }
  }
};

/** @returns the score of all files together, in percent */
export const printScores = (files) => {
  for (const { name, mutants } of files) console.log(lineOf(name, tally(mutants)));
  const every = files.flatMap(({ mutants }) => mutants);
  const all = tally(every);
  const late = every.filter(({ status }) => status === 'Timeout').length;
  console.log(lineOf(late === 0 ? 'together' : `together; ${String(late)} of them never came to an end`, all));
  return all.percent;
};
