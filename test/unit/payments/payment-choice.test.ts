import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseGateways } from '../../../src/payments/gateway-choice.js';
import { takeFrom } from '../../../src/payments/ledger.js';
import { holdingsOf } from '../../../src/payments/ledger-store.js';
import type { PaymentGateway } from '../../../src/payments/payment-gateway-port.js';
import { parseFees, parseOpen } from '../../../src/payments/payment-input.js';
import { isReference, newReference, newRefundId, referencesIn } from '../../../src/payments/payment-reference.js';

const gateway = (party: string, serves = true): PaymentGateway => ({
  party, moneyGoes: 'transit', accountRegistration: 'in-order', opensUnsent: false, windows: { payWithinMs: 1, askAfterMs: 1, askEveryMs: 1, settleMs: 1, giveUpMs: 1 },
  serves: () => serves, opensUnder: () => ({}), merchantOf: () => null, open: () => Promise.reject(new Error('not called')), ask: null, refunds: null,
});
const ALL = [gateway('a'), gateway('b'), gateway('c', false)];
const choose = (over: Partial<Parameters<typeof chooseGateways>[0]> = {}): readonly string[] => chooseGateways({
  gateways: ALL, order: { gateways: [], byAgency: new Map() }, health: { permits: () => 'all' }, agencyCodes: ['W', 'P'], named: null, ...over,
}).map(({ party }) => party);

describe('the choice of a gateway', () => {
  it('is all that serve, in the order of configuration', () => {
    expect(choose()).toEqual(['a', 'b']);
    expect(choose({ order: { gateways: ['b', 'c', 'a', 'unknown'], byAgency: new Map() } })).toEqual(['b', 'a']);
    expect(choose({ named: 'b' })).toEqual(['b']);
    expect(choose({ named: 'c' })).toEqual([]);
  });

  it('is the nearest agency\'s where it has its own, also where that is none', () => {
    expect(choose({ order: { gateways: ['a', 'b'], byAgency: new Map([['P', ['b']], ['W', ['a']]]) } })).toEqual(['a']);
    expect(choose({ order: { gateways: ['a', 'b'], byAgency: new Map([['P', ['b']]]) } })).toEqual(['b']);
    expect(choose({ order: { gateways: [], byAgency: new Map([['W', []]]) } })).toEqual([]);
  });

  it('leaves out who is behind an open breaker, not who is let try', () => {
    expect(choose({ health: { permits: (party, operation) => (party === 'a' && operation === 'open-payment' ? 'none' : 'one') } })).toEqual(['b']);
  });
});

describe('a reference', () => {
  it('is found in what banks make of it, and only whole', () => {
    const reference = newReference();
    expect(isReference(reference)).toBe(true);
    expect(newRefundId()).toMatch(/^[0-9A-Z]{18}$/);
    expect(referencesIn(`LOG ${reference}`)).toContain(reference);
    expect(referencesIn(reference.slice(0, -1))).toEqual([]);
    expect(referencesIn('')).toEqual([]);
  });

  it('is nothing that only holds one', () => {
    const reference = newReference();
    expect([`x${reference}`, `${reference}0`, reference.toLowerCase(), reference.replace('OG', 'XG'), `${reference.slice(0, -1)}I`].map(isReference)).toEqual([false, false, false, false, false]);
  });

  it('is found as people retype what they misread', () => {
    expect(referencesIn('0G0123456789ABC')).toEqual(['OG0123456789ABC']);
    expect(referencesIn('OGOI23456789LUC')).toEqual(['OG01234567891VC']);
    expect(referencesIn('ủng hộ ÒG 0123 4567 89ÁBC.')).toContain('OG0123456789ABC');
    expect(referencesIn('OG0123456789ABC OG0123456789ABC')).toEqual(['OG0123456789ABC']);
  });

  it('survives case, spaces, dots and letters around it', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 20 }), fc.array(fc.constantFrom(' ', '.', '-', ''), { minLength: 15, maxLength: 15 }), fc.boolean(), (before, gaps, lower) => {
      const reference = newReference();
      const mangled = [...reference].map((letter, index) => letter + (gaps[index] ?? '')).join('');
      expect(referencesIn(`${before} ${lower ? mangled.toLowerCase() : mangled}`)).toContain(reference);
    }));
  });
});

describe('what callers send', () => {
  it('is parsed, cleaned and in Unicode\'s composed form', () => {
    expect(parseFees([{ key: 'LP-1', kind: 'CHARGE', name: ' Lệ phí '.normalize('NFD'), amountVnd: 1 }])).toEqual({ ok: true, value: [{ key: 'LP-1', kind: 'CHARGE', name: 'Lệ phí'.normalize('NFC'), amountVnd: 1 }] });
    expect(parseOpen({ dossierCode: 'x' })).toEqual({ ok: true, value: { itemKeys: null, content: { payer: null, clientIp: '127.0.0.1', returnUrl: null } } });
    expect(parseOpen({ dossierCode: 'x', itemKeys: ['a', 'a'], clientIp: '2001:db8::1', payer: { name: ' An ' } })).toMatchObject({ ok: true, value: { itemKeys: ['a'], content: { clientIp: '2001:db8::1', payer: { name: 'An', idNumber: null } } } });
  });

  it.each([
    [{ itemKeys: [] }, 'COUNT'], [{ itemKeys: ['ä'] }, 'FEE_KEY'], [{ clientIp: '1.2.3' }, 'IP_ADDRESS'], [{ returnUrl: 'javascript:alert(1)' }, 'URL'], [{ returnUrl: 'x' }, 'URL'],
    [{ returnUrl: `https://x.vn/${'a'.repeat(1_000)}` }, 'URL'], [{ payer: { name: ' ' } }, 'REQUIRED'], [{ payer: { name: 'a'.repeat(301) } }, 'LENGTH'], [{ payer: { name: 'a\u0000' } }, 'CONTROL_CHARACTER'],
  ])('%j is refused as %s', (over, code) => {
    const parsed = parseOpen({ dossierCode: 'x', ...over });
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.code)).toEqual([code]);
  });
});

describe('the ledger', () => {
  it('takes what an agency has before what a gateway holds, and never what is due back', () => {
    const holdings = new Map([['TRANSIT/a', 50], ['AGENCY/1', 30], ['REFUND_DUE', 100]]);
    const to = { kind: 'REFUND_DECIDED', account: 'REFUND_DUE' } as const;
    expect(takeFrom(holdings, 40, to)).toEqual([{ kind: 'REFUND_DECIDED', from: 'AGENCY/1', to: 'REFUND_DUE', amountVnd: 30 }, { kind: 'REFUND_DECIDED', from: 'TRANSIT/a', to: 'REFUND_DUE', amountVnd: 10 }]);
    expect(() => takeFrom(holdings, 81, to)).toThrow(RangeError);
  });

  it('reads numbers as numbers', async () => {
    const client = { query: () => Promise.resolve({ rows: [{ account: 'AGENCY/1', held: '50000' }] }) };
    expect(await holdingsOf(client as never, '1')).toEqual(new Map([['AGENCY/1', 50_000]]));
  });
});
