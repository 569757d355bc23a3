import type { AttemptedCall } from '../agencies/access-attempt-store.js';
import type { Agency } from '../agencies/agency.js';
import { vietnamDay } from '../agencies/agency.js';
import { isLimited } from '../agencies/agency-scope.js';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import { checkPageSize } from '../dossiers/list-cursor.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import { monthOf, monthsBetween } from '../public-services/connected-share.js';
import type { Database } from '../store/database.js';
import { ACCOUNT_COLUMNS } from './account-columns.js';
import { ACCOUNT_ID } from './account-draft.js';
import { judgeAbility } from './account-readiness.js';
import type { AccountFacts, PaymentAbility } from './account-readiness.js';
import { readAccountShares } from './account-share.js';
import type { AccountSharePoint } from './account-share.js';
import type { BankAccountState, NameCheck, SealedBankAccount } from './bank-account.js';
import { OPEN_ACCOUNT_STATES } from './bank-account.js';
import type { PayableGateway } from './payable-gateway.js';

export interface AccountFilter {
  /** This agency and all below it. */
  readonly underCode?: string | null;
  readonly state?: BankAccountState | null;
  readonly bankCode?: string | null;
  readonly nameCheck?: NameCheck | null;
}

/** An account with what stands around it. */
export interface ShownAccount extends SealedBankAccount {
  /** Other agencies whose accounts in use have the same number. */
  readonly otherAgencies: number;
  readonly registeredAt: readonly string[];
  /** Gateways of the agency that a person must still tell of it; none of an account that is over. */
  readonly toRegisterAt: readonly string[];
  readonly agency: Agency | null;
}

export interface AccountChange {
  readonly accountId: string;
  readonly at: Date;
  readonly action: string;
  readonly fromState: BankAccountState | null;
  readonly toState: BankAccountState;
  readonly actor: string;
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AccountNotice {
  readonly id: string;
  readonly accountId: string;
  readonly agencyCode: string;
  readonly kind: string;
  readonly toSealed: string;
  readonly createdAt: Date;
  readonly seenBy: string | null;
  readonly seenAt: Date | null;
}

export interface AgencyAbility extends PaymentAbility {
  readonly agencyCode: string;
  readonly agency: Agency | null;
}

export interface Page { readonly first: number; readonly after: string | null }
export interface Paged<Node> { readonly nodes: readonly Node[]; readonly endCursor: string | null; readonly hasNextPage: boolean }

export interface AccountQueriesDeps {
  readonly database: Database;
  readonly agencies: AgencyAccess;
  readonly gateways: readonly PayableGateway[];
  readonly now: () => Date;
}

const LATEST_CHANGES = 50;
const DEFAULT_MONTHS = 12;

const idOfCursor = (cursor: string): string => {
  const id = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!ACCOUNT_ID.test(id)) throw new UserInputError([problemAt('after', breach('CURSOR', 'Con trỏ không hợp lệ', 'This is no cursor of this list'))]);
  return id;
};

const pageOf = <Node extends { readonly id: string }>(rows: readonly Node[], first: number): Paged<Node> => {
  const nodes = rows.slice(0, first);
  const last = nodes.at(-1);
  return { nodes, hasNextPage: rows.length > first, endCursor: last === undefined ? null : Buffer.from(last.id).toString('base64url') };
};

/** Identities of the agencies under a code; the code itself where no tree was imported. */
const identitiesUnder = ({ tree }: AgencyView, code: string): readonly string[] => (tree.isEmpty ? [code] : [...tree.subtree(code)].map((agency) => agency.code));

/** The agency's codes and those of the agencies above it: whose gateways serve it. */
const lineageOf = ({ tree }: AgencyView, agencyCode: string): readonly string[] => {
  const agency = tree.find(agencyCode);
  return agency === null ? [agencyCode] : [agency, ...tree.ancestors(agency)].flatMap(({ code, codes }) => [code, ...codes.map((known) => known.code)]);
};

/** What callers read of accounts, each within its scope. */
export class AccountQueries {
  readonly #deps: AccountQueriesDeps;

  constructor(deps: AccountQueriesDeps) {
    this.#deps = deps;
  }

  /** The newest first. Throws UserInputError for a page size or cursor that cannot be. */
  async list(call: AttemptedCall, filter: AccountFilter, { first, after }: Page): Promise<Paged<ShownAccount>> {
    const size = checkPageSize(first);
    const view = await this.#view(call, 'bankAccounts', filter.underCode ?? null);
    const under = filter.underCode == null ? null : identitiesUnder(view, filter.underCode);
    const rows = await this.#accounts(view, `($2::text[] IS NULL OR a.agency_code = ANY ($2)) AND ($3::text IS NULL OR a.state = $3) AND ($4::text IS NULL OR a.bank_code = $4)
      AND ($5::text IS NULL OR a.name_check = $5) AND ($6::bigint IS NULL OR a.id < $6) ORDER BY a.id DESC LIMIT $7`,
    [under, filter.state ?? null, filter.bankCode ?? null, filter.nameCheck ?? null, after === null ? null : idOfCursor(after), size + 1]);
    return pageOf(rows, size);
  }

  /** In the order of ids; null for one outside the caller's scope, like one that is not there. */
  async byIds(call: AttemptedCall, ids: readonly string[]): Promise<readonly (ShownAccount | null)[]> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    const known = ids.filter((id) => ACCOUNT_ID.test(id));
    const rows = known.length === 0 ? [] : await this.#accounts(view, 'a.id = ANY ($2)', [known]);
    return ids.map((id) => rows.find((row) => row.id === id) ?? null);
  }

  /** The newest changes of each, in the order of ids. */
  async histories(ids: readonly string[]): Promise<readonly (readonly AccountChange[])[]> {
    const { rows } = await this.#deps.database.query<AccountChange>({
      text: `SELECT h.account_id AS "accountId", h.at, h.action, h.from_state AS "fromState", h.to_state AS "toState", h.actor, h.reason, h.detail FROM unnest($1::bigint[]) AS w (id)
             CROSS JOIN LATERAL (SELECT * FROM bank_account_history c WHERE c.account_id = w.id ORDER BY c.id DESC LIMIT $2) h ORDER BY h.id DESC`,
      values: [ids, LATEST_CHANGES],
    });
    return ids.map((id) => rows.filter(({ accountId }) => accountId === id));
  }

  async notices(call: AttemptedCall, unseenOnly: boolean, { first, after }: Page): Promise<Paged<AccountNotice>> {
    const size = checkPageSize(first);
    const { agencyCodes } = await this.#deps.agencies.scope.viewOf(call.caller);
    const { rows } = await this.#deps.database.query<AccountNotice>({
      text: `SELECT n.id, n.account_id AS "accountId", a.agency_code AS "agencyCode", n.kind, n.to_sealed AS "toSealed", n.created_at AS "createdAt", n.seen_by AS "seenBy", n.seen_at AS "seenAt"
             FROM bank_account_notices n JOIN bank_accounts a ON a.id = n.account_id
             WHERE ($1::text[] IS NULL OR a.agency_code = ANY ($1)) AND (NOT $2 OR n.seen_at IS NULL) AND ($3::bigint IS NULL OR n.id < $3) ORDER BY n.id DESC LIMIT $4`,
      values: [agencyCodes, unseenOnly, after === null ? null : idOfCursor(after), size + 1],
    });
    return pageOf(rows, size);
  }

  /** Null for an agency that the caller may not know, like one that is not there. */
  async ability(call: AttemptedCall, agencyCode: string): Promise<AgencyAbility | null> {
    const view = await this.#view(call, 'paymentReadiness', agencyCode);
    const agency = view.tree.find(agencyCode);
    if (!view.sees(agencyCode) || (agency === null && !view.tree.isEmpty)) return null;
    const [found] = await this.#abilities(view, [agency?.code ?? agencyCode]);
    return found ?? null;
  }

  /** Each agency in office within the scope, in the order of codes. */
  async abilities(call: AttemptedCall, underCode: string | null): Promise<readonly AgencyAbility[]> {
    const view = await this.#view(call, 'paymentReadinessByAgency', underCode);
    const today = vietnamDay(this.#deps.now());
    const under = underCode === null ? null : new Set(identitiesUnder(view, underCode));
    const inOffice = view.tree.agencies.filter(({ code, active }) => view.sees(code) && (active.until === null || active.until >= today) && (under === null || under.has(code)));
    return this.#abilities(view, inOffice.map(({ code }) => code));
  }

  /** The last twelve months where none are named. Throws UserInputError. */
  async shares(call: AttemptedCall, { fromMonth, untilMonth, underCode }: { fromMonth: string | null; untilMonth: string | null; underCode: string | null }): Promise<readonly (AccountSharePoint & { readonly month: string })[]> {
    const now = this.#deps.now();
    const view = await this.#view(call, 'bankAccountShare', underCode);
    const under = underCode === null ? view.agencyCodes : identitiesUnder(view, underCode).filter((code) => view.sees(code));
    const months = monthsBetween(fromMonth ?? monthOf(now, DEFAULT_MONTHS - 1), untilMonth ?? monthOf(now), now);
    const points = await readAccountShares(this.#deps.database, months.map(({ at }) => at), under);
    return points.map((point, index) => ({ ...point, month: months[index]?.month ?? '' }));
  }

  async #abilities(view: AgencyView, codes: readonly string[]): Promise<readonly AgencyAbility[]> {
    const { rows } = await this.#deps.database.query<AccountFacts>({
      text: `SELECT a.agency_code AS "agencyCode", a.state, a.name_check AS "nameCheck", a.fee_kinds AS "feeKinds",
               a.valid_from <= $2::date AND (a.valid_to IS NULL OR a.valid_to >= $2::date) AS "isValidToday",
               ARRAY(SELECT r.gateway FROM bank_account_registrations r WHERE r.account_id = a.id) AS "registeredAt"
             FROM bank_accounts a WHERE a.agency_code = ANY ($1) AND a.state = ANY ($3)`,
      values: [codes, vietnamDay(this.#deps.now()), OPEN_ACCOUNT_STATES],
    });
    return codes.map((agencyCode) => ({
      agencyCode, agency: view.tree.find(agencyCode), ...judgeAbility(rows.filter((row) => row.agencyCode === agencyCode), this.#serving(view, agencyCode)),
    }));
  }

  async #accounts(view: AgencyView, condition: string, values: readonly unknown[]): Promise<readonly ShownAccount[]> {
    const { rows } = await this.#deps.database.query<Omit<ShownAccount, 'agency' | 'toRegisterAt'>>({
      text: `SELECT ${ACCOUNT_COLUMNS}, ARRAY(SELECT r.gateway FROM bank_account_registrations r WHERE r.account_id = a.id ORDER BY 1) AS "registeredAt",
               (SELECT count(DISTINCT o.agency_code)::integer FROM bank_accounts o WHERE o.number_index = a.number_index AND o.agency_code <> a.agency_code
                  AND o.state IN ('REQUESTED', 'COOLING', 'ACTIVE', 'SUSPENDED')) AS "otherAgencies"
             FROM bank_accounts a WHERE ($1::text[] IS NULL OR a.agency_code = ANY ($1)) AND ${condition}`,
      values: [view.agencyCodes, ...values],
    });
    return rows.map((row) => ({ ...row, agency: view.tree.find(row.agencyCode), toRegisterAt: this.#untold(view, row) }));
  }

  #serving(view: AgencyView, agencyCode: string): readonly PayableGateway[] {
    const lineage = lineageOf(view, agencyCode);
    return this.#deps.gateways.filter((gateway) => gateway.serves(lineage));
  }

  #untold(view: AgencyView, { state, agencyCode, registeredAt }: Pick<ShownAccount, 'state' | 'agencyCode' | 'registeredAt'>): readonly string[] {
    if (!OPEN_ACCOUNT_STATES.includes(state)) return [];
    return this.#serving(view, agencyCode).filter(({ accountRegistration, party }) => accountRegistration === 'by-hand' && !registeredAt.includes(party)).map(({ party }) => party);
  }

  async #view(call: AttemptedCall, operation: string, named: string | null): Promise<AgencyView> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    if (named !== null && isLimited(view) && !view.sees(named)) await this.#deps.agencies.attempts.record(call, operation, [{ kind: 'agency', target: named }]);
    return view;
  }
}

