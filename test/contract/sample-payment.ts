import { randomBytes } from 'node:crypto';
import type { OpenAnswer, PaymentOrder, RefundOrder } from '../../src/payments/payment-gateway-port.js';

/** Crockford's base 32 but for the G: `0G` in the middle, as one in eighty has it, is where a second reference may begin in the text of a transfer. */
const ALPHABET = '0123456789ABCDEFHJKMNPQRSTVWXYZ';

/** As the domain makes them: `OG` and 13 characters. */
export const newReference = (): string => `OG${[...randomBytes(13)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;

/** Canaries: none of these may ever be legible in a journal or an error. All invented. */
export const PAYMENT_CANARIES = ['NGUYỄN VĂN CANARY', '036199054321', 'Số 9 ngõ Canary', '0123456789012', 'UBND PHUONG CANARY', '203.113.131.77'] as const;
const [PAYER, ID_NUMBER, ADDRESS, ACCOUNT, HOLDER, CLIENT_IP] = PAYMENT_CANARIES;

const QUARTER_MS = 900_000;

/** An order of 58,000 VND over two fee items, made now, open for a quarter of an hour. */
export const sampleOrder = (changes: Partial<PaymentOrder> = {}): PaymentOrder => {
  const createdAt = new Date(Math.floor(Date.now() / 1_000) * 1_000);
  return {
    reference: newReference(),
    amountVnd: 58_000,
    dossierCode: '000.12.34.H42-260315-0001',
    agencyCodes: ['H42.05.12', 'H42.05', 'H42'],
    agencyName: 'UBND phường Hoa Lư',
    createdAt,
    expiresAt: new Date(createdAt.getTime() + QUARTER_MS),
    clientIp: CLIENT_IP,
    language: 'vi',
    returnUrl: 'https://dichvucong.example.gov.vn/thanh-toan/ket-qua',
    account: { bankBin: '970436', bankCode: 'VCB', number: ACCOUNT, holderName: HOLDER },
    procedureCode: '1.001193.000.00.00.H42',
    procedureName: 'Thủ tục đăng ký khai sinh',
    items: [
      { key: 'le-phi', kind: 'CHARGE', name: 'Lệ phí hộ tịch', amountVnd: 8_000 },
      { key: 'phi', kind: 'FEE', name: 'Phí cấp bản sao trích lục', amountVnd: 50_000 },
    ],
    payer: { name: PAYER, idNumber: ID_NUMBER, address: ADDRESS, province: 'Ninh Bình', district: 'Hoa Lư' },
    gatewayData: {},
    ...changes,
  };
};

export type Opened = Extract<OpenAnswer, { kind: 'opened' }>;

/** The order as later calls repeat it: with what the gateway gave. */
export const afterOpening = (order: PaymentOrder, opened: Opened): PaymentOrder => ({ ...order, gatewayData: opened.gatewayData });

export const sampleRefund = (payment: PaymentOrder, changes: Partial<RefundOrder> = {}): RefundOrder => ({
  requestId: newReference(), amountVnd: payment.amountVnd, isFull: true, reason: 'Nộp thừa', approvedBy: 'canbo01', createdAt: new Date(), payment, gatewayTransaction: null,
  ...changes,
});
