import { ConfigError, readConfig, serversOf, type Config, type Env } from '../config.js';
import type { Composition } from './composition.js';

/** A start that is refused, with everything that is wrong in one message. */
export class StartRefusedError extends Error {
  override readonly name = 'StartRefusedError';
  constructor(problems: readonly string[]) {
    super(`The gateway does not start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nAsk for more with: npm run onestop -- doctor`);
  }
}

const readOrProblems = (env: Env, composition: Composition): { readonly config: Config | null; readonly problems: readonly string[] } => {
  try {
    return { config: readConfig(env, composition.sections), problems: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { config: null, problems: error.problems };
    throw error;
  }
};

/** Configuration, database and queue, all looked at before anything is reported. */
export const findStartProblems = async (env: Env, composition: Composition): Promise<{ readonly config: Config | null; readonly problems: readonly string[] }> => {
  const { config, problems } = readOrProblems(env, composition);
  return { config, problems: [...problems, ...(await composition.findServerProblems(serversOf(env)))] };
};

/** Throws StartRefusedError with every problem. */
export const readCheckedConfig = async (env: Env, composition: Composition): Promise<Config> => {
  const { config, problems } = await findStartProblems(env, composition);
  if (config === null || problems.length > 0) throw new StartRefusedError(problems);
  return config;
};
