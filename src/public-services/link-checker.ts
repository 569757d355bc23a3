import type { Caller } from '../access/caller.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { RuleBreach } from '../dossiers/rule-breach.js';
import type { Database } from '../store/database.js';
import { fingerprintOf } from '../store/idempotency.js';
import { once } from '../store/once.js';
import type { LinkProbe } from './link-probe.js';
import type { PublicService } from './public-service.js';
import { serviceKey } from './service-plan.js';
import type { ServiceAnswer } from './service-register.js';
import type { ServiceStore } from './service-store.js';

/** Each link is looked at about once a day; a look counts for several. */
const STALE_MS = 20 * 3_600_000;
/** In one turn of ten minutes; 14,400 a day. */
const BATCH = 100;
const CONCURRENCY = 4;

const NO_LINK = breach('NO_LINK', 'Dịch vụ chưa có liên kết', 'The service has no link');
const NOT_CONFIGURED = breach('LINK_ORIGIN', 'Liên kết không thuộc cổng nào đã cấu hình (SERVICE_PORTAL_ORIGINS)', 'The link leads to no configured portal (SERVICE_PORTAL_ORIGINS)');

export interface LinkCheckerDeps {
  readonly database: Database;
  readonly store: ServiceStore;
  readonly probe: LinkProbe;
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

export interface LookCall {
  readonly caller: Caller;
  readonly idempotencyKey: string;
  readonly reason: string | null;
}

const ACTION = 'check-service-link';

/** Looks at deep links, by and by in the worker and at once when somebody asks. */
export class LinkChecker {
  readonly #deps: LinkCheckerDeps;

  constructor(deps: LinkCheckerDeps) {
    this.#deps = deps;
  }

  /** Looks now. What was seen and the audit row are one transaction, once under the caller's key. */
  async check({ caller, idempotencyKey, reason }: LookCall, { id, deepLink, procedureCode, agencyCode }: PublicService): Promise<ServiceAnswer<null>> {
    const { database, store, probe, settings } = this.#deps;
    if (deepLink === null) return refused(NO_LINK);
    // Before the transaction, which would else wait for another's server; a look changes nothing there.
    const finding = await probe.look(deepLink);
    if (finding === null) return refused(NOT_CONFIGURED);
    const claim = {
      client: caller.client, key: idempotencyKey, operation: ACTION, keepHours: settings.keepHours,
      fingerprint: fingerprintOf(settings.fingerprintKey, ACTION, { procedureCode, agencyCode, reason }),
    };
    return database.transaction((client) => once(client, claim, async () => {
      await store.saveLook(client, { id, link: deepLink, ...finding });
      await recordOperatorAction(client, { actor: caller.client, role: caller.role, action: ACTION, target: `public-service/${serviceKey({ procedureCode, agencyCode })}`, reason, detail: finding });
      return null;
    }));
  }

  /** The links whose last look is oldest. Returns how many rows were removed, which is none. */
  async sweep(): Promise<number> {
    const { database, store, probe } = this.#deps;
    if (!probe.hasOrigins) return 0;
    const due = [...await store.staleLinks(STALE_MS, BATCH)];
    const work = async (): Promise<void> => {
      for (let next = due.shift(); next !== undefined; next = due.shift()) {
        // A link that leads elsewhere is looked at too, so that it does not stay the oldest for ever.
        await store.saveLook(database, { ...next, ...((await probe.look(next.link)) ?? { status: null, problem: 'ORIGIN_NOT_CONFIGURED' }) });
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    return 0;
  }
}

const refused = (broken: RuleBreach): ServiceAnswer<null> => ({ kind: 'refused', problems: [problemAt('procedureCode', broken)], unmet: [] });
