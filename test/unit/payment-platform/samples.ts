import { readFileSync } from 'node:fs';
import { paymentPlatformSettings } from '../../../adapters/payment-platform/config.js';
import type { PaymentPlatformSettings } from '../../../adapters/payment-platform/config.js';
import { createConfirmReceiver } from '../../../adapters/payment-platform/callback.js';
import { sign } from '../../../adapters/payment-platform/signature.js';
import type { CallbackReceiver, Verification } from '../../../src/callbacks/callback-receiver-port.js';
import type { PaymentNotice } from '../../../src/payments/payment-gateway-port.js';

export const SECRET = 'PPSECRET123';
export const OLD_SECRET = 'PPSECRET000';

export const fixture = <Shape>(name: string): Shape => JSON.parse(readFileSync(new URL(`../../fixtures/payment-platform/${name}.json`, import.meta.url), 'utf8')) as Shape;

interface Example { readonly text: string; readonly hash: string }
export interface WorkedExamples { readonly secret: string; readonly init: Example; readonly confirm: Example; readonly query: Example; readonly bill: Example }

type Message = Readonly<Record<string, unknown>>;
export const CONFIRM = fixture<Message>('confirm-paid');

const SIGNED = ['LoaiBanTin', 'MaLoi', 'MaDoiTac', 'MaThamChieu', 'SoTien', 'MaTienTe', 'MaGiaoDich', 'MaNganHang', 'ThoiGianGD', 'ThongTinGiaoDich'] as const;

export const signedConfirm = (changes: Message = {}, secret: string = SECRET): Buffer => {
  const message: Message = { ...CONFIRM, ...changes };
  const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
  return Buffer.from(JSON.stringify({ ...message, MaXacThuc: sign(SIGNED.map((name) => textOf(message[name])), secret) }));
};

const BASE = {
  PAYMENT_PLATFORM_URL: 'https://pp.example.gov.vn/init', PAYMENT_PLATFORM_QUERY_URL: 'https://pp.example.gov.vn/query',
  PAYMENT_PLATFORM_PARTNERS: JSON.stringify([{ agency: '*', partnerCode: 'G17TEST', secret: SECRET, previousSecret: OLD_SECRET }, { agency: 'H42.05', partnerCode: 'H42.05.PP', secret: 'SECRET-OF-ANOTHER' }]),
};

export const problemsOf = (env: Readonly<Record<string, string>>): readonly string[] => {
  const read = paymentPlatformSettings.read({ ...BASE, ...env });
  return read.ok ? [] : read.problems;
};

export const settings = (env: Readonly<Record<string, string>> = {}): PaymentPlatformSettings => {
  const read = paymentPlatformSettings.read({ ...BASE, ...env });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read.settings;
};

export const receiver = (env: Readonly<Record<string, string>> = {}): CallbackReceiver<PaymentNotice> => createConfirmReceiver(settings(env));

export const verified = (bytes: Buffer | string, env: Readonly<Record<string, string>> = {}): Verification =>
  receiver(env).verify({ bytes: Buffer.from(bytes), headers: {}, peer: { address: '127.0.0.1', certificate: null } });
