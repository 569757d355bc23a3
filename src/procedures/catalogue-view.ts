import type { CatalogueEntry, ProcedureChange } from './catalogue-entry.js';
import { cleanPart } from './catalogue-html.js';
import type { ProcedureSync } from './sync.js';

const asText = (value: unknown): string | null => {
  const clean = cleanPart(value);
  if (clean === null || clean === undefined) return null;
  return typeof clean === 'string' ? clean : JSON.stringify(clean);
};

/** Domain → GraphQL. An entry is shown as it is, without a copy: many answers share it. The original reply is not in it. */
export const viewEntry = (entry: CatalogueEntry): CatalogueEntry => entry;

export const viewChange = ({ kind, diff, ...change }: ProcedureChange) => ({
  ...change,
  kind: kind.toUpperCase(),
  fields: Object.entries(diff).map(([path, { from, to }]) => ({ path, from: asText(from), to: asText(to) })),
});
export type ChangeShape = ReturnType<typeof viewChange>;

export const viewSync = ({ kind, state, ...sync }: ProcedureSync) => ({ ...sync, kind: kind.toUpperCase(), state: state.toUpperCase() });
export type SyncShape = ReturnType<typeof viewSync>;
