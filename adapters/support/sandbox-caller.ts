import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { listenForAbort } from './abort-listener.js';
import { joinPath } from './join-path.js';
import type { ControlRoutes } from './sandbox-control.js';
import { FLAWS, flawOf, noticeBook, sendNotice } from './sandbox-notice.js';
import type { Notice, NoticeFlaw, NoticeMischief, NoticeReply, NoticeRequest } from './sandbox-notice.js';

/** How a party repeats a notice that was not taken. */
export interface NoticePolicy {
  /** Wait before the first attempt: most parties tell us shortly after they answered. */
  readonly firstAfterMs: number;
  /** Waits before each further attempt; empty sends once. */
  readonly retryAfterMs: readonly number[];
  readonly timeoutMs: number;
  /** How late `late` is. */
  readonly lateMs: number;
  /** Does this reply end the attempts? */
  readonly isTaken: (reply: NoticeReply) => boolean;
}

/** One attempt, as `/control/notices` shows it. */
export interface SentNotice {
  readonly seq: number;
  readonly operation: string;
  readonly key: string;
  readonly mischief: string | null;
  readonly attempt: number;
  /** Null where no reply came. */
  readonly reply: NoticeReply | null;
  readonly taken: boolean;
}

const addressOrder = z.strictObject({ url: z.url({ protocol: /^https?$/ }).nullable() });
const againOrder = z.strictObject({ key: z.string(), flaw: z.enum(FLAWS).nullable().default(null) });

/** Attempts kept for `/control/notices`; notices kept for `/control/notify-again`. */
const KEEP = 5_000;

/** Every notice that waits listens to it, which Node takes for a leak at eleven. */
const endless = (): AbortController => {
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  return ending;
};

/** The side of a sandbox that calls us: notices with the party's own repeats, and wrong, late, lost or doubled ones by order or seed. */
export class SandboxCaller {
  readonly mischief = noticeBook();
  readonly #policy: NoticePolicy;
  #ending = endless();
  #isClosed = false;
  readonly #underWay = new Set<Promise<void>>();
  readonly #notices = new Map<string, Notice>();
  #address: string | null;
  #sent: SentNotice[] = [];
  #seq = 0;

  /** @param address where we are, up to and including `/callbacks/<party>`; null until a control call tells it, and then nothing is sent */
  constructor(address: string | null, policy: NoticePolicy) {
    this.#address = address;
    this.#policy = policy;
  }

  /** Tells us. To be awaited before the answer of the call that caused it goes out: it only takes its time where the order is `early`. */
  async notify(notice: Notice): Promise<void> {
    this.#keep(notice);
    const order = this.mischief.take(notice);
    const kind = order?.kind ?? null;
    if (this.#address === null || this.#isClosed || kind === 'lost') return;
    const { firstAfterMs, retryAfterMs, lateMs } = this.#policy;
    if (kind === 'early') {
      if (!(await this.#attempt(notice, { kind, attempt: 1 })).taken) this.#track(this.#deliver(notice, kind, retryAfterMs));
      return;
    }
    const waits = [kind === 'late' ? (order?.delayMs ?? lateMs) : firstAfterMs, ...retryAfterMs];
    for (let copy = kind === 'twice' ? 2 : 1; copy > 0; copy -= 1) this.#track(this.#deliver(notice, kind, waits));
  }

  /** Sends the last notice of this key once more, at once. @returns null where there was none */
  async again(key: string, flaw: NoticeFlaw | null): Promise<SentNotice | null> {
    const notice = this.#notices.get(key);
    return notice === undefined || this.#address === null ? null : this.#attempt(notice, { kind: flaw, attempt: 1 });
  }

  /** Asks us at once, without repeats or misbehaviour: for a token, for a bill. Null where no whole reply came, or nobody is to be asked. */
  async ask(request: NoticeRequest): Promise<NoticeReply | null> {
    const url = this.#address;
    return url === null || this.#isClosed ? null : this.#send(new URL(joinPath(url, request.path)), request);
  }

  sent(after: number, limit: number): readonly SentNotice[] {
    return this.#sent.filter(({ seq }) => seq > after).slice(0, limit);
  }

  /** Notices that wait or are being sent. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Control calls of this side: `notices`, `misbehave-notices`, `random-notices`, `notify-again`, `callback-address`. */
  routes(): ControlRoutes {
    return {
      reads: { notices: ({ after, limit }) => this.sent(after, limit) },
      orders: {
        'misbehave-notices': (body) => { this.mischief.command(body); },
        'random-notices': (body) => { this.mischief.commandChance(body); },
        'callback-address': (body) => { this.#address = addressOrder.parse(body).url; },
        'notify-again': (body) => {
          const { key, flaw } = againOrder.parse(body);
          return this.again(key, flaw);
        },
      },
    };
  }

  /** Forgets everything, what waits to be sent included. */
  clear(): void {
    this.#ending.abort();
    this.#ending = endless();
    this.mischief.clear();
    this.#notices.clear();
    this.#sent = [];
  }

  /** Stops waiting, ends what is being sent, and comes back when nothing is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#ending.abort();
    await Promise.all(this.#underWay);
  }

  #track(work: Promise<void>): void {
    const settled = work.catch(() => undefined).finally(() => { this.#underWay.delete(settled); });
    this.#underWay.add(settled);
  }

  /** Rejects where the sandbox is closed or reset meanwhile. */
  async #deliver(notice: Notice, kind: NoticeMischief | null, waits: readonly number[]): Promise<void> {
    const { signal } = this.#ending;
    const earlier = this.#policy.retryAfterMs.length + 1 - waits.length;
    for (const [index, delay] of waits.entries()) {
      await wait(delay, undefined, { signal });
      if ((await this.#attempt(notice, { kind, attempt: earlier + index + 1 })).taken) return;
    }
  }

  async #attempt(notice: Notice, how: { readonly kind: NoticeMischief | null; readonly attempt: number }): Promise<SentNotice> {
    const request = notice.build(flawOf(how.kind)) ?? notice.build(null);
    const url = this.#address;
    const reply = request === null || url === null ? null : await this.#send(new URL(joinPath(url, request.path)), request);
    if (reply !== null) notice.onReply?.(reply);
    this.#seq += 1;
    const sent = { seq: this.#seq, operation: notice.operation, key: notice.key, mischief: how.kind, attempt: how.attempt, reply, taken: reply !== null && this.#policy.isTaken(reply) };
    this.#sent.push(sent);
    if (this.#sent.length > 2 * KEEP) this.#sent = this.#sent.slice(-KEEP);
    return sent;
  }

  /** AbortSignal.any leaks listeners on Node 20, so the deadline and the end of the sandbox are joined by hand. */
  async #send(url: URL, request: NoticeRequest): Promise<NoticeReply | null> {
    const one = new AbortController();
    const end = (): void => { one.abort(); };
    const deadline = setTimeout(end, this.#policy.timeoutMs);
    const stopListening = listenForAbort(this.#ending.signal, end);
    try {
      return await sendNotice(url, request, one.signal);
    } finally {
      clearTimeout(deadline);
      stopListening();
    }
  }

  #keep(notice: Notice): void {
    this.#notices.delete(notice.key);
    this.#notices.set(notice.key, notice);
    const [oldest] = this.#notices.keys();
    if (this.#notices.size > KEEP && oldest !== undefined) this.#notices.delete(oldest);
  }
}
