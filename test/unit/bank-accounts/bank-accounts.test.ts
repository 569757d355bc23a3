import { describe, expect, it } from '@jest/globals';
import { cleanNumber, faultOfNumber, foldNumber, indexOfNumber, last4Of, maskedNumber, STATE_TREASURY } from '../../../src/bank-accounts/account-number.js';
import { isSamePerson } from '../../../src/access/same-person.js';
import { refusalOfApproval } from '../../../src/bank-accounts/account-approval.js';
import { judgeAbility, PAYMENT_GAPS } from '../../../src/bank-accounts/account-readiness.js';
import type { AccountFacts } from '../../../src/bank-accounts/account-readiness.js';
import { ACCOUNT_ACTIONS, actionsIn, BANK_ACCOUNT_MOVES, BANK_ACCOUNT_STATES, NAME_CHECKS, stateAfter } from '../../../src/bank-accounts/bank-account.js';
import { readBankList } from '../../../src/bank-accounts/bank-list.js';

describe('numbers', () => {
  it.each([
    ['0011001234567', 'VCB', null], ['1AM0021100001210', 'BID', null], ['BANMAI100001', 'MBB', null], ['1234', 'VCB', null], ['1'.repeat(22), 'VCB', null],
    ['123', 'VCB', 'ACCOUNT_NUMBER_SHAPE'], ['1'.repeat(23), 'VCB', 'ACCOUNT_NUMBER_SHAPE'], ['12-34-56', 'VCB', 'ACCOUNT_NUMBER_SHAPE'], ['3511.0.1104195', 'VCB', 'ACCOUNT_NUMBER_SHAPE'],
    ['3511.0.1104195', STATE_TREASURY, null], ['3511.0.1004872.00000', STATE_TREASURY, null], ['351101104195', STATE_TREASURY, 'TREASURY_NUMBER_SHAPE'], ['3511.0.110419', STATE_TREASURY, 'TREASURY_NUMBER_SHAPE'],
    ['3511.0.1104195\n', STATE_TREASURY, null], ['3511.0.1104195.0000', STATE_TREASURY, 'TREASURY_NUMBER_SHAPE'],
  ])('%j at %s: %s', (number, bankCode, fault) => {
    expect(faultOfNumber(cleanNumber(number), bankCode)).toBe(fault);
  });

  it('are found however they are written, and not by another key', () => {
    const key = Buffer.alloc(32, 1);
    expect(indexOfNumber(key, '3511.0.1104195')).toEqual(indexOfNumber(key, ' 3511 0 1104195 '));
    expect(indexOfNumber(key, '1am002')).toEqual(indexOfNumber(key, '1AM-002'));
    expect(indexOfNumber(key, '0012')).not.toEqual(indexOfNumber(key, '12'));
    expect(indexOfNumber(Buffer.alloc(32, 2), '0012')).not.toEqual(indexOfNumber(key, '0012'));
    expect(foldNumber('３５１１．０')).toBe('35110');
  });

  it('show their last four characters', () => {
    expect(maskedNumber(last4Of('3511.0.1104195.00000'))).toBe('••••0000');
  });
});

describe('the list of banks', () => {
  const banks = readBankList();

  it('holds 62 banks and the State Treasury, each found by whatever an official knows it by', () => {
    expect(banks.banks).toHaveLength(63);
    for (const text of ['VCB', '970436', 'Vietcombank', 'BFTVVNVX', 'BFTVVNVX001', '203', '01203001']) expect(banks.find(text)?.code).toBe('VCB');
    for (const text of ['kbnn', '701', 'Kho bạc nhà nước', '01701001']) expect(banks.find(text)).toMatchObject({ code: STATE_TREASURY, bin: null });
    expect(banks.treasury?.citad).toBe('701');
    expect(banks.find('Ngân hàng Không Có')).toBeNull();
    expect(banks.find('')).toBeNull();
  });

  it('has well-formed codes', () => {
    for (const { bin, citad, swift } of banks.banks) {
      expect(bin ?? '970436').toMatch(/^\d{6}$/);
      expect(citad ?? '203').toMatch(/^\d{3}$/);
      expect(swift ?? 'BFTVVNVX').toMatch(/^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$/);
    }
  });
});

describe('moves', () => {
  it('each action is one entry, and no other pair of states is legal', () => {
    expect(BANK_ACCOUNT_MOVES.map(({ action }) => action)).toEqual([...ACCOUNT_ACTIONS]);
    for (const move of BANK_ACCOUNT_MOVES) {
      for (const from of BANK_ACCOUNT_STATES) for (const by of ['agency', 'operator', 'supervisor', 'worker'] as const) {
        expect(stateAfter(move.action, from, by)).toBe(move.from.includes(from) && move.by.includes(by) ? move.to : null);
      }
    }
  });

  it('an agency never approves nor resumes, and nothing leaves an end', () => {
    expect(BANK_ACCOUNT_STATES.flatMap((state) => actionsIn(state, 'agency'))).not.toEqual(expect.arrayContaining(['approve']));
    expect(actionsIn('SUSPENDED', 'agency')).toEqual(['close']);
    for (const by of ['agency', 'operator', 'supervisor', 'worker'] as const) expect([...actionsIn('CLOSED', by), ...actionsIn('REFUSED', by)]).toEqual([]);
  });
});

describe('approval', () => {
  const supervisor = { client: 'user:chi', role: 'supervisor', agencyScope: null } as const;
  const operator = { client: 'user:binh', role: 'operator', agencyScope: null } as const;

  it.each(NAME_CHECKS)('with %s', (nameCheck) => {
    const account = { requestedBy: 'user:an', state: 'REQUESTED', nameCheck } as const;
    const isGood = ['MATCHED', 'SIMILAR', 'UNSUPPORTED'].includes(nameCheck);
    expect(refusalOfApproval(account, operator, false) === null).toBe(isGood);
    expect(refusalOfApproval(account, supervisor, false) === null).toBe(isGood);
    expect(refusalOfApproval(account, supervisor, true)).toBeNull();
    expect(refusalOfApproval(account, operator, true)?.code).toBe('OVERRIDE_ROLE');
    expect(refusalOfApproval({ ...account, requestedBy: 'chi' }, supervisor, true)?.code).toBe('FOUR_EYES');
  });

  it('knows one person by several names', () => {
    expect(isSamePerson('user:an', 'server:an')).toBe(true);
    expect(isSamePerson('user:an', 'user:anh')).toBe(false);
  });
});

describe('ability to take payments', () => {
  const inOrder = { party: 'a', accountRegistration: 'in-order', serves: () => true } as const;
  const byHand = { party: 'b', accountRegistration: 'by-hand', serves: () => true } as const;
  const active: AccountFacts = { agencyCode: 'x', state: 'ACTIVE', nameCheck: 'MATCHED', feeKinds: ['FEE'], isValidToday: true, registeredAt: [] };

  it.each([
    [[], [inOrder], ['ACCOUNT']], [[], [], ['ACCOUNT', 'GATEWAY']], [[active], [inOrder], []], [[active], [], ['GATEWAY']], [[active], [byHand], ['REGISTRATION']],
    [[{ ...active, registeredAt: ['b'] }], [byHand], []], [[{ ...active, isValidToday: false }], [inOrder], ['VALIDITY']], [[{ ...active, state: 'SUSPENDED' }], [inOrder], ['SUSPENDED']],
    [[{ ...active, state: 'COOLING' }, { ...active, state: 'REQUESTED', nameCheck: 'UNAVAILABLE' }], [inOrder], ['NAME_CHECK', 'COOLING']],
    [[{ ...active, state: 'REQUESTED', nameCheck: 'DIFFERENT' }], [inOrder], ['APPROVAL']], [[active, { ...active, state: 'SUSPENDED' }], [inOrder], []],
  ] as const)('%#', (accounts, gateways, missing) => {
    const ability = judgeAbility(accounts, gateways);
    expect(ability.missing).toEqual(missing);
    expect(ability.able).toBe(missing.length === 0);
    expect(PAYMENT_GAPS).toEqual(expect.arrayContaining([...ability.missing]));
  });

  it('names the kinds that can be paid and through whom', () => {
    expect(judgeAbility([active, { ...active, feeKinds: ['CHARGE'], registeredAt: ['b'] }], [inOrder, byHand])).toMatchObject({ feeKinds: ['FEE', 'CHARGE'], gateways: ['a', 'b'] });
    expect(judgeAbility([active, { ...active, feeKinds: ['CHARGE'], registeredAt: ['b'] }], [byHand])).toMatchObject({ feeKinds: ['CHARGE'], gateways: ['b'] });
  });
});
