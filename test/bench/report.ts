/** One measured figure. */
export interface Row {
  readonly case: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  /** This case in relation to the baseline of the same run. */
  readonly ratio?: number;
  /** What the issue asks of the ratio or figure, in its words. */
  readonly aim?: string;
}

export const summary = (values: readonly number[]): { readonly median: number; readonly min: number; readonly max: number } => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle] ?? 0 : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { median, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
};

const figure = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2));

/** Rows as a Markdown table. */
export function asTable(rows: readonly Row[]): string {
  const lines = rows.map((row) =>
    `| ${row.case} | ${figure(row.median)} | ${figure(row.min)}–${figure(row.max)} | ${row.unit} | ${row.ratio === undefined ? '' : row.ratio.toFixed(2)} | ${row.aim ?? ''} |`);
  return ['| case | median | spread | unit | ratio | aim |', '|---|---|---|---|---|---|', ...lines].join('\n');
}
