import type { z } from 'zod';
import type { EnvKeySpec, SettingsOf } from './env-section.js';

type Specs = Readonly<Record<string, EnvKeySpec<unknown>>>;

type Prefixed<Prefix extends string, S> = { readonly [Key in keyof S & string as `${Prefix}_${Key}`]: S[Key] };

/** Settings that several parties have, each under its own prefix. */
export interface SettingsPart<Prefix extends string, S extends Specs> {
  /** To be spread into the party's `envSection`. */
  readonly specs: Prefixed<Prefix, S>;
  /** The settings of this part without the prefix. */
  readonly of: (settings: SettingsOf<Prefixed<Prefix, S>>) => SettingsOf<S>;
}

/** One setting; its fallback as it would stand in the environment. */
export const setting = <T>(schema: z.ZodType<T>, fallback: string, purpose: string): EnvKeySpec<T> => ({ schema, fallback, purpose });

/** @param prefix the party's, such as `NATIONAL_PORTAL` */
export const settingsPart = <const Prefix extends string, S extends Specs>(prefix: Prefix, specs: S): SettingsPart<Prefix, S> => ({
  specs: Object.fromEntries(Object.entries(specs).map(([key, spec]) => [`${prefix}_${key}`, spec])) as Prefixed<Prefix, S>,
  of: (settings) => {
    const values = settings as Readonly<Record<string, unknown>>;
    return Object.fromEntries(Object.keys(specs).map((key) => [key, values[`${prefix}_${key}`]])) as SettingsOf<S>;
  },
});
