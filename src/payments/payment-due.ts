import type { AgencyDirectory } from '../agencies/agency-directory.js';
import type { AccountDirectory } from '../bank-accounts/account-directory-port.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { DueAnswer, DueLookup } from './due-port.js';
import type { FeeStore } from './fee-store.js';
import { openContent } from './payment-content.js';
import type { PaymentGateway } from './payment-gateway-port.js';
import { agencyOrderData } from './payment-opening.js';
import { itemsOf } from './payment-item-store.js';
import { isReference } from './payment-reference.js';
import type { PaymentStore } from './payment-store.js';

export interface DueDeps {
  readonly database: Database;
  readonly store: PaymentStore;
  readonly fees: FeeStore;
  readonly accounts: AccountDirectory;
  readonly directory: AgencyDirectory;
  readonly byParty: ReadonlyMap<string, PaymentGateway>;
  readonly cipher: FieldCipher;
  readonly now: () => Date;
}

const EVERYTHING = { client: null, agencyCodes: null } as const;
const STILL_PAYABLE: readonly string[] = ['CREATED', 'AWAITING', 'UNKNOWN'];

/** Answers one party from our rows. What is being paid elsewhere is not due: it would be paid twice. */
export class PaymentDue implements DueLookup {
  readonly #deps: DueDeps;
  readonly #gateway: Pick<PaymentGateway, 'party' | 'accountRegistration'>;

  constructor(deps: DueDeps, gateway: Pick<PaymentGateway, 'party' | 'accountRegistration'>) {
    this.#deps = deps;
    this.#gateway = gateway;
  }

  async dueOfDossier(dossierCode: string): Promise<DueAnswer> {
    const { database, fees, accounts, directory, now } = this.#deps;
    const dossier = await fees.dossier(database, dossierCode, EVERYTHING);
    if (dossier === null) return { kind: 'unknown' };
    const owed = (await fees.list(database, [dossierCode])).filter(({ droppedAt, paidBy, openPayment }) => droppedAt === null && paidBy === null && openPayment === null);
    const feeKinds = [...new Set(owed.map(({ kind }) => kind))];
    const account = owed.length === 0 ? null : await accounts.usableFor(database, { agencyCode: dossier.agencyCode, feeKinds, gateway: this.#gateway, at: now() });
    if (account === null) return { kind: 'nothing-due' };
    const { agencyName } = agencyOrderData(await directory.current(), dossier.agencyCode);
    const { procedureCode, procedureName, agencyCode } = dossier;
    return {
      kind: 'due', bill: {
        dossierCode, procedureCode, procedureName, agencyCode, agencyName, account: account.account, payer: null, reference: null,
        items: owed.map(({ key, kind, name, amountVnd }) => ({ key, kind, name, amountVnd })), totalVnd: owed.reduce((sum, { amountVnd }) => sum + amountVnd, 0),
      },
    };
  }

  async dueOfReference(reference: string, merchant: string | null): Promise<DueAnswer> {
    const { database, store, accounts, cipher, byParty } = this.#deps;
    const payment = isReference(reference) ? await store.find(database, reference) : null;
    if (payment?.gateway !== this.#gateway.party) return { kind: 'unknown' };
    // The bill names a person: the service of one agency reads none of another's.
    if ((byParty.get(payment.gateway)?.merchantOf({ agencyCodes: payment.orderData.agencyCodes, gatewayData: payment.gatewayData }) ?? null) !== merchant) return { kind: 'unknown' };
    if (!STILL_PAYABLE.includes(payment.state)) return { kind: 'nothing-due' };
    const [account, items] = await Promise.all([accounts.byId(payment.accountId), itemsOf(database, payment.id)]);
    if (account === null) return { kind: 'unknown' };
    const { procedureCode, procedureName, agencyName } = payment.orderData;
    return {
      kind: 'due', bill: {
        dossierCode: payment.dossierCode, procedureCode, procedureName, agencyCode: payment.agencyCode, agencyName, items, totalVnd: payment.amountVnd,
        account: account.account, payer: openContent(cipher, payment).payer, reference,
      },
    };
  }
}
