import { until, type Chapter } from './demo-story.js';
import { callGraphql } from './graphql-client.js';
import type { RunningInfo } from './running-file.js';

interface Parcel {
  readonly number: string;
  readonly carrier: string;
  readonly carrierNumber: string | null;
  readonly state: string;
  readonly stateLabel: { readonly vi: string };
  readonly waybill: string | null;
}

export interface DemoParcel {
  readonly running: RunningInfo;
  readonly key: string;
  readonly code: string;
}

/** The one whose sandbox moves parcels on command. */
const CARRIER = 'vnpost';

const ORDER = `mutation Bring($key: IdempotencyKey!, $code: ID!) {
  orderReturn(idempotencyKey: $key, order: { dossierCode: $code, carrier: "${CARRIER}", recipient: {
    name: "Nguyễn Thị Minh Hoạ", phone: "0987000111", address: { epoch: TWO_LEVEL, province: "Ninh Bình", commune: "Phường Hoa Lư", street: "Số 9, ngõ 12, đường Đinh Tiên Hoàng" } } }) {
    __typename
    ... on ShipmentSaved { shipment { number } }
    ... on ShipmentAddressUnknown { level suggestions message { vi en } }
    ... on ShipmentUnderWay { numbers }
    ... on ShipmentActionRefused { code message { vi en } problems { field code } }
    ... on IdempotencyConflict { message { vi en } }
  }
}`;

const READ = 'query Parcel($number: ID!) { shipment(number: $number) { number carrier carrierNumber state stateLabel { vi } waybill } }';

/** The result goes home by post. */
export class ParcelStory {
  readonly #demo: DemoParcel;
  #number = '';

  constructor(demo: DemoParcel) {
    this.#demo = demo;
  }

  /** Null where the carrier runs in no sandbox here: a real one would send a courier. */
  static of(demo: DemoParcel): ParcelStory | null {
    return demo.running.sandboxes.some(({ party }) => party === CARRIER) ? new ParcelStory(demo) : null;
  }

  chapters(): readonly Chapter[] {
    return [
      { title: 'Result by post', first: () => this.#order(), then: () => this.#untilOrdered() },
      { title: 'At the citizen\'s door', first: () => this.#carry(), then: () => this.#untilDelivered() },
    ];
  }

  /** Lines for the end of the story. */
  async summary(): Promise<readonly string[]> {
    const parcel = await this.#parcel();
    return [`Parcel ${parcel.number} of ${parcel.carrier}: ${parcel.state} (${parcel.stateLabel.vi}), its number ${parcel.carrierNumber ?? 'not told'}.`, ...(parcel.waybill === null ? [] : [`Waybill: ${parcel.waybill}`])];
  }

  async #order(): Promise<string> {
    const { code } = this.#demo;
    const { orderReturn } = (await this.#call(ORDER, { key: `demo-${code.replaceAll('.', '_')}-parcel`, code })) as { orderReturn: { shipment?: { number: string } } };
    if (orderReturn.shipment === undefined) throw new Error(`The gateway ordered no parcel: ${JSON.stringify(orderReturn)}`);
    this.#number = orderReturn.shipment.number;
    return 'ordered, and durable here';
  }

  async #untilOrdered(): Promise<string> {
    const { carrier } = await until('the order', async () => {
      const parcel = await this.#parcel();
      return parcel.state === 'REQUESTED' || parcel.state === 'UNKNOWN' ? null : parcel;
    });
    return `${carrier} has the order`;
  }

  async #carry(): Promise<string> {
    const sandbox = this.#demo.running.sandboxes.find(({ party }) => party === CARRIER);
    const reply = await fetch(`${sandbox?.url ?? ''}/control/progress`, { method: 'POST', body: JSON.stringify({ orderNumber: this.#number, path: 'second-try' }) });
    if (!reply.ok) throw new Error(`The sandbox of ${CARRIER} did not carry the parcel: ${String(reply.status)}`);
    return 'nobody there at first, then handed over';
  }

  async #untilDelivered(): Promise<string> {
    await until('the delivery', async () => (await this.#parcel()).state === 'DELIVERED');
    return 'DELIVERED, by the carrier\'s tracking';
  }

  async #parcel(): Promise<Parcel> {
    return ((await this.#call(READ, { number: this.#number })) as { shipment: Parcel }).shipment;
  }

  #call(query: string, variables: object): Promise<Readonly<Record<string, unknown>>> {
    return callGraphql({ url: this.#demo.running.url, key: this.#demo.key }, query, variables);
  }
}
