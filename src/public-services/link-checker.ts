import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { LinkProbe } from './link-probe.js';
import type { PublicService } from './public-service.js';
import type { ServiceStore } from './service-store.js';

/** Each link is looked at about once a day; a look counts for several. */
const STALE_MS = 20 * 3_600_000;
/** In one turn of ten minutes; 14,400 a day. */
const BATCH = 100;
const CONCURRENCY = 4;

const NO_LINK = breach('NO_LINK', 'Dịch vụ chưa có liên kết', 'The service has no link');
const NOT_CONFIGURED = breach('LINK_ORIGIN', 'Liên kết không thuộc cổng nào đã cấu hình (SERVICE_PORTAL_ORIGINS)', 'The link leads to no configured portal (SERVICE_PORTAL_ORIGINS)');

/** Looks at deep links, by and by in the worker and at once when somebody asks. */
export class LinkChecker {
  readonly #store: ServiceStore;
  readonly #probe: LinkProbe;

  constructor(store: ServiceStore, probe: LinkProbe) {
    this.#store = store;
    this.#probe = probe;
  }

  /** Looks now; what stands in the way, or null. */
  async check({ id, deepLink }: Pick<PublicService, 'id' | 'deepLink'>): Promise<InputProblem | null> {
    if (deepLink === null) return problemAt('procedureCode', NO_LINK);
    const finding = await this.#probe.look(deepLink);
    if (finding === null) return problemAt('procedureCode', NOT_CONFIGURED);
    await this.#store.saveLook(id, deepLink, finding);
    return null;
  }

  /** The links whose last look is oldest. Returns how many rows were removed, which is none. */
  async sweep(): Promise<number> {
    if (!this.#probe.hasOrigins) return 0;
    const due = [...await this.#store.staleLinks(STALE_MS, BATCH)];
    const work = async (): Promise<void> => {
      for (let next = due.shift(); next !== undefined; next = due.shift()) {
        // A link that leads elsewhere is looked at too, so that it does not stay the oldest for ever.
        await this.#store.saveLook(next.id, next.link, (await this.#probe.look(next.link)) ?? { status: null, problem: 'ORIGIN_NOT_CONFIGURED' });
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    return 0;
  }
}
