import { z } from 'zod';

/**
 * Anything that a party gives to each agency separately: a partner code, a secret. `*` serves every agency without an entry of its own; `-`
 * serves none any more, and is there for what was begun under it. Any number of entries may have it.
 */
export interface AgencyEntry {
  readonly agency: string;
}

const NOBODY = '-';

const agency = z.string().regex(/^(\*|-|[0-9A-Za-z.]{3,50})$/, 'agency must be an agency code, * or -');

/** An entry that says for which agency it is, beside what the party wants. */
export const agencyEntry = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject({ agency, ...shape });

const parsed = (text: string): unknown => {
  try {
    return text.trim() === '' ? [] : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
};

/** A JSON list of entries, each agency once; empty where there is no text. Messages name places and never values: they are secrets. */
export const agencyEntries = <Entry extends AgencyEntry>(entry: z.ZodType<Entry>): z.ZodType<readonly Entry[]> =>
  z.string().transform((text, context) => {
    const read = z.array(entry).max(1_000).safeParse(parsed(text));
    if (!read.success) {
      for (const { path, message } of read.error.issues.slice(0, 5)) context.addIssue({ code: 'custom', message: `JSON list${path.map((part) => `[${String(part)}]`).join('')}: ${message}` });
      return z.NEVER;
    }
    const codes = read.data.map((item) => item.agency).filter((code) => code !== NOBODY);
    if (new Set(codes).size === codes.length) return read.data;
    context.addIssue({ code: 'custom', message: 'JSON list: an agency stands in it twice' });
    return z.NEVER;
  });

/**
 * The entry that serves an agency, or null.
 * @param agencyCodes the agency's code and those of the agencies above it, nearest first
 */
export const nearestEntry = <Entry extends AgencyEntry>(entries: readonly Entry[], agencyCodes: readonly string[]): Entry | null => {
  for (const code of [...agencyCodes, '*']) {
    const found = entries.find((entry) => entry.agency === code);
    if (found !== undefined) return found;
  }
  return null;
};

/** Whether two entries of one name say something else of it. */
export const clash = <Entry extends AgencyEntry>(entries: readonly Entry[], nameOf: (entry: Entry) => string, saidBy: (entry: Entry) => readonly string[]): boolean => {
  const said = new Map(entries.map((entry) => [nameOf(entry), JSON.stringify(saidBy(entry))]));
  return entries.some((entry) => said.get(nameOf(entry)) !== JSON.stringify(saidBy(entry)));
};
