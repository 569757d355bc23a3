import type { AttemptedCall } from '../agencies/access-attempt-store.js';
import type { Agency } from '../agencies/agency.js';
import { isLimited } from '../agencies/agency-scope.js';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import { cleanCode } from '../procedures/match-code.js';
import type { Database } from '../store/database.js';
import { monthOf, monthsBetween, readShares } from './connected-share.js';
import type { ShareMonth, SharePoint } from './connected-share.js';
import type { ConnectionState, PublicService, StateChange } from './public-service.js';
import { checkReadiness } from './readiness-check.js';
import type { Readiness } from './readiness-check.js';
import { readinessContext } from './readiness-context.js';
import type { ReadinessSources } from './readiness-context.js';
import { scanServices } from './readiness-scan.js';
import type { ReadinessFilter } from './readiness-scan.js';
import { summarise } from './readiness-summary.js';
import type { ReadinessSummary } from './readiness-summary.js';
import { LEVEL_MEANINGS, REGISTERED_LEVELS } from './service-level.js';
import type { OnlineLevel } from './service-level.js';
import type { ServiceFilter, ServiceStore } from './service-store.js';

/** A service with what follows from it, as one caller may see it. */
export interface AssessedService {
  readonly service: PublicService;
  readonly readiness: Readiness;
  /** Null where no tree of agencies was imported. */
  readonly agency: Agency | null;
}

export interface ServiceFilterInput extends ReadinessFilter {
  readonly code?: string | null;
  readonly procedureCode?: string | null;
  /** This agency and all below it. */
  readonly underCode?: string | null;
  readonly state?: ConnectionState | null;
  readonly level?: OnlineLevel | null;
}

export interface ServicePage {
  readonly services: readonly AssessedService[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

export interface MonthShare extends ShareMonth, SharePoint {}

export interface ServiceQueriesDeps extends ReadinessSources {
  readonly database: Database;
  readonly store: ServiceStore;
  readonly agencies: AgencyAccess;
}

const MAX_PAGE = 200;
const CURSOR = /^service:(\d{1,18})$/;
/** Shown with a service. */
const LATEST_CHANGES = 20;
const DEFAULT_MONTHS = 12;

const refuse = (field: string, broken: ReturnType<typeof breach>): never => {
  throw new UserInputError([problemAt(field, broken)]);
};

const idOfCursor = (cursor: string): string =>
  CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1] ?? refuse('after', breach('CURSOR', 'Con trỏ không hợp lệ', 'This is no cursor of this list'));

/** Every code in the subtree; the code itself where no tree was imported. */
const codesUnder = ({ tree }: AgencyView, code: string): readonly string[] =>
  (tree.isEmpty ? [code] : [...tree.subtree(code)].flatMap((agency) => agency.codes.map((known) => known.code)));

/** What callers read of the register, each within its scope. */
export class ServiceQueries {
  readonly #deps: ServiceQueriesDeps;

  constructor(deps: ServiceQueriesDeps) {
    this.#deps = deps;
  }

  /** In the order of registration. Throws UserInputError for a page size or cursor that cannot be. */
  async list(call: AttemptedCall, filter: ServiceFilterInput, page: { readonly first: number; readonly after: string | null }): Promise<ServicePage> {
    if (page.first < 1 || page.first > MAX_PAGE) refuse('first', breach('PAGE_SIZE', `Từ 1 đến ${String(MAX_PAGE)}`, `Between 1 and ${String(MAX_PAGE)}`));
    const after = page.after === null ? null : idOfCursor(page.after);
    const view = await this.#view(call, 'publicServices', filter.underCode ?? null);
    const read = async (from: string | null, limit: number): Promise<readonly AssessedService[]> => this.#assess(view, await this.#deps.store.list(filterOf(view, filter), { after: from, limit }));
    const { services, endId, hasNextPage } = await scanServices(read, { filter, first: page.first, after });
    return { services, hasNextPage, endCursor: endId === null ? null : Buffer.from(`service:${endId}`).toString('base64url') };
  }

  /** By service code, and by agency where several offer it. Null for one outside the caller's scope, like one that is not there. */
  async find(call: AttemptedCall, code: string, agencyCode: string | null): Promise<AssessedService | null> {
    const view = await this.#view(call, 'serviceReadiness', agencyCode);
    const underCodes = agencyCode === null ? {} : { underCodes: view.tree.find(agencyCode)?.codes.map((known) => known.code) ?? [agencyCode] };
    const [first, second] = await this.#assess(view, await this.#deps.store.list({ code: cleanCode(code), agencyCodes: view.agencyCodes, ...underCodes }, { after: null, limit: 2 }));
    if (second !== undefined) refuse('agencyCode', breach('AMBIGUOUS', 'Nhiều cơ quan cung cấp dịch vụ này; cần mã cơ quan', 'Several agencies offer this service: name one'));
    return first ?? null;
  }

  /** After a change by the same caller. */
  async byId(call: AttemptedCall, id: string): Promise<AssessedService | null> {
    return this.#first(call, { ids: [id] });
  }

  /** By procedure code and any code of the agency. */
  async byProcedure(call: AttemptedCall, procedureCode: string, agencyCode: string): Promise<AssessedService | null> {
    const { tree } = await this.#view(call, 'checkServiceLink', agencyCode);
    return this.#first(call, { procedureCode: cleanCode(procedureCode), underCodes: [tree.find(agencyCode)?.code ?? agencyCode] });
  }

  /** Every service in sight, or of one agency and all below it. */
  async all(call: AttemptedCall, operation: string, underCode: string | null): Promise<readonly AssessedService[]> {
    const view = await this.#view(call, operation, underCode);
    return this.#assess(view, await this.#deps.store.list(filterOf(view, { underCode }), { after: null, limit: null }));
  }

  async summary(call: AttemptedCall, underCode: string | null): Promise<ReadinessSummary> {
    return summarise(await this.all(call, 'readinessByAgency', underCode), this.#deps.now());
  }

  /** The newest changes of each service, in the order of `ids`. */
  async histories(ids: readonly string[]): Promise<readonly (readonly StateChange[])[]> {
    const found = await this.#deps.store.history(ids, LATEST_CHANGES);
    return ids.map((id) => found.filter(({ serviceId }) => serviceId === id));
  }

  /** The last twelve months where none are named. Throws UserInputError. */
  async shareByMonth(call: AttemptedCall, { fromMonth, untilMonth, underCode }: { fromMonth: string | null; untilMonth: string | null; underCode: string | null }): Promise<readonly MonthShare[]> {
    const now = this.#deps.now();
    const months = monthsBetween(fromMonth ?? monthOf(now, DEFAULT_MONTHS - 1), untilMonth ?? monthOf(now), now);
    const points = await this.#shares(call, { moments: months.map(({ at }) => at), underCode });
    return months.flatMap((month, index) => {
      const point = points[index];
      return point === undefined ? [] : [{ ...month, ...point }];
    });
  }

  /** At one moment, past or present. */
  async shareAt(call: AttemptedCall, at: Date, underCode: string | null): Promise<SharePoint | null> {
    const [point] = await this.#shares(call, { moments: [at], underCode });
    return point ?? null;
  }

  async #shares(call: AttemptedCall, { moments, underCode }: { moments: readonly Date[]; underCode: string | null }): Promise<readonly SharePoint[]> {
    const view = await this.#view(call, 'connectedShare', underCode);
    return readShares(this.#deps.database, moments, { agencyCodes: view.agencyCodes, underCodes: underCode === null ? null : codesUnder(view, underCode) });
  }

  async #first(call: AttemptedCall, filter: Omit<ServiceFilter, 'agencyCodes'>): Promise<AssessedService | null> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    const [found] = await this.#assess(view, await this.#deps.store.list({ ...filter, agencyCodes: view.agencyCodes }, { after: null, limit: 1 }));
    return found ?? null;
  }

  async #assess(view: AgencyView, services: readonly PublicService[]): Promise<readonly AssessedService[]> {
    const context = await readinessContext(this.#deps, view.tree, services.map(({ agencyCode }) => agencyCode));
    return services.map((service) => ({ service, readiness: checkReadiness(service, context), agency: view.tree.find(service.agencyCode) }));
  }

  async #view(call: AttemptedCall, operation: string, named: string | null): Promise<AgencyView> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    if (named !== null && isLimited(view) && !view.sees(named)) await this.#deps.agencies.attempts.record(call, operation, [{ kind: 'agency', target: named }]);
    return view;
  }
}

const filterOf = (view: AgencyView, { code, procedureCode, underCode, state, level }: ServiceFilterInput): ServiceFilter => ({
  agencyCodes: view.agencyCodes,
  ...(code == null ? {} : { code: cleanCode(code) }),
  ...(procedureCode == null ? {} : { procedureCode: cleanCode(procedureCode) }),
  ...(underCode == null ? {} : { underCodes: codesUnder(view, underCode) }),
  ...(state == null ? {} : { state }),
  ...(level == null ? {} : { levels: REGISTERED_LEVELS.filter((registered) => LEVEL_MEANINGS[registered].current === level) }),
});
