import { z } from 'zod';
import { addressList } from '../../src/net/address-list.js';
import { list } from './env-section.js';
import { foldText } from './vietnamese-text.js';

/** An absolute http(s) URL without credentials or query, or empty where it is not used. */
export const optionalUrl: z.ZodType<string> = z.string().refine((text) => {
  if (text === '') return true;
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.search === '' && url.hash === '';
}, 'must be an absolute http(s) URL without credentials or query');

/** Deliveries or calls a second at most; null where empty, for no limit. */
export const optionalRate: z.ZodType<number | null> = z.string().regex(/^(\d+(\.\d+)?)?$/, 'must be a number, or empty').transform((text) => (text === '' ? null : Number(text)));

/** Comma-separated words of a party, folded so that they can be looked for in folded text. */
export const phrases: z.ZodType<readonly string[]> = list.transform((items) => items.map(foldText));

/** A whole number within bounds. */
export const wholeNumber = (min: number, max: number): z.ZodType<number> => z.coerce.number().int().min(min).max(max);

/** Whole milliseconds; null where empty. */
export const optionalMillis: z.ZodType<number | null> = z.string().regex(/^\d{0,12}$/, 'must be whole milliseconds, or empty').transform((text) => (text === '' ? null : Number(text)));

const isAddressList = (items: readonly string[]): boolean => {
  try {
    addressList(items);
    return true;
  } catch {
    return false;
  }
};

/** Comma-separated addresses and networks. */
export const addresses: z.ZodType<readonly string[]> = list.refine(isAddressList, 'must be addresses or networks, separated by commas');
