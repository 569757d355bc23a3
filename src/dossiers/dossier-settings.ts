/** Configuration of the dossier domain; durations in milliseconds. */
export interface DossierSettings {
  /** Level-1 agency codes of the province, the current one first. */
  readonly tenantAgencyCodes: readonly string[];
  /** Secret of the fingerprints of calls and contents; changing it makes repeats look new. */
  readonly fingerprintKey: Buffer;
  readonly idempotencyKeepMs: number;
  /** The registry's longest in-flight time: an unknown outcome is not asked about or repeated before it. */
  readonly askAfterMs?: number;
}

/** An officer looks at the list at least once a week; after that a person decides (park), it is never dropped. */
export const DELIVERY_MAX_AGE_MS = 7 * 24 * 3_600_000;
/** The registry reads for up to 60 s (national-portal.md §11.2); a half more for the network between. */
export const ASK_AFTER_MS = 90_000;
