import type { PostalFigures } from '../postal/postal-figures.js';
import type { Metrics } from './metrics.js';

/** Gauges of parcels, asked of the database whenever metrics are read. Every process gives the same: take one, not the sum. */
export const registerPostalGauges = (metrics: Metrics, read: () => Promise<PostalFigures>): void => {
  metrics.beforeRead(async () => {
    const { open, forPersons, feeds, askLateSeconds } = await read();
    for (const gauge of [metrics.shipmentsOpen, metrics.shipmentOldestSeconds, metrics.shipmentsForPersons, metrics.postalFeedAgeSeconds]) gauge.reset();
    for (const { carrier, state, count, oldestSeconds } of open) {
      metrics.shipmentsOpen.set({ carrier, state }, count);
      metrics.shipmentOldestSeconds.set({ carrier, state }, oldestSeconds);
    }
    for (const { carrier, reason, count } of forPersons) metrics.shipmentsForPersons.set({ carrier, reason }, count);
    for (const { carrier, ageSeconds } of feeds) if (ageSeconds !== null) metrics.postalFeedAgeSeconds.set({ carrier }, ageSeconds);
    metrics.postalAskLateSeconds.set(askLateSeconds);
  });
};
