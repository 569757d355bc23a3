import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One environment variable of a party: what it is for, its default as written in the environment, and how it is read. */
export interface EnvKeySpec<T> {
  readonly schema: z.ZodType<T>;
  /** Text used where the variable is unset or empty; null where the operator must give one. */
  readonly fallback: string | null;
  readonly purpose: string;
  /** May also be given as a file, named by the same key with `_FILE`. */
  readonly secret?: true;
}

export interface EnvKeyDoc {
  readonly key: string;
  readonly fallback: string | null;
  readonly purpose: string;
  readonly secret: boolean;
}

export type EnvRead<T> = { readonly ok: true; readonly settings: T } | { readonly ok: false; readonly problems: readonly string[] };

/** The environment section of one party: read all at once, every problem reported, and listed for the documents. */
export interface EnvSection<T> {
  readonly keys: readonly EnvKeyDoc[];
  read(env: Readonly<Record<string, string | undefined>>): EnvRead<T>;
}

export type SettingsOf<Specs> = { readonly [K in keyof Specs]: Specs[K] extends EnvKeySpec<infer T> ? T : never };

type Env = Readonly<Record<string, string | undefined>>;

const given = (key: string, env: Env): string | undefined => {
  const text = env[key]?.trim();
  return text === '' ? undefined : text;
};

const readText = (key: string, spec: EnvKeySpec<unknown>, env: Env): string | undefined => {
  const file = spec.secret === true ? given(`${key}_FILE`, env) : undefined;
  return given(key, env) ?? (file === undefined ? undefined : readFileSync(file, 'utf8').trim());
};

const readOne = (key: string, spec: EnvKeySpec<unknown>, env: Env): { value: unknown } | { problem: string } => {
  let text: string | null;
  try {
    text = readText(key, spec, env) ?? spec.fallback;
  } catch {
    return { problem: `${key}_FILE cannot be read` };
  }
  if (text === null) return { problem: `${key} is not set: ${spec.purpose}` };
  const parsed = spec.schema.safeParse(text);
  // The value itself is never quoted: it may be a secret.
  return parsed.success ? { value: parsed.data } : { problem: `${key} is invalid: ${parsed.error.issues.map((issue) => issue.message).join('; ')}` };
};

/**
 * Declares the settings of a party.
 * @param specs by environment key; `check` may refuse combinations and gives one line per problem
 */
export const envSection = <Specs extends Record<string, EnvKeySpec<unknown>>>(
  specs: Specs,
  check: (settings: SettingsOf<Specs>) => readonly string[] = () => [],
): EnvSection<SettingsOf<Specs>> => ({
  keys: Object.entries(specs).map(([key, spec]) => ({ key, fallback: spec.fallback, purpose: spec.purpose, secret: spec.secret === true })),
  read: (env) => {
    const values: Record<string, unknown> = {};
    const problems: string[] = [];
    for (const [key, spec] of Object.entries(specs)) {
      const read = readOne(key, spec, env);
      if ('problem' in read) problems.push(read.problem);
      else values[key] = read.value;
    }
    if (problems.length > 0) return { ok: false, problems };
    const settings = values as SettingsOf<Specs>;
    const crossed = check(settings);
    return crossed.length > 0 ? { ok: false, problems: crossed } : { ok: true, settings };
  },
});

/** Milliseconds written as a whole number within bounds. */
export const millis = (min: number, max: number): z.ZodType<number> => z.coerce.number().int().min(min).max(max);

/** `true` or `false`, and nothing that merely looks like it. */
export const flag: z.ZodType<boolean> = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Comma-separated list; blanks around items are dropped. */
export const list: z.ZodType<readonly string[]> = z.string().transform((text) => text.split(',').map((item) => item.trim()).filter((item) => item !== ''));
