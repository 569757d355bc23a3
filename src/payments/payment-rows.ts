import type { FeeItem, FeeKind, Payment, PaymentSource, PaymentState } from './payment.js';

/** The part of an order that is no personal data and is repeated to the letter. */
export interface OrderData {
  /** Nearest first. */
  readonly agencyCodes: readonly string[];
  readonly agencyName: string;
  readonly procedureCode: string;
  readonly procedureName: string;
  readonly language: 'vi' | 'en';
}

/** A payment as stored. */
export interface PaymentRow extends Payment {
  readonly moneyGoes: 'transit' | 'direct';
  readonly gatewayData: Readonly<Record<string, string>>;
  readonly orderData: OrderData;
  /** Sealed; null where it was erased. */
  readonly content: string | null;
  /** Where the citizen pays, sealed: gateways want his address in it. */
  readonly linkSealed: string | null;
  /** Content of the QR code to show, sealed. */
  readonly qrSealed: string | null;
  readonly askAt: Date | null;
  readonly asks: number;
  readonly giveUpAt: Date | null;
}

type NumbersAsText = 'amountVnd' | 'paidVnd' | 'refundedVnd';
export type StoredPayment = Omit<PaymentRow, NumbersAsText> & Readonly<Record<NumbersAsText, string>>;

export const PAYMENT_COLUMNS = `p.id, p.reference, p.dossier_code AS "dossierCode", p.agency_code AS "agencyCode", p.client, p.gateway, p.money_goes AS "moneyGoes",
  p.account_id AS "accountId", p.amount_vnd AS "amountVnd", p.paid_vnd AS "paidVnd", p.refunded_vnd AS "refundedVnd", p.state, p.surplus,
  p.person_reason AS "personReason", p.pay_url AS "linkSealed", p.qr_sealed AS "qrSealed", p.gateway_transaction AS "gatewayTransaction",
  p.gateway_data AS "gatewayData", p.order_data AS "orderData", p.content, p.created_at AS "createdAt", p.sent_at AS "sentAt", p.expires_at AS "expiresAt",
  p.state_at AS "stateAt", p.paid_at AS "paidAt", p.ask_at AS "askAt", p.asks, p.give_up_at AS "giveUpAt"`;

/** PostgreSQL's bigint comes as text; amounts end far below 2^53. */
export const toPayment = (row: StoredPayment): PaymentRow =>
  ({ ...row, amountVnd: Number(row.amountVnd), paidVnd: Number(row.paidVnd), refundedVnd: Number(row.refundedVnd) });

/** A fee as a payment sees it: with what the dossier owes now and what the payment was opened for. */
export interface HeldItem {
  readonly id: string;
  readonly amountVnd: number;
  readonly openedVnd: number;
  readonly openPayment: string | null;
  readonly paidBy: string | null;
  readonly dropped: boolean;
}

/** Something that a dossier owes, with its state. */
export interface FeeRow extends FeeItem {
  readonly id: string;
  readonly dossierCode: string;
  readonly agencyCode: string;
  readonly client: string;
  readonly openPayment: string | null;
  readonly paidBy: string | null;
  readonly droppedAt: Date | null;
}

export interface StoredFee extends Omit<FeeRow, 'amountVnd' | 'kind'> {
  readonly kind: FeeKind;
  readonly amountVnd: string;
}

export const FEE_COLUMNS = `f.id, f.dossier_code AS "dossierCode", f.key, f.kind, f.name, f.amount_vnd AS "amountVnd", f.agency_code AS "agencyCode", f.client,
  f.open_payment AS "openPayment", f.paid_by AS "paidBy", f.dropped_at AS "droppedAt"`;

export const toFee = (row: StoredFee): FeeRow => ({ ...row, amountVnd: Number(row.amountVnd) });

/** One row of a payment's history. */
export interface PaymentEvent {
  readonly at: Date;
  readonly source: PaymentSource;
  readonly fromState: PaymentState | null;
  readonly toState: PaymentState;
  readonly applied: boolean;
  readonly reason: string | null;
  readonly code: string | null;
  readonly amountVnd: number | null;
  readonly gatewayTransaction: string | null;
  readonly gatewayAt: Date | null;
  readonly actor: string;
}

/** What is written of one edge, or of one word that moved nothing. */
export interface NewPaymentEvent extends Omit<PaymentEvent, 'at'> {
  readonly callbackId: string | null;
}
