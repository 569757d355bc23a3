import type { DeliveryOperation, Inquiry, SendResult, Settled, Unsendable, WhenUnknown } from '../deliveries/delivery-operation.js';
import type { LeasedDelivery } from '../deliveries/delivery.js';
import type { PartyCall } from '../deliveries/party-call.js';
import { SealedFieldError } from '../errors/sealed-field-error.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { DossierNotices } from './dossier-notices.js';
import { answeredFact } from './heard-facts.js';
import type { DossierNotice, PostalCarrier, ShipmentOrder } from './postal-carrier-port.js';
import type { ShipmentBook } from './shipment-book.js';
import { orderOf, refOf } from './shipment-orders.js';
import type { ShipmentRow } from './shipment-rows.js';
import type { PostKind, ShipmentSettling } from './shipment-settling.js';
import type { ShipmentStore } from './shipment-store.js';

/** What deliveries carry for parcels. */
export const CREATE_OPERATION = 'create-shipment';
export const CANCEL_OPERATION = 'cancel-shipment';
export const ANNOUNCE_OPERATION = 'announce-dossier';

export interface ShipmentOperationDeps {
  readonly database: Database;
  readonly store: ShipmentStore;
  readonly cipher: FieldCipher;
  readonly book: ShipmentBook;
  readonly notices: DossierNotices;
  readonly settling: ShipmentSettling;
  readonly maxAgeMs: number;
}

interface Owed<Content> {
  readonly row: ShipmentRow;
  readonly content: Content;
}

/** What was erased is not sent, nor what no key opens. */
const loading = <Content>({ database, store }: ShipmentOperationDeps, contentOf: (row: ShipmentRow) => Promise<Content | null> | Content | null) =>
  async (deliveries: readonly LeasedDelivery[]): Promise<ReadonlyMap<string, Owed<Content> | Unsendable>> => {
    const rows = new Map((await store.byIds(database, deliveries.map(({ subjectId }) => subjectId))).map((row) => [row.id, row]));
    const loaded = new Map<string, Owed<Content> | Unsendable>();
    for (const { id, subjectId } of deliveries) {
      const row = rows.get(subjectId);
      if (row === undefined) continue;
      try {
        const content = await contentOf(row);
        loaded.set(id, content === null ? { unsendable: 'content-missing' } : { row, content });
      } catch (error) {
        if (!(error instanceof SealedFieldError)) throw error;
        loaded.set(id, { unsendable: 'content-unreadable' });
      }
    }
    return loaded;
  };

/** A carrier that recognises our number gets it again; one that does not is asked first; where neither is possible, a person finds out. */
const whenCreationUnknown = ({ recognisesRepeats, questions, inFlightMs: afterMs }: PostalCarrier): WhenUnknown => {
  if (recognisesRepeats) return { act: 'repeat', afterMs, because: 'the carrier answers that it has the order already' };
  return questions === null ? { act: 'park' } : { act: 'ask', afterMs };
};

/** Everything that is owed to one carrier. */
export const createShipmentOperations = (carrier: PostalCarrier, deps: ShipmentOperationDeps): readonly DeliveryOperation[] => {
  const { announce } = carrier;
  const operations = [createOperation(carrier, deps), cancelOperation(carrier, deps)];
  return (announce === null ? operations : [...operations, announceOperation({ carrier, announce }, deps)]);
};

const settledAs = ({ settling }: ShipmentOperationDeps, kind: PostKind): DeliveryOperation['settled'] => (client, settled: readonly Settled[]) => settling.settle(client, kind, settled);

const createOperation = (carrier: PostalCarrier, deps: ShipmentOperationDeps): DeliveryOperation<Owed<ShipmentOrder>> => {
  const { database, store, book, cipher, maxAgeMs } = deps;
  const { party, recognisesRepeats, questions } = carrier;
  const base = {
    party, name: CREATE_OPERATION, effect: recognisesRepeats ? 'keyed' : 'unsafe', whenUnknown: whenCreationUnknown(carrier), maxAgeMs,
    load: loading(deps, (row) => orderOf(cipher, row)), settled: settledAs(deps, 'create'),
    send: async ({ row, content }: Owed<ShipmentOrder>, call: PartyCall): Promise<SendResult> => {
      const answer = await carrier.create(content, call);
      if (answer.kind === 'rejected') return answer;
      await store.keepTaken(database, row.id, answer);
      return { kind: 'accepted' };
    },
  } as const;
  if (questions === null || recognisesRepeats) return base;
  const ask = async ({ row }: Owed<ShipmentOrder>, call: PartyCall): Promise<Inquiry> => {
    const found = (await questions.ask([refOf(row)], call)).get(row.orderNumber);
    if (found === undefined) return { kind: 'not-done' };
    await store.keepTaken(database, row.id, { ...found, feeVnd: null });
    await database.transaction((client) => book.record(client, party, found.events.map((event) => answeredFact(event))));
    return { kind: 'done' };
  };
  return { ...base, ask };
};

const cancelOperation = (carrier: PostalCarrier, deps: ShipmentOperationDeps): DeliveryOperation<Owed<ShipmentRow>> => ({
  party: carrier.party, name: CANCEL_OPERATION, effect: 'keyed', maxAgeMs: deps.maxAgeMs, load: loading(deps, (row) => row), settled: settledAs(deps, 'cancel'),
  whenUnknown: { act: 'repeat', afterMs: carrier.inFlightMs, because: 'cancelling what is cancelled changes nothing' },
  // What the carrier refused, or ended meanwhile, has nothing left to cancel.
  send: ({ row }, call) => (row.endedAt === null ? carrier.cancel(refOf(row), call) : Promise.resolve({ kind: 'accepted' })),
});

const announceOperation = ({ carrier, announce }: { readonly carrier: PostalCarrier; readonly announce: NonNullable<PostalCarrier['announce']> }, deps: ShipmentOperationDeps): DeliveryOperation<Owed<DossierNotice>> => ({
  party: carrier.party, name: ANNOUNCE_OPERATION, effect: 'keyed', maxAgeMs: deps.maxAgeMs, load: loading(deps, (row) => deps.notices.of(row)), settled: settledAs(deps, 'announce'),
  whenUnknown: { act: 'repeat', afterMs: carrier.inFlightMs, because: 'the carrier keeps one notice of an order number' },
  send: ({ row, content }, call) => (row.endedAt === null ? announce(content, call) : Promise.resolve({ kind: 'accepted' })),
});
