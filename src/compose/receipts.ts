import type { Logger } from 'pino';
import { VNPT_RECEIPT } from '../../adapters/registry.js';
import type { VnptReceipt } from '../../adapters/vnpt-receipt/adapter.js';
import type { VnptReceiptSettings } from '../../adapters/vnpt-receipt/config.js';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { Config, CoreConfig } from '../config.js';
import type { Bell } from '../deliveries/bell-port.js';
import type { FileLinkSigner } from '../files/file-target.js';
import { registerReceiptGauges } from '../observability/receipt-gauges.js';
import type { Metrics } from '../observability/metrics.js';
import type { GatewayReceipts } from '../payments/gateway-receipt-port.js';
import type { PaymentModule } from '../payments/payment-module.js';
import { createReceiptModule, createReceiptOwing } from '../receipts/receipt-module.js';
import type { ReceiptModule } from '../receipts/receipt-module.js';
import type { ReceiptOwing } from '../receipts/receipt-owing.js';
import type { ReceiptIssuer } from '../receipts/receipt-port.js';
import type { Database } from '../store/database.js';
import type { PartyParts } from './payment-parties.js';

/** The issuer of receipts with the hook by which payments owe one. */
export interface ReceiptParty {
  readonly connection: VnptReceipt;
  readonly issuers: readonly ReceiptIssuer[];
  readonly owing: ReceiptOwing;
}

export const connectReceipts = (config: Config, parts: PartyParts): VnptReceipt =>
  VNPT_RECEIPT.create(config.parties.get(VNPT_RECEIPT.party) as VnptReceiptSettings, parts);

export const openReceiptParty = (config: Config, parts: PartyParts): ReceiptParty => {
  const connection = connectReceipts(config, parts);
  const issuers = connection.issuer === null ? [] : [connection.issuer];
  return { connection, issuers, owing: createReceiptOwing(issuers, config.core.receipts) };
};

/** Limits of the deliveries that issuers get. */
export const receiptLimits = ({ connection, issuers }: ReceiptParty) => issuers.map(({ party }) => ({ party, ...connection.pace }));

export const createReceipts = ({ core, party, payments, metrics, ...parts }: {
  readonly database: Database; readonly core: CoreConfig; readonly agencies: AgencyAccess; readonly party: ReceiptParty; readonly payments: PaymentModule;
  readonly bills: readonly GatewayReceipts[]; readonly links: FileLinkSigner; readonly bell: Bell; readonly metrics: Metrics; readonly logger: Logger;
}): ReceiptModule => {
  const receipts = createReceiptModule({
    ...parts, issuers: party.issuers, payments, settings: { ...core.receipts, fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours },
    observe: (labels) => metrics.receipts.inc(labels),
  }, party.owing);
  registerReceiptGauges(metrics, receipts.figures);
  return receipts;
};
