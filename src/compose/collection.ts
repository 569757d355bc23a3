import type { AccountDirectory } from '../bank-accounts/account-directory-port.js';
import type { CoreConfig } from '../config.js';
import type { PaymentGateway } from '../payments/payment-gateway-port.js';
import type { PaymentModule } from '../payments/payment-module.js';
import type { StatementReader } from '../payments/statement-reader-port.js';
import { Collection } from '../postal/collection.js';
import { createCollectionGateway } from '../postal/collection-gateway.js';
import { collectionStatements } from '../postal/collection-statement.js';
import type { PostalCarrier } from '../postal/postal-carrier-port.js';

/** Carriers that collect money at the door, as payments see them. */
export const collectorsOf = (carriers: readonly PostalCarrier[]): readonly PaymentGateway[] => carriers.filter(({ collectsMoney }) => collectsMoney).map(createCollectionGateway);

/** How their statements are read. */
export const collectionReaders = (collectors: readonly PaymentGateway[]): ReadonlyMap<string, StatementReader> => new Map(collectors.map(({ party }) => [party, collectionStatements(party)]));

/** Null where no carrier collects. */
export const createCollection = ({ core, payments, accounts, collectors }: {
  readonly core: CoreConfig; readonly payments: PaymentModule; readonly accounts: AccountDirectory; readonly collectors: readonly PaymentGateway[];
}): Collection | null =>
  (collectors.length === 0 ? null : new Collection({ payments, accounts, gateways: new Map(collectors.map((gateway) => [gateway.party, gateway])), payoutWithinMs: core.post.payoutWithinMs, now: () => new Date() }));
