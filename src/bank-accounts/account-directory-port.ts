import type { BeneficiaryAccount, PaymentGateway } from '../payments/payment-gateway-port.js';
import type { FeeKind } from '../payments/payment.js';
import type { Queryable } from '../store/database.js';

/** Which account is wanted. */
export interface AccountNeed {
  readonly agencyCode: string;
  readonly feeKinds: readonly FeeKind[];
  readonly gateway: Pick<PaymentGateway, 'party' | 'accountRegistration'>;
  readonly at: Date;
}

export interface UsableAccount {
  readonly id: string;
  readonly account: BeneficiaryAccount;
}

/** Accounts as payments and readiness need them. Numbers are in the open here, and nowhere else. */
export interface AccountDirectory {
  /** The agency's own active account for all these kinds, valid on the day, past its cooling period, and known to the gateway; null where there is none. */
  usableFor(client: Queryable, need: AccountNeed): Promise<UsableAccount | null>;
  /** Whatever its state: a payment opened on an account ends on it. */
  byId(id: string): Promise<UsableAccount | null>;
  /** Keyed digest by which a number is found. Spaces and dots do not count. */
  indexOf(number: string): Buffer;
  /** Which of these agencies have an account that can be used today. */
  activeAccountAgencies(agencyCodes: readonly string[]): Promise<ReadonlySet<string>>;
}
