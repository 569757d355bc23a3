import type { Caller } from '../access/caller.js';
import type { AgencyModule } from '../agencies/agency-module.js';
import type { AgencyTree } from '../agencies/agency-tree.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { canonicalJson, fingerprintOf } from '../store/idempotency.js';
import { once } from '../store/once.js';
import type { PostalContact, PostalOffices } from './postal-address.js';
import type { PostalOffice, PostalOfficeChange } from './postal-office.js';
import type { PostalOfficeStore } from './postal-office-store.js';
import { parseContact } from './shipment-input.js';
import type { ContactInput } from './shipment-input.js';

export interface PostalOfficeCall {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly idempotencyKey: string;
  readonly reason: string;
}

export type PostalOfficeAnswer =
  | { readonly kind: 'done'; readonly result: { readonly agencyCode: string } }
  | { readonly kind: 'refused'; readonly problems: readonly InputProblem[] }
  | { readonly kind: 'conflict'; readonly key: string };

export interface PostalOfficeDeps {
  readonly database: Database;
  readonly store: PostalOfficeStore;
  readonly agencies: Pick<AgencyModule, 'scope' | 'attempts' | 'directory'>;
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

const UNKNOWN = breach('AGENCY_UNKNOWN', 'Không có cơ quan này trong danh mục', 'There is no such agency in the directory');
const MOST_CHANGES = 100;

/** Postal offices of agencies: set by themselves or by operators, each within their scope. */
export class PostalOfficeDesk implements PostalOffices {
  readonly #deps: PostalOfficeDeps;

  constructor(deps: PostalOfficeDeps) {
    this.#deps = deps;
  }

  /** Codes of either epoch will do; the first that has one, or whose agency has one, wins. */
  async officeOf(agencyCodes: readonly string[]): Promise<PostalContact | null> {
    return (await this.#nearest(await this.#deps.agencies.directory.current(), agencyCodes))?.contact ?? null;
  }

  /** Of the agency or the nearest above it; null where there is none, or the caller may not know the agency. */
  async find(call: Pick<PostalOfficeCall, 'caller' | 'correlationId'>, agencyCode: string): Promise<PostalOffice | null> {
    const { agencies } = this.#deps;
    const { tree, sees, agencyCodes } = await agencies.scope.viewOf(call.caller);
    const agency = sees(agencyCode) ? tree.find(agencyCode) : null;
    if (agency !== null) return this.#nearest(tree, [agency.code, ...tree.ancestors(agency).map(({ code }) => code)]);
    if (agencyCodes !== null) await agencies.attempts.record(call, 'postalOffice', [{ kind: 'agency', target: agencyCode }]);
    return null;
  }

  /** Changes of the agency's own office, newest first; empty for an agency outside the caller's scope. */
  async history({ caller }: Pick<PostalOfficeCall, 'caller'>, agencyCode: string): Promise<readonly PostalOfficeChange[]> {
    const { tree, sees } = await this.#deps.agencies.scope.viewOf(caller);
    const agency = sees(agencyCode) ? tree.find(agencyCode) : null;
    return agency === null ? [] : this.#deps.store.history(this.#deps.database, agency.code, MOST_CHANGES);
  }

  /** `contact` null: the agency has none of its own any more. */
  async set(call: PostalOfficeCall, agencyCode: string, contact: ContactInput | null): Promise<PostalOfficeAnswer> {
    const { database, store, agencies, settings } = this.#deps;
    const { caller, idempotencyKey, reason } = call;
    const { tree, sees, agencyCodes } = await agencies.scope.viewOf(caller);
    const agency = sees(agencyCode) ? tree.find(agencyCode) : null;
    if (agency === null) {
      if (agencyCodes !== null) await agencies.attempts.record(call, 'setPostalOffice', [{ kind: 'agency', target: agencyCode }]);
      return { kind: 'refused', problems: [problemAt('agencyCode', UNKNOWN)] };
    }
    const parsed = contact === null ? { ok: true as const, value: null } : parseContact('contact', contact);
    if (!parsed.ok) return { kind: 'refused', problems: parsed.problems };
    const action = 'set-postal-office';
    const claim = { client: caller.client, key: idempotencyKey, operation: action, keepHours: settings.keepHours, fingerprint: fingerprintOf(settings.fingerprintKey, action, { agencyCode: agency.code, contact: parsed.value, reason }) };
    return database.transaction((client) => once(client, claim, async () => {
      const before = (await store.latest(client, [agency.code])).get(agency.code) ?? null;
      if (canonicalJson(before) !== canonicalJson(parsed.value)) await store.add(client, { agencyCode: agency.code, contact: parsed.value, caller, reason });
      await recordOperatorAction(client, { actor: caller.client, role: caller.role, reason, action, target: `agency/${agency.code}`, detail: { removed: parsed.value === null } });
      return { agencyCode: agency.code };
    }));
  }

  async #nearest(tree: AgencyTree, agencyCodes: readonly string[]): Promise<PostalOffice | null> {
    const identities = agencyCodes.map((code) => tree.find(code)?.code ?? code);
    const known = await this.#deps.store.latest(this.#deps.database, identities);
    for (const agencyCode of identities) {
      const contact = known.get(agencyCode) ?? null;
      if (contact !== null) return { agencyCode, contact };
    }
    return null;
  }
}
