/** What one fee item, and one payment, may amount to. */
export const MAX_AMOUNT_VND = 999_999_999_999;
/** Longer than any deadline of a gateway: a payment that is still only created then was left behind by its process. */
export const LEFT_BEHIND_MS = 120_000;
/** The call that opens a payment; each gateway's own deadline is shorter. */
export const OPEN_DEADLINE_MS = 60_000;
/** Between two questions about a payment that is over. Late money is rare, and nobody waits for it. */
export const LATE_EVERY_MS = 3_600_000;

export const isAmount = (amountVnd: number): boolean => Number.isSafeInteger(amountVnd) && amountVnd >= 1 && amountVnd <= MAX_AMOUNT_VND;
