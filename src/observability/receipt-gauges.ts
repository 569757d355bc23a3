import type { ReceiptFigures } from '../receipts/receipt-figures.js';
import type { Metrics } from './metrics.js';

/** Gauges of e-receipts, asked of the database whenever metrics are read. Every process gives the same: take one, not the sum. */
export const registerReceiptGauges = (metrics: Metrics, read: () => Promise<ReceiptFigures>): void => {
  metrics.beforeRead(async () => {
    const { open, forPersons } = await read();
    metrics.receiptsOpen.reset();
    metrics.receiptOldestSeconds.reset();
    metrics.receiptsForPersons.reset();
    for (const { issuer, state, count, oldestSeconds } of open) {
      metrics.receiptsOpen.set({ issuer, state }, count);
      metrics.receiptOldestSeconds.set({ issuer, state }, oldestSeconds);
    }
    for (const { issuer, reason, count } of forPersons) metrics.receiptsForPersons.set({ issuer, reason }, count);
  });
};
