import { Readable } from 'node:stream';
import type { OpenFile } from '../files/file-store-port.js';
import type { FileReference, FileTarget } from '../files/file-target.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { drawHandover } from './handover-paper.js';
import type { HandoverSource } from './handover-source.js';
import type { PostalCarrier } from './postal-carrier-port.js';
import { openShipment } from './shipment-content.js';
import type { ShipmentContent } from './shipment-content.js';
import type { ShipmentRow } from './shipment-rows.js';
import type { ShipmentStore } from './shipment-store.js';
import { drawWaybill } from './waybill-paper.js';

export interface ShipmentPaperDeps {
  readonly database: Database;
  readonly store: Pick<ShipmentStore, 'byIds'>;
  readonly cipher: FieldCipher;
  readonly carriers: readonly Pick<PostalCarrier, 'party' | 'services'>[];
  readonly dossiers: HandoverSource;
}

interface OpenShipment {
  readonly row: ShipmentRow;
  readonly content: ShipmentContent;
}

type Draw = (shipment: OpenShipment) => Promise<Buffer | null>;

/** One kind of paper of parcels behind signed links, made each time: nothing personal is kept beside the sealed row. */
class ShipmentPaper {
  readonly #deps: ShipmentPaperDeps;
  readonly #prefix: string;
  readonly #draw: Draw;

  constructor(deps: ShipmentPaperDeps, { prefix, draw }: { readonly prefix: string; readonly draw: Draw }) {
    this.#deps = deps;
    this.#prefix = prefix;
    this.#draw = draw;
  }

  /** `reference` is the row of the parcel. */
  async find({ rowId }: FileTarget): Promise<FileReference | null> {
    const row = await this.#row(rowId);
    return row === null ? null : { reference: row.id, name: `${this.#prefix}-${row.orderNumber}.pdf` };
  }

  /** Null where what is personal was erased. @throws SealedFieldError */
  async open(rowId: string): Promise<OpenFile | null> {
    const row = await this.#row(rowId);
    if (row?.content == null) return null;
    const pdf = await this.#draw({ row, content: openShipment(this.#deps.cipher, row.orderNumber, row.content) });
    return pdf === null ? null : { stream: Readable.from([pdf]), sizeBytes: pdf.length };
  }

  async #row(id: string): Promise<ShipmentRow | null> {
    const [row] = await this.#deps.store.byIds(this.#deps.database, [id]);
    return row?.content == null ? null : row;
  }
}

/** Both papers, as createFilesRoute takes them. */
export const createShipmentPapers = (deps: ShipmentPaperDeps) => ({
  'shipment-waybill': new ShipmentPaper(deps, {
    prefix: 'phieu-gui',
    draw: ({ row: { orderNumber, carrierNumber, carrier, service, direction, collectVnd, weightGrams, createdAt }, content }) => {
      const known = deps.carriers.find(({ party }) => party === carrier)?.services.find(({ code }) => code === service);
      return drawWaybill({ ...content, orderNumber, carrierNumber, carrier, service: known?.vi ?? service, direction, collectVnd, weightGrams, createdAt });
    },
  }),
  'shipment-handover': new ShipmentPaper(deps, {
    prefix: 'phieu-ho-so',
    draw: async ({ row: { orderNumber, dossierCode, createdAt }, content: { sender, recipient } }) => {
      const dossier = await deps.dossiers(dossierCode);
      return dossier === null ? null : drawHandover({ ...dossier, orderNumber, dossierCode, sender, recipient, createdAt });
    },
  }),
});
