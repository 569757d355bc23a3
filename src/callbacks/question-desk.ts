import { createHmac, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import type { CallbackEvidence } from './callback-inbox.js';
import type { CallbackReply, CallbackRequest } from './callback-receiver-port.js';
import type { Answered, BoundQuestion } from './question-binding.js';
import type { QuestionFailure } from './question-port.js';

export interface QuestionObservation {
  readonly party: string;
  readonly kind: string;
  readonly outcome: 'answered' | QuestionFailure;
  /** Id of the key or token that vouched for it; `none` where nothing did. */
  readonly verifiedBy: string;
  readonly seconds: number;
}

export interface QuestionDeskDeps {
  readonly database: Database;
  readonly evidence: CallbackEvidence;
  /** Keys the digests in the evidence: what was asked is short enough to be guessed from a bare one. */
  readonly digestKey: Buffer;
  readonly observe: (seen: QuestionObservation) => void;
  readonly logger: Logger;
}

interface Exchange extends Answered {
  readonly verifiedBy: string;
  readonly question: Buffer;
}

/** Rejects when `work` takes longer; what it does afterwards is of no interest. */
const within = async <Result>(limitMs: number, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> => {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_fulfil, reject) => {
    timer = setTimeout(() => {
      abort.abort();
      reject(new Error(`not answered within ${limitMs} ms`));
    }, limitMs);
  });
  try {
    return await Promise.race([work(abort.signal), late]);
  } finally {
    clearTimeout(timer);
  }
};

/** Verifies, answers in time, and leaves evidence of each verified exchange before the answer goes out. Keeps neither question nor answer. */
export class QuestionDesk {
  readonly #deps: QuestionDeskDeps;

  constructor(deps: QuestionDeskDeps) {
    this.#deps = deps;
  }

  /** Never rejects. */
  async take(bound: BoundQuestion, request: CallbackRequest): Promise<CallbackReply> {
    const { receiver } = bound;
    const { party, kind } = receiver;
    const startedAt = performance.now();
    const end = (outcome: QuestionObservation['outcome'], verifiedBy: string): void =>
      this.#deps.observe({ party, kind, outcome, verifiedBy, seconds: (performance.now() - startedAt) / 1_000 });
    const verification = receiver.verify(request);
    if (verification.kind === 'refused') {
      this.#deps.logger.warn({ party, kind, reason: verification.reason }, 'question turned away');
      end('unverified', 'none');
      return receiver.fail('unverified', verification.reason);
    }
    const { verifiedBy } = verification;
    try {
      const { outcome, reply } = await within(bound.withinMs, (signal) => this.#answer(bound, { question: request.bytes, verifiedBy }, signal));
      end(outcome, verifiedBy);
      return reply;
    } catch (error) {
      this.#deps.logger.error({ err: error, party, kind }, 'question could not be answered');
      end('unavailable', verifiedBy);
      return receiver.fail('unavailable');
    }
  }

  async #answer(bound: BoundQuestion, asked: Pick<Exchange, 'question' | 'verifiedBy'>, signal: AbortSignal): Promise<Answered> {
    const answered = await bound.answer(asked.question, signal);
    signal.throwIfAborted();
    await this.#record(bound, { ...asked, ...answered });
    return answered;
  }

  /** A chain for each exchange, as for callbacks: two questions do not wait for each other. */
  async #record({ receiver: { party, kind } }: BoundQuestion, { question, outcome, reply, verifiedBy }: Exchange): Promise<void> {
    const message = JSON.stringify({ party, kind, outcome, verifiedBy, question: this.#digest(question), status: reply.status, reply: this.#digest(Buffer.from(reply.body)) });
    await this.#deps.database.transaction((client) => this.#deps.evidence.append(client, [
      { chain: `question/${party}/${randomUUID()}`, kind: `question-${outcome}`, actor: `party/${party}`, subject: kind, message },
    ]));
  }

  #digest(bytes: Buffer): string {
    return createHmac('sha256', this.#deps.digestKey).update(bytes).digest('hex');
  }
}
