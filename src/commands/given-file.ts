import { readFileSync } from 'node:fs';
import { ClientCommandError } from './client-command-error.js';

/** The file that the operator named. A missing or forbidden one is said in a sentence. */
export const readGivenFile = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ClientCommandError(`The file ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, { cause: error });
  }
};
