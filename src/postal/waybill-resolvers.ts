import type { Role } from '../access/caller.js';
import type { FileLinkSigner, FileTarget } from '../files/file-target.js';
import type { GatewayContext } from '../graphql/context.js';
import type { ShipmentShape } from './shipment-view.js';

/** Both papers name the citizen. */
const PAPER_READERS: readonly Role[] = ['portal', 'agency', 'operator', 'supervisor'];

/** Fields of `postal-paper.graphql`. Who was shown the parcel may have its papers, if he may know the citizen. */
export const createShipmentPaperResolvers = ({ links, now }: { readonly links: FileLinkSigner; readonly now: () => Date }) => {
  const link = (source: FileTarget['source']) => ({ rowId, sender, masked }: Pick<ShipmentShape, 'rowId' | 'sender' | 'masked'>, _args: unknown, { caller }: GatewayContext): string | null =>
    (sender === null || masked || !PAPER_READERS.includes(caller.role) ? null : links.sign({ source, rowId, index: 0 }, now()));
  return { Shipment: { waybill: link('shipment-waybill'), handoverList: link('shipment-handover') } };
};
