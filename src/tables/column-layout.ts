import { foldText } from '../agencies/fold-text.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';

/** A column by its own name, or by headings that people write (folded: without marks and capitals). */
export interface Column {
  readonly name: string;
  readonly headings: readonly string[];
}

export interface ColumnLayout {
  /** Field → its position in the rows. */
  readonly places: ReadonlyMap<string, number>;
  readonly problems: readonly InputProblem[];
}

/** Finds the columns of an import. Headings that mean nothing here are let be: a portal's export has many. */
export const layoutOf = <Field extends string>(header: readonly string[], columns: Readonly<Record<Field, Column>>, needed: readonly Field[]): ColumnLayout => {
  const places = new Map<string, number>();
  const problems: InputProblem[] = [];
  for (const [index, heading] of header.entries()) {
    const folded = foldText(heading);
    const field = Object.entries<Column>(columns).find(([, { name, headings }]) => name === folded || headings.includes(folded))?.[0];
    if (field === undefined) continue;
    if (places.has(field)) problems.push(problemAt(`column ${String(index + 1)}`, breach('COLUMN', 'Cột bị lặp', 'The column occurs twice')));
    else places.set(field, index);
  }
  for (const field of needed) if (!places.has(field)) problems.push(problemAt(columns[field].name, breach('COLUMN_MISSING', 'Thiếu cột này', 'This column is missing')));
  return { places, problems };
};
