import { BoundedCache } from '../bounded-cache.js';

interface Answer {
  readonly version: string;
  readonly result: Promise<unknown>;
}

/**
 * Answers by question and version of the catalogue. Each question first asks for the version, which moves with every committed change,
 * so nothing is answered that was older when it was asked; those who ask the same at once wait for one reading.
 */
export class CatalogueAnswers {
  readonly #maxWeight: number;
  readonly #version: () => Promise<string>;
  readonly #answers: BoundedCache<Answer>;

  /** `maxWeight` 0 keeps nothing, and asks for no version. */
  constructor(maxWeight: number, version: () => Promise<string>) {
    this.#maxWeight = maxWeight;
    this.#version = version;
    this.#answers = new BoundedCache(maxWeight);
  }

  /** `question` names everything on which the answer depends, but the catalogue itself. */
  async answer<Result>(question: string, { read, weigh }: { readonly read: () => Promise<Result>; readonly weigh: (result: Result) => number }): Promise<Result> {
    if (this.#maxWeight === 0) return read();
    const version = await this.#version();
    const known = this.#answers.get(question);
    if (known?.version === version) return known.result as Promise<Result>;
    const answer = { version, result: read() };
    this.#answers.put(question, answer);
    try {
      const result = await answer.result;
      if (this.#answers.get(question) === answer) this.#answers.put(question, answer, weigh(result));
      return result;
    } catch (error) {
      if (this.#answers.get(question) === answer) this.#answers.drop(question);
      throw error;
    }
  }

  /** Of all that is kept. */
  get weight(): number {
    return this.#answers.weight;
  }
}
