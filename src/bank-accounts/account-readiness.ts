import type { BilingualText } from '../errors/gateway-error.js';
import type { FeeKind } from '../payments/payment.js';
import type { BankAccountState, NameCheck } from './bank-account.js';
import type { PayableGateway } from './payable-gateway.js';

export const PAYMENT_GAPS = ['ACCOUNT', 'NAME_CHECK', 'APPROVAL', 'COOLING', 'SUSPENDED', 'VALIDITY', 'GATEWAY', 'REGISTRATION'] as const;
export type PaymentGap = (typeof PAYMENT_GAPS)[number];

/** What is missing, and what to do about it. */
export const GAP_TEXTS: Readonly<Record<PaymentGap, BilingualText>> = {
  ACCOUNT: { vi: 'Chưa đăng ký tài khoản thụ hưởng', en: 'No bank account is registered' },
  NAME_CHECK: { vi: 'Chờ ngân hàng trả lời tên chủ tài khoản', en: 'A bank has not told the holder\'s name yet' },
  APPROVAL: { vi: 'Chờ người thứ hai duyệt tài khoản', en: 'A second person has not approved the account' },
  COOLING: { vi: 'Tài khoản đã duyệt, đang trong thời gian chờ', en: 'The account is approved and in its cooling period' },
  SUSPENDED: { vi: 'Tài khoản đang tạm dừng', en: 'The account is suspended' },
  VALIDITY: { vi: 'Tài khoản chưa đến hoặc đã quá thời hạn', en: 'The account is not valid today' },
  GATEWAY: { vi: 'Chưa có cổng thanh toán nào phục vụ cơ quan', en: 'No payment gateway serves the agency' },
  REGISTRATION: { vi: 'Tài khoản chưa được khai báo với cổng thanh toán', en: 'No gateway has been told of the account' },
};

/** What readiness must know of an account that is or may become of use. */
export interface AccountFacts {
  readonly agencyCode: string;
  readonly state: BankAccountState;
  readonly nameCheck: NameCheck;
  readonly feeKinds: readonly FeeKind[];
  readonly isValidToday: boolean;
  /** Gateways at which a person registered it. */
  readonly registeredAt: readonly string[];
}

export interface PaymentAbility {
  readonly able: boolean;
  readonly missing: readonly PaymentGap[];
  /** Kinds of fees that can be paid now. */
  readonly feeKinds: readonly FeeKind[];
  /** Gateways through which they can. */
  readonly gateways: readonly string[];
}

const KINDS: readonly FeeKind[] = ['FEE', 'CHARGE'];

const accepts = (gateway: PayableGateway, { registeredAt }: AccountFacts): boolean => gateway.accountRegistration === 'in-order' || registeredAt.includes(gateway.party);

/** What each account lacks by itself. */
const gapOf = ({ state, nameCheck, isValidToday }: AccountFacts): PaymentGap | null => {
  if (state === 'REQUESTED') return nameCheck === 'NOT_CHECKED' || nameCheck === 'UNAVAILABLE' ? 'NAME_CHECK' : 'APPROVAL';
  if (state === 'COOLING' || state === 'SUSPENDED') return state;
  return isValidToday ? null : 'VALIDITY';
};

/** Whether fees of an agency can be paid now, and if not what is missing. `gateways`: those that serve it. Pure. */
export const judgeAbility = (accounts: readonly AccountFacts[], gateways: readonly PayableGateway[]): PaymentAbility => {
  const usable = accounts.filter((account) => gapOf(account) === null);
  const through = gateways.filter((gateway) => usable.some((account) => accepts(gateway, account)));
  const paying = usable.filter((account) => through.some((gateway) => accepts(gateway, account)));
  const found = new Set<PaymentGap | null>(usable.length > 0 ? [] : accounts.length === 0 ? ['ACCOUNT'] : accounts.map(gapOf));
  if (gateways.length === 0) found.add('GATEWAY');
  else if (usable.length > 0 && through.length === 0) found.add('REGISTRATION');
  return {
    able: through.length > 0, missing: PAYMENT_GAPS.filter((gap) => found.has(gap)),
    feeKinds: KINDS.filter((kind) => paying.some(({ feeKinds }) => feeKinds.includes(kind))), gateways: through.map(({ party }) => party),
  };
};
