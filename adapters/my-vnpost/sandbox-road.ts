import { seededRandom } from '../support/seeded-random.js';

const REASONS = ['Người nhận đi vắng', 'Sai địa chỉ', 'Người nhận từ chối nhận'] as const;

export interface Move {
  readonly status: number;
  readonly cause: string;
}

/** Where a parcel can go next, likelier ones twice; nothing leads on from an end. */
const NEXT: Readonly<Record<number, readonly number[]>> = { 20: [70, 70, 60], 61: [60], 62: [60], 70: [100, 100, 91], 91: [100, 91, 161], 161: [170] };

/** One story a seed. */
export class Road {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Null at the end of the road. */
  next(status: number, collectVnd: number): Move | null {
    const ways = status === 100 && collectVnd > 0 ? [110] : status === 110 ? [120] : NEXT[status] ?? [];
    const chosen = ways[Math.floor(this.#random() * ways.length)];
    if (chosen === undefined) return null;
    return { status: chosen, cause: chosen === 91 ? REASONS[Math.floor(this.#random() * REASONS.length)] ?? '' : '' };
  }
}
