import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One environment variable: what it is for, its default as written in the environment, and how it is read. */
export interface EnvSpec<Value> {
  readonly schema: z.ZodType<Value>;
  /** Text used where the variable is unset or empty; null where it must be given; undefined where its absence means something. */
  readonly fallback: string | null | undefined;
  readonly purpose: string;
  /** May also be given as a file, named by the same key with `_FILE`. */
  readonly secret?: true;
}

export type Env = Readonly<Record<string, string | undefined>>;
export type ValuesOf<Specs> = { readonly [Key in keyof Specs]: Specs[Key] extends EnvSpec<infer Value> ? Value : never };
export type ReadResult<Value> = { readonly ok: true; readonly settings: Value } | { readonly ok: false; readonly problems: readonly string[] };

export interface EnvKeyDoc {
  readonly key: string;
  readonly fallback: string | null;
  readonly purpose: string;
  readonly secret: boolean;
}

export const wholeNumber = (min: number, max: number): z.ZodType<number> => z.coerce.number('it is not a number').int().min(min).max(max);

const MISSING = Symbol('missing');

/** Text of a variable, from itself or from the file that `<key>_FILE` names. Values are never quoted in a problem. */
export const readText = (env: Env, key: string): string | undefined => {
  const direct = env[key]?.trim();
  if (direct !== undefined && direct !== '') return direct;
  const path = env[`${key}_FILE`]?.trim();
  return path === undefined || path === '' ? undefined : readFileSync(path, 'utf8').trim();
};

const readOne = (env: Env, key: string, spec: EnvSpec<unknown>): { value: unknown } | { problem: string } | typeof MISSING => {
  let text: string | null | undefined;
  try {
    text = (spec.secret === true ? readText(env, key) : env[key]?.trim() || undefined) ?? spec.fallback;
  } catch (error) {
    return { problem: `${key}_FILE cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` };
  }
  if (text === undefined) return MISSING;
  if (text === null) return { problem: `${key} is not set: ${spec.purpose}` };
  const parsed = spec.schema.safeParse(text);
  return parsed.success ? { value: parsed.data } : { problem: `${key} is invalid: ${parsed.error.issues.map((issue) => issue.message).join('; ')}` };
};

/** Reads all variables of a table and reports every problem, not the first only. */
export const readEnv = <Specs extends Record<string, EnvSpec<unknown>>>(specs: Specs, env: Env): ReadResult<Partial<ValuesOf<Specs>>> => {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [key, spec] of Object.entries(specs)) {
    const read = readOne(env, key, spec);
    if (read === MISSING) continue;
    if ('problem' in read) problems.push(read.problem);
    else values[key] = read.value;
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, settings: values as Partial<ValuesOf<Specs>> };
};

export const docsOf = (specs: Record<string, EnvSpec<unknown>>): readonly EnvKeyDoc[] =>
  Object.entries(specs).map(([key, spec]) => ({ key, fallback: spec.fallback ?? null, purpose: spec.purpose, secret: spec.secret === true }));
