import { z } from 'zod';
import { codStatement } from '../support/sandbox-cod-statement.js';
import type { CodLine } from '../support/sandbox-cod-statement.js';
import type { ControlText } from '../support/sandbox-control.js';
import { toWallClock } from '../support/wall-clock.js';
import type { SandboxEvent, VnpostLedger } from './sandbox-ledger.js';
import { MONEY_PAID_OUT, MONEY_TAKEN } from './sandbox-path.js';

const FLAWS = ['paid-twice', 'missing', 'other-amount'] as const;

const flawOrder = z.strictObject({ kind: z.enum(FLAWS), orderNumber: z.string().nullable().default(null), times: z.number().int().min(1).max(1_000).default(1) });

const WRONG_BY_VND = 1_000;

/** The post's statement of money that it collected and handed on; its form is ours, as no source shows theirs. */
export class StatementDesk {
  readonly #ledger: VnpostLedger;
  #flaws: (z.infer<typeof flawOrder> & { left: number })[] = [];

  constructor(ledger: VnpostLedger) {
    this.#ledger = ledger;
  }

  /** @throws ZodError */
  misbehave(body: unknown): void {
    const order = flawOrder.parse(body);
    this.#flaws.push({ ...order, left: order.times });
  }

  clear(): void {
    this.#flaws = [];
  }

  /** @param day `yyyy-mm-dd` in Vietnam; null for all */
  print(day: string | null): ControlText {
    // Before it is worded: an order to misbehave is not used up by a line that is not printed.
    const isOn = ({ atMs }: SandboxEvent): boolean => day === null || toWallClock(new Date(atMs)).startsWith(day.replaceAll('-', ''));
    return codStatement(this.#ledger.events().filter(isOn).flatMap((event) => this.#lines(event)), day);
  }

  /** Only what was handed on is ever wrong. */
  #lines(event: SandboxEvent): readonly CodLine[] {
    if (event.code !== MONEY_TAKEN && event.code !== MONEY_PAID_OUT) return [];
    const isPaid = event.code === MONEY_PAID_OUT;
    const flaw = isPaid ? this.#takeFlaw(event.orderNumber) : null;
    if (flaw === 'missing') return [];
    const collectVnd = this.#ledger.find(event.customerCode, event.orderNumber)?.collectVnd ?? 0;
    const line: CodLine = {
      orderNumber: event.orderNumber, carrierNumber: event.itemCode, amountVnd: flaw === 'other-amount' ? collectVnd + WRONG_BY_VND : collectVnd,
      state: isPaid ? 'PAID_OUT' : 'COLLECTED', atMs: event.atMs,
    };
    return flaw === 'paid-twice' ? [line, line] : [line];
  }

  #takeFlaw(orderNumber: string): (typeof FLAWS)[number] | null {
    const due = this.#flaws.find((flaw) => flaw.orderNumber === null || flaw.orderNumber === orderNumber);
    if (due === undefined) return null;
    due.left -= 1;
    if (due.left <= 0) this.#flaws = this.#flaws.filter((other) => other !== due);
    return due.kind;
  }
}
