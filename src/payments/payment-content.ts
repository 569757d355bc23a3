import type { FieldCipher } from '../store/field-cipher.js';
import type { Payer } from './payment.js';

/** What a payment keeps of people: sealed at rest under its reference. */
export interface PaymentContent {
  readonly payer: Payer | null;
  readonly clientIp: string;
  readonly returnUrl: string | null;
}

/** Stands for who pays where the portal does not say, or where it was erased. */
export const NO_CLIENT_IP = '127.0.0.1';
const ERASED: PaymentContent = { payer: null, clientIp: NO_CLIENT_IP, returnUrl: null };

const contextOf = (reference: string): string => `payment/${reference}`;

export const sealContent = (cipher: FieldCipher, reference: string, content: PaymentContent): string => cipher.seal(JSON.stringify(content), contextOf(reference));

/** Of what was erased, only what every order needs. Throws SealedFieldError. */
export const openContent = (cipher: FieldCipher, { reference, content }: { readonly reference: string; readonly content: string | null }): PaymentContent =>
  (content === null ? ERASED : JSON.parse(cipher.open(content, contextOf(reference))) as PaymentContent);

const qrContext = (reference: string): string => `payment/${reference}/qr`;

export const sealQr = (cipher: FieldCipher, reference: string, content: string): string => cipher.seal(content, qrContext(reference));

/** Throws SealedFieldError. */
export const openQr = (cipher: FieldCipher, reference: string, sealed: string): string => cipher.open(sealed, qrContext(reference));

const linkContext = (reference: string): string => `payment/${reference}/link`;

export const sealLink = (cipher: FieldCipher, reference: string, payUrl: string): string => cipher.seal(payUrl, linkContext(reference));

/** Earlier releases kept links as they are. Throws SealedFieldError. */
export const openLink = (cipher: FieldCipher, reference: string, kept: string): string => (kept.startsWith('http') ? kept : cipher.open(kept, linkContext(reference)));

export const creditContext = (party: string, bankReference: string): string => `unmatched-credit/${party}/${bankReference}`;
