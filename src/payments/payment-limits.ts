/** What one fee item, and one payment, may amount to. */
export const MAX_AMOUNT_VND = 999_999_999_999;
/** Longer than any deadline of a gateway: a payment that is still only created then was left behind by its process. */
export const LEFT_BEHIND_MS = 120_000;
/** The call that opens a payment; each gateway's own deadline is shorter. */
export const OPEN_DEADLINE_MS = 60_000;

export const isAmount = (amountVnd: number): boolean => Number.isSafeInteger(amountVnd) && amountVnd >= 1 && amountVnd <= MAX_AMOUNT_VND;
