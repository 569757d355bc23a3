import { UserInputError } from '../errors/gateway-error.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { CatalogueFilter } from './catalogue-entry.js';
import type { AdministrativeLevel } from './procedure.js';
import { searchQueryOf } from './search-terms.js';

export interface CatalogueFilterInput {
  readonly text?: string | null;
  readonly fieldCode?: string | null;
  readonly agencyCode?: string | null;
  readonly level?: AdministrativeLevel | null;
  readonly isPublic?: boolean | null;
  readonly withdrawn?: boolean | null;
}

const MAX_TEXT = 500;
/** National code, then whatever suffix a province put behind it. */
const NATIONAL_CODE = /^(\d{1,9}\.\d{1,12})(?:\..*)?$/s;

/** The national part of a code, which alone the national database knows; the text itself when it has another shape. */
export const nationalCodeOf = (code: string): string => NATIONAL_CODE.exec(code.trim())?.[1] ?? code.trim();

const searchOf = (text: string): string => {
  const query = text.length > MAX_TEXT ? null : searchQueryOf(text);
  if (query === null) throw new UserInputError([problemAt('filter.text', breach('SEARCH_TEXT', `Cần ít nhất một chữ hoặc số, tối đa ${String(MAX_TEXT)} ký tự`, `Needs a letter or digit, and at most ${String(MAX_TEXT)} characters`))]);
  return query;
};

/** Throws `UserInputError` for a text that holds nothing to search for. */
export const parseCatalogueFilter = ({ text, fieldCode, agencyCode, level, isPublic, withdrawn }: CatalogueFilterInput): CatalogueFilter => ({
  ...(text == null || text.trim() === '' ? {} : { search: searchOf(text) }),
  ...(fieldCode == null ? {} : { fieldCode }),
  ...(agencyCode == null ? {} : { agencyCode }),
  ...(level == null ? {} : { level }),
  ...(isPublic == null ? {} : { isPublic }),
  ...(withdrawn == null ? {} : { withdrawn }),
});
