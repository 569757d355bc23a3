import type { AttemptedCall } from '../agencies/access-attempt-store.js';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import { isLimited } from '../agencies/agency-scope.js';
import { UserInputError } from '../errors/gateway-error.js';
import type { CircuitStore } from './circuit-store.js';
import type { Attempt, Delivery } from './delivery.js';
import type { DeliveryOperation } from './delivery-operation.js';
import type { DeliveryFilter, DeliveryStore } from './delivery-store.js';
import { deliveryView, partyView } from './delivery-view.js';
import type { DeliveryView } from './delivery-view.js';
import type { PartyStore } from './party-store.js';
import { operationKey } from './settlement-batcher.js';

export interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

/** Newest deliveries of one dossier that are shown with it. */
const SHOWN_PER_LANE = 200;

/** What operators and the portal read of deliveries and parties. */
export class DeliveryQueries {
  readonly #deliveries: DeliveryStore;
  readonly #parties: PartyStore;
  readonly #circuits: CircuitStore;
  readonly #agencies: AgencyAccess;
  readonly #operations: ReadonlyMap<string, DeliveryOperation>;

  constructor(deps: { deliveries: DeliveryStore; parties: PartyStore; circuits: CircuitStore; operations: readonly DeliveryOperation[]; agencies: AgencyAccess }) {
    this.#deliveries = deps.deliveries;
    this.#parties = deps.parties;
    this.#circuits = deps.circuits;
    this.#agencies = deps.agencies;
    this.#operations = new Map(deps.operations.map((operation) => [operationKey(operation.party, operation.name), operation]));
  }

  /** Null for a delivery of another's dossier too. */
  async findFor(call: AttemptedCall, id: string): Promise<DeliveryView | null> {
    const limits = await this.#agencies.scope.viewOf(call.caller);
    const delivery = await this.#deliveries.find(id, limits);
    if (delivery === null && isLimited(limits)) await this.#agencies.attempts.record(call, 'delivery', [{ kind: 'delivery', target: id }]);
    return delivery === null ? null : this.#view(delivery);
  }

  /** For operators, after an action of theirs. */
  async find(id: string): Promise<DeliveryView | null> {
    const delivery = await this.#deliveries.find(id);
    return delivery === null ? null : this.#view(delivery);
  }

  async list(call: AttemptedCall, filter: DeliveryFilter, page: { readonly first: number; readonly after: string | null }): Promise<Page<DeliveryView>> {
    const before = page.after === null ? null : idOfCursor(page.after);
    const limits = await this.#agencies.scope.viewOf(call.caller);
    const found = await this.#deliveries.list(filter, { limit: page.first + 1, before, limits });
    if (found.length === 0 && filter.lane !== undefined && isLimited(limits)) await this.#agencies.attempts.record(call, 'deliveries', [{ kind: 'dossier', target: filter.lane }]);
    const nodes = found.slice(0, page.first);
    const last = nodes.at(-1);
    return { nodes: nodes.map((delivery) => this.#view(delivery)), pageInfo: { endCursor: last === undefined ? null : cursorOf(last.id), hasNextPage: found.length > page.first } };
  }

  async byLanes(lanes: readonly string[]): Promise<DeliveryView[][]> {
    const found = await this.#deliveries.listByLanes(lanes, SHOWN_PER_LANE);
    return lanes.map((lane) => found.filter((delivery) => delivery.lane === lane).map((delivery) => this.#view(delivery)));
  }

  async attempts(ids: readonly string[]): Promise<Attempt[][]> {
    const found = await this.#deliveries.attempts(ids);
    return ids.map((id) => found.filter((attempt) => attempt.deliveryId === id));
  }

  async waitingBehind(ids: readonly string[]): Promise<number[]> {
    const waiting = await this.#deliveries.waitingBehind(ids);
    return ids.map((id) => waiting.get(id) ?? 0);
  }

  async parties() {
    const [statuses, counts, circuits] = await Promise.all([this.#parties.list(), this.#parties.counts(), this.#circuits.reported()]);
    return statuses.map((status) => partyView(status, { counts: counts.find((entry) => entry.party === status.party), circuits }));
  }

  #view(delivery: Delivery): DeliveryView {
    return deliveryView(delivery, this.#operations.get(operationKey(delivery.party, delivery.operation)));
  }
}

const CURSOR_PREFIX = 'delivery:';

const cursorOf = (id: string): string => Buffer.from(`${CURSOR_PREFIX}${id}`).toString('base64url');

function idOfCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const id = text.slice(CURSOR_PREFIX.length);
  if (text.startsWith(CURSOR_PREFIX) && isDeliveryId(id)) return id;
  throw new UserInputError([{ field: 'after', code: 'CURSOR', message: { en: 'This is not a cursor of this list', vi: 'Con trỏ không hợp lệ' } }]);
}

/** A positive bigint that PostgreSQL can hold. */
export const isDeliveryId = (id: string): boolean => /^[1-9]\d{0,18}$/.test(id) && BigInt(id) <= 9223372036854775807n;
