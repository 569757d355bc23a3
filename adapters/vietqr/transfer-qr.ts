import { withCrc, withoutCrc } from './crc.js';
import { readTlv, writeTlv } from './tlv.js';
import type { TlvFields } from './tlv.js';

/** A transfer by NAPAS 24/7 as a QR code of VietQR asks for it. */
export interface TransferQr {
  /** Six digits. */
  readonly bankBin: string;
  readonly kind: 'account' | 'card';
  /** 1 to 19 letters and digits. */
  readonly number: string;
  /** Null where the payer fills it in. */
  readonly amountVnd: number | null;
  readonly billNumber: string | null;
  /** What the payer's bank is to write into the transfer. */
  readonly purpose: string | null;
}

const TAG = { version: '00', method: '01', napas: '38', currency: '53', amount: '54', country: '58', additional: '62' } as const;
const NAPAS_TAG = { id: '00', beneficiary: '01', service: '02' } as const;
const BENEFICIARY_TAG = { bin: '00', number: '01' } as const;
const ADDITIONAL_TAG = { bill: '01', purpose: '08' } as const;
const NAPAS_ID = 'A000000727';
const SERVICES = { account: 'QRIBFTTA', card: 'QRIBFTTC' } as const;
const STATIC = '11';
/** For one payment only. */
const DYNAMIC = '12';
const DONG = '704';
const VIETNAM = 'VN';
const BIN = /^\d{6}$/;
const NUMBER = /^[0-9A-Za-z]{1,19}$/;
/** Thirteen characters is what EMVCo allows; a đồng has no parts. */
const AMOUNT = /^[1-9]\d{0,12}$/;

const given = (tag: string, value: string | null): readonly (readonly [string, string])[] => (value === null ? [] : [[tag, value]]);

/** @throws RangeError where a value cannot stand in a code */
export const buildTransferQr = ({ bankBin, kind, number, amountVnd, billNumber, purpose }: TransferQr): string => {
  const amount = amountVnd === null ? null : String(amountVnd);
  if (!BIN.test(bankBin) || !NUMBER.test(number) || (amount !== null && !AMOUNT.test(amount))) throw new RangeError('a QR code cannot carry this transfer');
  const beneficiary = writeTlv([[BENEFICIARY_TAG.bin, bankBin], [BENEFICIARY_TAG.number, number]]);
  const additional = writeTlv([...given(ADDITIONAL_TAG.bill, billNumber), ...given(ADDITIONAL_TAG.purpose, purpose)]);
  return withCrc(writeTlv([
    [TAG.version, '01'],
    [TAG.method, amount === null ? STATIC : DYNAMIC],
    [TAG.napas, writeTlv([[NAPAS_TAG.id, NAPAS_ID], [NAPAS_TAG.beneficiary, beneficiary], [NAPAS_TAG.service, SERVICES[kind]]])],
    [TAG.currency, DONG],
    ...given(TAG.amount, amount),
    [TAG.country, VIETNAM],
    ...given(TAG.additional, additional === '' ? null : additional),
  ]));
};

const textIn = (fields: TlvFields | null, tag: string): string => fields?.get(tag) ?? '';
const kindOf = (service: string): TransferQr['kind'] | null => (service === SERVICES.account ? 'account' : service === SERVICES.card ? 'card' : null);

const beneficiaryOf = (fields: TlvFields): Pick<TransferQr, 'bankBin' | 'kind' | 'number'> | null => {
  const napas = readTlv(textIn(fields, TAG.napas));
  const account = readTlv(textIn(napas, NAPAS_TAG.beneficiary));
  const kind = kindOf(textIn(napas, NAPAS_TAG.service));
  const bankBin = textIn(account, BENEFICIARY_TAG.bin);
  const number = textIn(account, BENEFICIARY_TAG.number);
  return textIn(napas, NAPAS_TAG.id) === NAPAS_ID && kind !== null && BIN.test(bankBin) && NUMBER.test(number) ? { bankBin, kind, number } : null;
};

const CONSTANTS: readonly (readonly [tag: string, value: string])[] = [[TAG.version, '01'], [TAG.currency, DONG], [TAG.country, VIETNAM]];

/** Reads what any program made. Null for a wrong checksum, a malformed field, another scheme than NAPAS 24/7, or another currency. */
export const readTransferQr = (text: string): TransferQr | null => {
  const content = withoutCrc(text);
  const fields = content === null ? null : readTlv(content);
  const beneficiary = fields === null ? null : beneficiaryOf(fields);
  if (fields === null || beneficiary === null || CONSTANTS.some(([tag, value]) => fields.get(tag) !== value)) return null;
  const additional = readTlv(textIn(fields, TAG.additional));
  const amount = fields.get(TAG.amount);
  if (additional === null || (amount !== undefined && !AMOUNT.test(amount))) return null;
  return {
    ...beneficiary, amountVnd: amount === undefined ? null : Number(amount),
    billNumber: additional.get(ADDITIONAL_TAG.bill) ?? null, purpose: additional.get(ADDITIONAL_TAG.purpose) ?? null,
  };
};
