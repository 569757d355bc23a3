import type { BilingualText, InputProblem } from '../errors/gateway-error.js';

/** What a rule says of a value, before anyone knows which field held it. Never repeats the value: it may be personal. */
export interface RuleBreach {
  readonly code: string;
  readonly message: BilingualText;
  readonly allowed?: readonly string[];
}

export const breach = (code: string, vi: string, en: string): RuleBreach => ({ code, message: { vi, en } });

export const problemAt = (field: string, found: RuleBreach): InputProblem => ({ field, ...found });
