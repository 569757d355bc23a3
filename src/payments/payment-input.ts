import { isIP } from 'node:net';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { RuleBreach } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { unreadableText } from '../readable-text.js';
import { NO_CLIENT_IP } from './payment-content.js';
import type { PaymentContent } from './payment-content.js';
import { MAX_AMOUNT_VND, isAmount } from './payment-limits.js';
import type { FeeItem, FeeKind, Payer } from './payment.js';

export interface PayerInput {
  readonly name: string;
  readonly idNumber?: string | null;
  readonly address?: string | null;
  readonly province?: string | null;
  readonly district?: string | null;
}

export interface FeeInput {
  readonly key: string;
  readonly kind: FeeKind;
  readonly name: string;
  readonly amountVnd: number;
}

export interface OpenInput {
  readonly dossierCode: string;
  readonly itemKeys?: readonly string[] | null;
  readonly gateway?: string | null;
  readonly payer?: PayerInput | null;
  readonly clientIp?: string | null;
  readonly returnUrl?: string | null;
  readonly language?: 'VI' | 'EN' | null;
}

export type Parsed<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problems: readonly InputProblem[] };

const FEE_KEY = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
/** A payment of more fees than that is a loop at the sender. */
const MAX_ITEMS = 50;
const MAX_NAME = 500;
const MAX_PERSONAL = 300;
const MAX_URL = 1_000;
const REQUIRED = breach('REQUIRED', 'Bắt buộc', 'Required');
const AMOUNT = breach('AMOUNT', `Số tiền phải là số nguyên từ 1 đến ${String(MAX_AMOUNT_VND)} đồng`, `The amount must be a whole number of VND from 1 to ${String(MAX_AMOUNT_VND)}`);
const KEY = breach('FEE_KEY', 'Mã khoản thu gồm 1 đến 64 chữ cái, chữ số, dấu chấm, gạch', 'A fee\'s key is 1 to 64 letters, digits, dots, colons, hyphens or underscores');
const TWICE = breach('FEE_KEY_TWICE', 'Mã khoản thu lặp lại', 'The key occurs twice');
const COUNT = breach('COUNT', `Cần từ 1 đến ${String(MAX_ITEMS)} khoản`, `Between 1 and ${String(MAX_ITEMS)} fees are needed`);
const ADDRESS = breach('IP_ADDRESS', 'Địa chỉ IP không hợp lệ', 'This is no IP address');
const URL_SHAPE = breach('URL', 'Liên kết phải là http hoặc https', 'The link must be http or https');

const textProblem = (text: string, max: number): RuleBreach | null => {
  if (text.trim() === '') return REQUIRED;
  if ([...text].length > max) return breach('LENGTH', `Tối đa ${String(max)} ký tự`, `At most ${String(max)} characters`);
  return unreadableText(text, false);
};

const result = <Value>(problems: readonly InputProblem[], value: Value): Parsed<Value> => (problems.length === 0 ? { ok: true, value } : { ok: false, problems });

const clean = (text: string): string => text.normalize('NFC').trim();

/** What a dossier is declared to owe. */
export const parseFees = (fees: readonly FeeInput[]): Parsed<readonly FeeItem[]> => {
  if (fees.length < 1 || fees.length > MAX_ITEMS) return { ok: false, problems: [problemAt('fees', COUNT)] };
  const problems = fees.flatMap((fee, index): InputProblem[] => {
    const at = (field: string, found: RuleBreach | null): InputProblem[] => (found === null ? [] : [problemAt(`fees[${String(index)}].${field}`, found)]);
    const isFirst = fees.findIndex(({ key }) => key === fee.key) === index;
    return [...at('key', FEE_KEY.test(fee.key) ? (isFirst ? null : TWICE) : KEY), ...at('name', textProblem(fee.name, MAX_NAME)), ...at('amountVnd', isAmount(fee.amountVnd) ? null : AMOUNT)];
  });
  return result(problems, fees.map(({ key, kind, name, amountVnd }) => ({ key, kind, name: clean(name), amountVnd })));
};

const isWebUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const payerProblems = (payer: PayerInput): InputProblem[] =>
  (['name', 'idNumber', 'address', 'province', 'district'] as const).flatMap((field) => {
    const text = payer[field] ?? null;
    const found = text === null ? null : textProblem(text, MAX_PERSONAL);
    return found === null ? [] : [problemAt(`payment.payer.${field}`, found)];
  });

const itemKeyProblems = (itemKeys: readonly string[] | null): InputProblem[] => {
  if (itemKeys === null) return [];
  if (itemKeys.length < 1 || itemKeys.length > MAX_ITEMS) return [problemAt('payment.itemKeys', COUNT)];
  return itemKeys.every((key) => FEE_KEY.test(key)) ? [] : [problemAt('payment.itemKeys', KEY)];
};

const optional = (text: string | null | undefined): string | null => (text == null ? null : clean(text));

const payerOf = (payer: PayerInput): Payer =>
  ({ name: clean(payer.name), idNumber: optional(payer.idNumber), address: optional(payer.address), province: optional(payer.province), district: optional(payer.district) });

/** Who pays and from where, and which fees. */
export const parseOpen = ({ itemKeys = null, payer = null, clientIp = null, returnUrl = null }: OpenInput): Parsed<{ readonly itemKeys: readonly string[] | null; readonly content: PaymentContent }> => {
  const problems: InputProblem[] = itemKeyProblems(itemKeys);
  if (clientIp !== null && isIP(clientIp) === 0) problems.push(problemAt('payment.clientIp', ADDRESS));
  if (returnUrl !== null && (returnUrl.length > MAX_URL || !isWebUrl(returnUrl))) problems.push(problemAt('payment.returnUrl', URL_SHAPE));
  if (payer !== null) problems.push(...payerProblems(payer));
  return result(problems, {
    itemKeys: itemKeys === null ? null : [...new Set(itemKeys)],
    content: { payer: payer === null ? null : payerOf(payer), clientIp: clientIp ?? NO_CLIENT_IP, returnUrl },
  });
};
