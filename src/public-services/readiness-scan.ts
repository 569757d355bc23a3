import type { Readiness } from './readiness-check.js';
import type { ConditionCode } from './readiness-conditions.js';

export interface ReadinessFilter {
  readonly ready?: boolean | null;
  /** Conditions that stand in the way, all of them. */
  readonly missing?: readonly ConditionCode[] | null;
}

export interface ScanOrder {
  readonly filter: ReadinessFilter;
  readonly first: number;
  /** Id of the last service of the page before. */
  readonly after: string | null;
}

export interface ScannedPage<Service> {
  readonly services: readonly Service[];
  /** Id after which the next page begins. */
  readonly endId: string | null;
  readonly hasNextPage: boolean;
}

export interface Scannable {
  readonly service: { readonly id: string };
  readonly readiness: Readiness;
}

const BATCH = 500;
/** Of one page: a call looks at so many services and no more; whoever wants the rest asks on from its cursor. */
const MOST = 5_000;

const holds = ({ ready, missing }: ReadinessFilter, readiness: Readiness): boolean =>
  (ready == null || readiness.ready === ready) && (missing ?? []).every((condition) => readiness.unmet.includes(condition));

/**
 * A page of services. Readiness changes with the clock, the catalogue and the agencies, so it is judged as it is read and no column
 * holds it: with a filter on it, services are read in batches until the page is full or enough were looked at.
 */
export const scanServices = async <Service extends Scannable>(
  read: (after: string | null, limit: number) => Promise<readonly Service[]>, { filter, first, after }: ScanOrder,
): Promise<ScannedPage<Service>> => {
  const isFiltered = filter.ready != null || (filter.missing ?? []).length > 0;
  const size = isFiltered ? BATCH : first + 1;
  const services: Service[] = [];
  let endId = after;
  for (let seen = 0; seen < MOST; seen += size) {
    const batch = await read(endId, size);
    for (const entry of batch) {
      if (holds(filter, entry.readiness)) {
        if (services.length === first) return { services, endId: services.at(-1)?.service.id ?? null, hasNextPage: true };
        services.push(entry);
      }
      endId = entry.service.id;
    }
    if (batch.length < size) return { services, endId: services.at(-1)?.service.id ?? null, hasNextPage: false };
  }
  return { services, endId, hasNextPage: true };
};
