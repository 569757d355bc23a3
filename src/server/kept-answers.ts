import type { GraphQLSchema } from 'graphql';
import { BoundedCache } from '../bounded-cache.js';
import { versionOf, type AnswerVersion } from '../graphql/answer-version.js';
import type { ReadyQuery } from '../graphql/compiled-queries.js';

/** Of all answers in one process. A page of 50 procedures with their texts takes some 35 kB. */
const MAX_BYTES = 16_000_000;

interface Kept {
  readonly version: string;
  readonly body: Buffer;
}

export interface Question {
  readonly ready: ReadyQuery;
  /** Everything else on which the answer depends: role, text, operation and variables. Null where that cannot be written down. */
  readonly key: () => string | null;
}

/** Whole answers of queries that read nothing but data with a version, each given only while that version is the committed one. */
export class KeptAnswers {
  readonly #schema: GraphQLSchema;
  readonly #kept: BoundedCache<Kept>;
  readonly #versions = new WeakMap<ReadyQuery, { readonly version: AnswerVersion | null }>();

  constructor(schema: GraphQLSchema, maxBytes = MAX_BYTES) {
    this.#schema = schema;
    this.#kept = new BoundedCache(maxBytes);
  }

  /** Null where `make` gave nothing; that is not kept. */
  async answer({ ready, key: keyOf }: Question, make: () => Promise<string | null>): Promise<Buffer | string | null> {
    const current = this.#versionOf(ready);
    // Where the version cannot be told, the answer tells why.
    const version = current === null ? null : await current().catch(() => null);
    const key = version === null ? null : keyOf();
    if (version === null || key === null) return make();
    const known = this.#kept.get(key);
    if (known?.version === version) return known.body;
    // What is read after the version was asked for is of that version or newer; a newer one is only read once more.
    const text = await make();
    if (text === null) return null;
    const body = Buffer.from(text);
    this.#kept.put(key, { version, body }, body.length + key.length);
    return body;
  }

  get bytes(): number {
    return this.#kept.weight;
  }

  #versionOf(ready: ReadyQuery): AnswerVersion | null {
    const known = this.#versions.get(ready);
    if (known !== undefined) return known.version;
    const version = versionOf(this.#schema, ready.document);
    this.#versions.set(ready, { version });
    return version;
  }
}
