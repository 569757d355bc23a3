/**
 * One attempt to pay fee items of a dossier at one gateway, under one reference. The words: created (durable, the gateway may
 * not have heard of it), awaiting (the citizen can pay), unknown (the gateway may have it; it is asked), paid, failed (the gateway said
 * so), expired (its time is over and nothing was paid), cancelled (by us, unpaid), refunding, refunded, disputed (money was taken and
 * is held back or was reversed).
 */
export const PAYMENT_STATES = ['CREATED', 'AWAITING', 'UNKNOWN', 'PAID', 'FAILED', 'EXPIRED', 'CANCELLED', 'REFUNDING', 'REFUNDED', 'DISPUTED'] as const;
export type PaymentState = (typeof PAYMENT_STATES)[number];

/**
 * Who tells: our own call that opened it, a verified callback, the gateway's answer to our question, its statement, the clock, the
 * portal, an operator, or the outcome of a refund.
 */
export type PaymentSource = 'open' | 'callback' | 'query' | 'statement' | 'clock' | 'portal' | 'operator' | 'refund';

export interface PaymentMove {
  readonly from: PaymentState;
  readonly to: PaymentState;
  readonly by: readonly PaymentSource[];
}

const THE_GATEWAY: readonly PaymentSource[] = ['callback', 'query', 'statement'];

/** Legal moves as data; any other is recorded and not applied. The diagram in the documents is generated from it. */
export const PAYMENT_MOVES: readonly PaymentMove[] = [
  { from: 'CREATED', to: 'AWAITING', by: ['open', 'callback', 'query'] },
  { from: 'CREATED', to: 'UNKNOWN', by: ['open', 'clock'] },
  // The clock's, where opening sends nothing: its process died before anybody was shown how to pay.
  { from: 'CREATED', to: 'FAILED', by: ['open', 'clock', ...THE_GATEWAY] },
  { from: 'CREATED', to: 'PAID', by: THE_GATEWAY },
  { from: 'CREATED', to: 'DISPUTED', by: THE_GATEWAY },
  { from: 'AWAITING', to: 'PAID', by: [...THE_GATEWAY, 'operator'] },
  { from: 'AWAITING', to: 'FAILED', by: [...THE_GATEWAY, 'operator'] },
  { from: 'AWAITING', to: 'DISPUTED', by: THE_GATEWAY },
  { from: 'AWAITING', to: 'EXPIRED', by: ['clock', 'query'] },
  { from: 'AWAITING', to: 'CANCELLED', by: ['portal', 'operator'] },
  { from: 'UNKNOWN', to: 'AWAITING', by: ['callback', 'query'] },
  { from: 'UNKNOWN', to: 'PAID', by: [...THE_GATEWAY, 'operator'] },
  { from: 'UNKNOWN', to: 'FAILED', by: [...THE_GATEWAY, 'operator'] },
  { from: 'UNKNOWN', to: 'DISPUTED', by: THE_GATEWAY },
  // Only on the gateway's word, after its own settle time, that it has nothing.
  { from: 'UNKNOWN', to: 'EXPIRED', by: ['query'] },
  // A late success is kept, never lost; where its fees are paid or being paid otherwise it is a surplus and due back.
  { from: 'FAILED', to: 'PAID', by: [...THE_GATEWAY, 'operator'] },
  { from: 'FAILED', to: 'DISPUTED', by: THE_GATEWAY },
  { from: 'EXPIRED', to: 'PAID', by: [...THE_GATEWAY, 'operator'] },
  { from: 'EXPIRED', to: 'DISPUTED', by: THE_GATEWAY },
  { from: 'CANCELLED', to: 'PAID', by: [...THE_GATEWAY, 'operator'] },
  { from: 'CANCELLED', to: 'DISPUTED', by: THE_GATEWAY },
  { from: 'PAID', to: 'DISPUTED', by: ['query', 'statement', 'operator'] },
  // By a refund: persons had called it not done, and the gateway did it.
  { from: 'PAID', to: 'REFUNDING', by: ['operator', 'refund'] },
  { from: 'DISPUTED', to: 'PAID', by: [...THE_GATEWAY, 'operator'] },
  { from: 'DISPUTED', to: 'FAILED', by: ['query', 'statement', 'operator'] },
  // A refused refund, or a part given back.
  { from: 'REFUNDING', to: 'PAID', by: ['refund'] },
  { from: 'REFUNDING', to: 'REFUNDED', by: ['refund'] },
];

export const mayPaymentMove = (from: PaymentState, to: PaymentState, by: PaymentSource): boolean =>
  PAYMENT_MOVES.some((move) => move.from === from && move.to === to && move.by.includes(by));

/** While it holds its fee items no other payment of them is opened. */
export const OPEN_PAYMENT_STATES: readonly PaymentState[] = ['CREATED', 'AWAITING', 'UNKNOWN', 'DISPUTED'];

/** Phí or lệ phí. */
export type FeeKind = 'FEE' | 'CHARGE';

/** Something that a dossier's citizen has to pay, named by the portal's own key, unique within the dossier. */
export interface FeeItem {
  readonly key: string;
  readonly kind: FeeKind;
  readonly name: string;
  readonly amountVnd: number;
}

/** Who pays, as the portal says. Personal data: sealed at rest. */
export interface Payer {
  readonly name: string;
  readonly idNumber: string | null;
  readonly address: string | null;
  readonly province: string | null;
  readonly district: string | null;
}

export interface Payment {
  /** Decimal id of the row; people know it by `reference`. */
  readonly id: string;
  /** What gateway, bank and receipt know it by: `OG` and 13 characters of 0-9A-Z without I, L, O and U. */
  readonly reference: string;
  readonly dossierCode: string;
  readonly agencyCode: string;
  readonly client: string;
  /** Party that runs the gateway. */
  readonly gateway: string;
  readonly accountId: string;
  readonly amountVnd: number;
  readonly paidVnd: number;
  readonly refundedVnd: number;
  readonly state: PaymentState;
  /** Paid although its fee items are paid, or being paid, by another: due back unless decided otherwise. */
  readonly surplus: boolean;
  /** Why a person must look; null while none must. */
  readonly personReason: string | null;
  readonly gatewayTransaction: string | null;
  readonly createdAt: Date;
  /** When the opening call may first have reached the gateway; null before. */
  readonly sentAt: Date | null;
  readonly expiresAt: Date;
  readonly stateAt: Date;
  readonly paidAt: Date | null;
}
