import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { RuleBreach } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { unreadableText } from '../readable-text.js';
import type { AddressEpoch, PostalAddress, PostalContact } from './postal-address.js';

export interface AddressInput {
  readonly epoch: AddressEpoch;
  readonly province: string;
  readonly district?: string | null;
  readonly commune: string;
  readonly street: string;
}

export interface ContactInput {
  readonly name: string;
  readonly phone: string;
  readonly email?: string | null;
  readonly address: AddressInput;
}

interface ParcelInput {
  readonly dossierCode: string;
  readonly carrier?: string | null;
  readonly service?: string | null;
  readonly weightGrams: number;
  readonly contents?: string | null;
  readonly note?: string | null;
  readonly quotedVnd?: number | null;
}

export interface PickupInput extends ParcelInput {
  readonly sender: ContactInput;
  readonly returnToo: boolean;
  readonly recipient?: ContactInput | null;
}

export interface ReturnInput extends ParcelInput {
  readonly recipient?: ContactInput | null;
  readonly collectItemKeys?: readonly string[] | null;
}

/** What both directions have, with texts as they are kept. */
export interface ParsedParcel {
  readonly service: string | null;
  readonly carrier: string | null;
  readonly weightGrams: number;
  readonly contents: string | null;
  readonly note: string | null;
  readonly quotedVnd: number | null;
}

export type ParsedInput<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problems: readonly InputProblem[] };

const MAX_NAME = 100;
const MAX_PLACE = 100;
const MAX_STREET = 200;
const MAX_TEXT = 500;
const MAX_EMAIL = 100;
const MAX_CODE = 60;
/** A parcel of papers; what is heavier is a loop or a unit mistaken. */
const MAX_WEIGHT_GRAMS = 30_000;
const MAX_FEE_VND = 100_000_000;
const MAX_ITEMS = 50;

const REQUIRED = breach('REQUIRED', 'Bắt buộc', 'Required');
const PHONE = breach('PHONE', 'Số điện thoại gồm 9 đến 11 chữ số bắt đầu bằng 0, hoặc +84', 'A telephone number has 9 to 11 digits and begins with 0, or with +84');
const EMAIL = breach('EMAIL', 'Địa chỉ thư điện tử không hợp lệ', 'This is no e-mail address');
const WEIGHT = breach('WEIGHT', `Khối lượng từ 1 đến ${String(MAX_WEIGHT_GRAMS)} gam`, `The weight is between 1 and ${String(MAX_WEIGHT_GRAMS)} grams`);
const AMOUNT = breach('AMOUNT', 'Số tiền là số nguyên đồng, không âm', 'An amount is whole VND and not negative');
const DISTRICT_NEEDED = breach('DISTRICT_NEEDED', 'Địa chỉ ba cấp cần quận, huyện', 'An address of three levels needs its district');
const DISTRICT_GONE = breach('DISTRICT_GONE', 'Địa chỉ hai cấp không có quận, huyện', 'An address of two levels has no district');
const ITEMS = breach('COUNT', `Cần từ 1 đến ${String(MAX_ITEMS)} khoản`, `Between 1 and ${String(MAX_ITEMS)} fees are needed`);

const EMAIL_SHAPE = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const PHONE_SHAPE = /^0\d{8,10}$/;

const clean = (text: string): string => text.normalize('NFC').trim().replace(/\s+/g, ' ');
const cleanOrNull = (text: string | null | undefined): string | null => (text == null || text.trim() === '' ? null : clean(text));

/** As it is dialled at home: 0912345678. */
export const dialled = (phone: string): string => phone.normalize('NFC').replace(/[\s.()-]/g, '').replace(/^\+84/, '0');

const textBreach = (text: string, max: number): RuleBreach | null => {
  if (text.trim() === '') return REQUIRED;
  if ([...text].length > max) return breach('LENGTH', `Tối đa ${String(max)} ký tự`, `At most ${String(max)} characters`);
  return unreadableText(text, false);
};

const at = (field: string, found: RuleBreach | null): InputProblem[] => (found === null ? [] : [problemAt(field, found)]);

const addressProblems = (field: string, { epoch, province, district, commune, street }: AddressInput): InputProblem[] => {
  const hasDistrict = cleanOrNull(district) !== null;
  const districtBreach = epoch === 'TWO_LEVEL' ? (hasDistrict ? DISTRICT_GONE : null) : hasDistrict ? textBreach(district ?? '', MAX_PLACE) : DISTRICT_NEEDED;
  return [
    ...at(`${field}.province`, textBreach(province, MAX_PLACE)), ...at(`${field}.district`, districtBreach), ...at(`${field}.commune`, textBreach(commune, MAX_PLACE)),
    ...at(`${field}.street`, textBreach(street, MAX_STREET)),
  ];
};

const contactProblems = (field: string, { name, phone, email = null, address }: ContactInput): InputProblem[] => [
  ...at(`${field}.name`, textBreach(name, MAX_NAME)),
  ...at(`${field}.phone`, PHONE_SHAPE.test(dialled(phone)) ? null : PHONE),
  ...at(`${field}.email`, email === null || email === '' ? null : email.length <= MAX_EMAIL && EMAIL_SHAPE.test(email) ? unreadableText(email, false) : EMAIL),
  ...addressProblems(`${field}.address`, address),
];

const addressOf = ({ epoch, province, district, commune, street }: AddressInput): PostalAddress =>
  ({ epoch, province: clean(province), district: cleanOrNull(district), commune: clean(commune), street: clean(street) });

const contactOf = ({ name, phone, email, address }: ContactInput): PostalContact => ({ name: clean(name), phone: dialled(phone), email: cleanOrNull(email), address: addressOf(address) });

const optional = (field: string, text: string | null | undefined, max: number): InputProblem[] => (text == null || text === '' ? [] : at(field, textBreach(text, max)));

const parcelProblems = ({ carrier, service, weightGrams, contents, note, quotedVnd = null }: ParcelInput): InputProblem[] => [
  ...optional('order.carrier', carrier, MAX_CODE), ...optional('order.service', service, MAX_CODE),
  ...at('order.weightGrams', Number.isInteger(weightGrams) && weightGrams >= 1 && weightGrams <= MAX_WEIGHT_GRAMS ? null : WEIGHT),
  ...optional('order.contents', contents, MAX_TEXT), ...optional('order.note', note, MAX_TEXT),
  ...at('order.quotedVnd', quotedVnd === null || (Number.isSafeInteger(quotedVnd) && quotedVnd >= 0 && quotedVnd <= MAX_FEE_VND) ? null : AMOUNT),
];

const parcelOf = ({ carrier, service, weightGrams, contents, note, quotedVnd }: ParcelInput): ParsedParcel =>
  ({ carrier: cleanOrNull(carrier), service: cleanOrNull(service), weightGrams, contents: cleanOrNull(contents), note: cleanOrNull(note), quotedVnd: quotedVnd ?? null });

/** An address that is written the same way twice is sent the same way twice: NFC, single spaces. */
export const parseContact = (field: string, input: ContactInput): ParsedInput<PostalContact> => {
  const problems = contactProblems(field, input);
  return problems.length === 0 ? { ok: true, value: contactOf(input) } : { ok: false, problems };
};

export interface ParsedPickup extends ParsedParcel {
  readonly sender: PostalContact;
  /** Where the result goes; null where the citizen does not want it by post. */
  readonly recipient: PostalContact | null;
}

/** Where the citizen wants the result by post too, it goes to where the dossier was fetched, unless another is named. */
export const parsePickup = (input: PickupInput): ParsedInput<ParsedPickup> => {
  const problems = [...parcelProblems(input), ...contactProblems('order.sender', input.sender), ...(input.recipient == null ? [] : contactProblems('order.recipient', input.recipient))];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { ...parcelOf(input), sender: contactOf(input.sender), recipient: input.returnToo ? contactOf(input.recipient ?? input.sender) : null } };
};

export interface ParsedReturn extends ParsedParcel {
  /** Null: the one that is kept. */
  readonly recipient: PostalContact | null;
  /** Empty: nothing is to be collected. */
  readonly collectItemKeys: readonly string[];
}

export const parseReturn = (input: ReturnInput): ParsedInput<ParsedReturn> => {
  const keys = input.collectItemKeys ?? null;
  const problems = [
    ...parcelProblems(input), ...(input.recipient == null ? [] : contactProblems('order.recipient', input.recipient)),
    ...at('order.collectItemKeys', keys === null || (keys.length >= 1 && keys.length <= MAX_ITEMS) ? null : ITEMS),
  ];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { ...parcelOf(input), recipient: input.recipient == null ? null : contactOf(input.recipient), collectItemKeys: [...new Set(keys ?? [])] } };
};
