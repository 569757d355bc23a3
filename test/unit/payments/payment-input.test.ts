import { describe, expect, it } from '@jest/globals';
import type { InputProblem } from '../../../src/errors/gateway-error.js';
import { parseFees, parseOpen } from '../../../src/payments/payment-input.js';
import type { FeeInput, OpenInput, Parsed } from '../../../src/payments/payment-input.js';
import { MAX_AMOUNT_VND, isAmount } from '../../../src/payments/payment-limits.js';

const fee = (change: Partial<FeeInput> = {}): FeeInput => ({ key: 'LP-1', kind: 'CHARGE', name: 'Lệ phí', amountVnd: 1, ...change });
const problemsOf = (parsed: Parsed<unknown>): readonly InputProblem[] => (parsed.ok ? [] : parsed.problems);
const placesOf = (parsed: Parsed<unknown>): readonly string[] => problemsOf(parsed).map(({ field, code }) => `${field} ${code}`);
const feesWith = (change: Partial<FeeInput>): readonly string[] => placesOf(parseFees([fee(), fee({ key: 'LP-2', ...change })]));
const openWith = (over: Partial<OpenInput>): Parsed<unknown> => parseOpen({ dossierCode: 'x', ...over });
const many = Array.from({ length: 51 }, (_, index) => `LP-${String(index)}`);

describe('fees that are declared', () => {
  it('are one to fifty', () => {
    expect(parseFees(many.slice(1).map((key) => fee({ key })))).toMatchObject({ ok: true });
    for (const fees of [[], many.map((key) => fee({ key }))]) expect(placesOf(parseFees(fees))).toEqual(['fees COUNT']);
  });

  it.each<readonly [Partial<FeeInput>, string]>([
    [{ key: 'LP-1' }, 'fees[1].key FEE_KEY_TWICE'], [{ key: '' }, 'fees[1].key FEE_KEY'], [{ key: '-a' }, 'fees[1].key FEE_KEY'], [{ key: 'a b' }, 'fees[1].key FEE_KEY'], [{ key: 'a'.repeat(65) }, 'fees[1].key FEE_KEY'],
    [{ name: ' ' }, 'fees[1].name REQUIRED'], [{ name: 'a'.repeat(501) }, 'fees[1].name LENGTH'], [{ name: 'a\nb' }, 'fees[1].name CONTROL_CHARACTER'],
    [{ amountVnd: 0 }, 'fees[1].amountVnd AMOUNT'], [{ amountVnd: 1.5 }, 'fees[1].amountVnd AMOUNT'], [{ amountVnd: 1_000_000_000_000 }, 'fees[1].amountVnd AMOUNT'],
  ])('are refused for %j', (change, place) => {
    expect(feesWith(change)).toEqual([place]);
  });

  it('may be as long and as large as a fee can be', () => {
    expect(feesWith({ key: 'a._:-'.padEnd(64, 'Z'), name: '😀'.repeat(500), amountVnd: MAX_AMOUNT_VND })).toEqual([]);
  });

  it('are told of with every place that is wrong', () => {
    expect(placesOf(parseFees([fee({ key: '', name: '', amountVnd: -1 }), fee(), fee()]))).toEqual(['fees[0].key FEE_KEY', 'fees[0].name REQUIRED', 'fees[0].amountVnd AMOUNT', 'fees[2].key FEE_KEY_TWICE']);
  });
});

describe('what a payment is opened with', () => {
  it.each<readonly [Partial<OpenInput>, string]>([
    [{ itemKeys: [] }, 'payment.itemKeys COUNT'], [{ itemKeys: many }, 'payment.itemKeys COUNT'], [{ itemKeys: ['a', 'ä'] }, 'payment.itemKeys FEE_KEY'],
    [{ clientIp: '1.2.3' }, 'payment.clientIp IP_ADDRESS'], [{ returnUrl: 'ftp://x.vn' }, 'payment.returnUrl URL'], [{ returnUrl: 'xhttps://x.vn' }, 'payment.returnUrl URL'],
    [{ returnUrl: `https://x.vn/${'a'.repeat(988)}` }, 'payment.returnUrl URL'],
    [{ payer: { name: 'An', idNumber: ' ' } }, 'payment.payer.idNumber REQUIRED'], [{ payer: { name: 'An', address: 'a\u0007' } }, 'payment.payer.address CONTROL_CHARACTER'],
    [{ payer: { name: 'An', province: 'a'.repeat(301) } }, 'payment.payer.province LENGTH'], [{ payer: { name: 'An', district: '\ud800' } }, 'payment.payer.district LONE_SURROGATE'],
  ])('is refused for its place in %j', (over, place) => {
    expect(placesOf(openWith(over))).toEqual([place]);
  });

  it('is taken as it is at every limit', () => {
    const returnUrl = `http://x.vn/${'a'.repeat(988)}`;
    const payer = { name: 'a'.repeat(300), idNumber: ' 012345678901 ', address: 'Số 1', province: 'Quảng Ninh'.normalize('NFD'), district: null };
    expect(openWith({ itemKeys: many.slice(1), returnUrl, payer, clientIp: '10.0.0.1' })).toEqual({
      ok: true,
      value: { itemKeys: many.slice(1), content: { payer: { ...payer, idNumber: '012345678901', province: 'Quảng Ninh'.normalize('NFC') }, clientIp: '10.0.0.1', returnUrl } },
    });
  });
});

describe('an amount', () => {
  it('is whole VND, from one to the most that we take', () => {
    expect([1, 999_999_999_999].map(isAmount)).toEqual([true, true]);
    expect([0, -1, 0.5, 1_000_000_000_000, NaN, Infinity].map(isAmount)).toEqual([false, false, false, false, false, false]);
  });
});

describe('what people are told of wrong input', () => {
  it('is said in both languages, with the bounds', () => {
    const problems = [
      ...problemsOf(parseFees([])), ...problemsOf(parseFees([fee({ key: '' }), fee({ name: '' }), fee({ key: 'b', name: 'a'.repeat(501), amountVnd: 0 }), fee({ key: 'b' })])),
      ...problemsOf(openWith({ clientIp: 'x', returnUrl: 'x' })),
    ];
    const said = Object.fromEntries(problems.map(({ code, message }) => [code, message]));
    expect(Object.keys(said).sort()).toEqual(['AMOUNT', 'COUNT', 'FEE_KEY', 'FEE_KEY_TWICE', 'IP_ADDRESS', 'LENGTH', 'REQUIRED', 'URL']);
    for (const { vi, en } of Object.values(said)) expect([vi.length > 5, en.length > 5, vi === en]).toEqual([true, true, false]);
    for (const [code, bound] of [['AMOUNT', '999999999999'], ['COUNT', '50'], ['LENGTH', '500'], ['FEE_KEY', '64']] as const) expect([said[code]?.vi, said[code]?.en]).toEqual([expect.stringContaining(bound), expect.stringContaining(bound)]);
  });
});
