import type { InputProblem } from '../errors/gateway-error.js';
import type { DossierRules } from './dossier-rules.js';

/** What to read the input against. `path` names the item in the call, such as `dossiers[0]`. */
export interface ParseContext {
  readonly path: string;
  readonly now: Date;
  readonly rules: DossierRules;
}

export type ParseOutcome<Parsed> =
  | { readonly ok: true; readonly parsed: Parsed }
  /** `code` is there when it can be named without repeating junk. */
  | { readonly ok: false; readonly code: string | null; readonly problems: readonly InputProblem[] };
