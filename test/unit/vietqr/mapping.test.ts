import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { vietqrSettings } from '../../../adapters/vietqr/config.js';
import { lookupVerdict } from '../../../adapters/vietqr/errors.js';
import { canLookUp, lookupQuestion, nameIn, planOf } from '../../../adapters/vietqr/mapping.js';
import { lookupReply } from '../../../adapters/vietqr/wire.js';

const REFERENCE = 'OG0123456789ABC';
const ACCOUNT = { bankBin: '970436', bankCode: 'VCB', number: '0123 456 789', holderName: 'UBND PHUONG HOA LU' };
const reply = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../fixtures/vietqr/${name}.json`, import.meta.url), 'utf8'));

describe('the plan of a transfer', () => {
  it('carries our reference as bill number and purpose, and the number without spaces', () => {
    expect(planOf({ account: ACCOUNT, amountVnd: 58_000, reference: REFERENCE }, [])).toEqual({
      kind: 'transfer', transfer: { bankBin: '970436', kind: 'account', number: '0123456789', amountVnd: 58_000, billNumber: REFERENCE, purpose: REFERENCE },
    });
  });

  it.each([
    ['no-bank-bin', { account: { ...ACCOUNT, bankBin: null, bankCode: 'KBNN', number: '3511.0.1104195' } }, []],
    ['no-bank-bin', { account: { ...ACCOUNT, bankBin: '' } }, []],
    ['bank-not-supported', {}, ['970422']],
    ['account-number', { account: { ...ACCOUNT, number: '3511.0.1104195' } }, ['970436']],
    ['account-number', { account: { ...ACCOUNT, number: '1'.repeat(20) } }, []],
    ['amount', { amountVnd: 10_000_000_000_000 }, []],
    ['amount', { amountVnd: 0 }, []],
  ])('is refused with %s', (code, changes, takers) => {
    expect(planOf({ account: ACCOUNT, amountVnd: 58_000, reference: REFERENCE, ...changes }, takers)).toMatchObject({ kind: 'rejected', code });
  });
});

describe('the look-up', () => {
  it.each([['970436', '123456', true], ['970436', '12345', false], ['970436', '1'.repeat(19), true], ['970436', '1'.repeat(20), false], ['970436', '1AM002110000121', false], ['963388', '123456', false], ['97043', '123456', false], ['970436', '012 345 678', true]])('of %s %s is possible: %s', (bankBin, number, possible) => {
    expect(canLookUp({ bankBin, number })).toBe(possible);
  });

  it('asks with digits only and reads the name, or that there is none', () => {
    expect(lookupQuestion({ bankBin: '970436', number: '012 345 678' })).toEqual({ bin: '970436', accountNumber: '012345678' });
    expect(nameIn(lookupReply.parse(reply('lookup-found')))).toEqual({ kind: 'found', holderName: 'UBND PHUONG HOA LU' });
    expect(nameIn(lookupReply.parse(reply('lookup-nothing')))).toEqual({ kind: 'not-found', code: '00' });
  });

  it('knows success, what configuration lists, and nothing else', () => {
    expect(['00', '42', '77', '0'].map((code) => lookupVerdict(code, ['42']))).toEqual(['answer', 'not-found', 'unlisted', 'unlisted']);
  });
});

describe('settings', () => {
  it('are off by default', () => {
    expect(vietqrSettings.read({})).toMatchObject({ ok: true, settings: { VIETQR_PAYMENTS: false, VIETQR_URL: '' } });
  });

  it.each([
    [{ VIETQR_URL: 'https://api.vietqr.io/v2/lookup' }, 'VIETQR_CLIENT_ID is not set, and VIETQR_URL needs it'],
    [{ VIETQR_BANK_BINS: '97043' }, 'VIETQR_BANK_BINS is invalid: must be BINs of six digits, separated by commas'],
    [{ VIETQR_GIVE_UP_MS: '10800000' }, 'VIETQR_GIVE_UP_MS must be above VIETQR_PAY_WITHIN_MS and VIETQR_SETTLE_MS together'],
  ])('refuse %j', (env, problem) => {
    const read = vietqrSettings.read(env);
    expect(read.ok ? [] : read.problems).toContain(problem);
  });
});
