import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createBidv } from '../../../adapters/bidv/adapter.js';
import { verifyChecksum } from '../../../adapters/bidv/checksum.js';
import { bidvSettings } from '../../../adapters/bidv/config.js';
import { paybillResult, refusalOf, RESULTS, statusOf } from '../../../adapters/bidv/errors.js';
import { billReply, identityOf, noticeOf } from '../../../adapters/bidv/mapping.js';
import { paybillBody } from '../../../adapters/bidv/wire.js';

interface Examples {
  readonly secret: string;
  readonly getbill: { readonly body: { readonly customer_id: string; readonly service_id: string }; readonly md5: string };
  readonly paybill: { readonly body: { readonly trans_id: string; readonly bill_id: string; readonly amount: string }; readonly md5: string };
  readonly hmac: string;
}

const examples = JSON.parse(readFileSync(new URL('../../fixtures/bidv/worked-examples.json', import.meta.url), 'utf8')) as Examples;
const KEYS = [{ id: 'now', secret: examples.secret }] as const;
const GETBILL = [examples.getbill.body.service_id, examples.getbill.body.customer_id];
const PAYBILL = [examples.paybill.body.trans_id, examples.paybill.body.bill_id, examples.paybill.body.amount];
const BODY = { ...examples.paybill.body, customer_id: 'KH', service_id: 'TEST01', trans_date: '20260315083000', checksum: 'x' };
const LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('checksums', () => {
  it('are those of the worked examples, in both forms', () => {
    expect(verifyChecksum(KEYS, { forms: ['md5'], values: GETBILL, given: examples.getbill.md5 })).toBe('now');
    expect(verifyChecksum(KEYS, { forms: ['md5', 'hmac'], values: PAYBILL, given: examples.paybill.md5 })).toBe('now');
    expect(verifyChecksum(KEYS, { forms: ['md5', 'hmac'], values: PAYBILL, given: examples.hmac })).toBe('now');
    expect(verifyChecksum([{ id: 'new', secret: 'ANOTHERSECRET' }, ...KEYS], { forms: ['md5'], values: PAYBILL, given: examples.paybill.md5 })).toBe('now');
  });

  it('of the other form, another key or a changed value are refused', () => {
    expect(verifyChecksum(KEYS, { forms: ['hmac'], values: PAYBILL, given: examples.paybill.md5 })).toBeNull();
    expect(verifyChecksum(KEYS, { forms: ['md5'], values: PAYBILL, given: examples.hmac })).toBeNull();
    expect(verifyChecksum([{ id: 'new', secret: 'ANOTHERSECRET' }], { forms: ['md5', 'hmac'], values: PAYBILL, given: examples.hmac })).toBeNull();
    expect(verifyChecksum(KEYS, { forms: ['md5', 'hmac'], values: ['TRX0001', 'HS0001', '50001'], given: examples.paybill.md5 })).toBeNull();
  });

  it.each([['md5', examples.paybill.md5], ['hmac', examples.hmac]] as const)('in %s are refused after one bit was changed', (form, given) => {
    for (let at = 0; at < given.length; at += 1) {
      for (const bit of [1, 2, 4, 8, 16]) {
        const changed = given.slice(0, at) + String.fromCharCode(given.charCodeAt(at) ^ bit) + given.slice(at + 1);
        // The last digit of a padded Base64 text has bits that mean nothing.
        if (form === 'md5' || at < given.length - 2) expect(verifyChecksum(KEYS, { forms: [form], values: PAYBILL, given: changed })).toBeNull();
      }
    }
  });
});

describe('a paybill', () => {
  it('is a notice of money for the bill, by its transfer', () => {
    expect(noticeOf(paybillBody.parse(BODY))).toEqual({
      says: 'paid', code: '000', text: null, amountVnd: 50_000, gatewayTransaction: 'TRX0001', bankCode: 'BIDV', paidAt: new Date('2026-03-15T01:30:00Z'), reference: 'HS0001', dossierCode: null, merchant: 'TEST01',
    });
    expect(noticeOf(paybillBody.parse({ ...BODY, amount: 50_000, trans_date: '260315083000' }))).toMatchObject({ amountVnd: 50_000, paidAt: new Date('2026-03-15T01:30:00Z') });
    expect(noticeOf(paybillBody.parse({ ...BODY, trans_date: 'today' })).paidAt).toBeNull();
  });

  it.each([{ amount: '0' }, { amount: '-5' }, { amount: '50000.5' }, { amount: '50000\u0080' }, { trans_id: '' }, { bill_id: undefined }, { checksum: null }])('with %j is not read', (changes) => {
    expect(paybillBody.safeParse({ ...BODY, ...changes }).success).toBe(false);
  });

  it('is the same at another time, and another with another amount', () => {
    const one = identityOf(paybillBody.parse(BODY));
    const later = identityOf(paybillBody.parse({ ...BODY, trans_date: '20260316000000', checksum: 'y', bill_id: 'hs 0001' }));
    const dearer = identityOf(paybillBody.parse({ ...BODY, amount: '50001' }));
    expect([one.uniqueKey, later.sameness.equals(one.sameness), dearer.uniqueKey === one.uniqueKey, dearer.sameness.equals(one.sameness)]).toEqual(['TEST01/TRX0001', true, true, false]);
  });

  it.each([
    ['applied', 'confirmed', 'ok'], ['applied', 'already', 'settled'], ['refused', 'unknown-order', 'unknown-bill'], ['refused', 'amount', 'amount'], ['refused', 'state', 'settled'],
    ['applied', 'toString', 'error'], ['applied', null, 'error'], ['unverified', 'token', 'token'], ['unverified', 'checksum', 'checksum'], ['unverified', 'service', 'service'], ['unverified', 'shape', 'missing'],
    ['unverified', null, 'token'], ['unreadable', null, 'missing'], ['too-large', null, 'missing'], ['conflict', null, 'error'], ['unavailable', null, 'error'], ['stale', null, 'error'],
  ] as const)('%s with %s is answered as %s', (outcome, code, result) => {
    expect(paybillResult(outcome, code, { duplicate: 'settled', unknownBill: 'unknown-bill' })).toBe(result);
  });

  it('has the status that was agreed', () => {
    expect((Object.keys(RESULTS) as (keyof typeof RESULTS)[]).filter((result) => statusOf(result, 'errors-400') === 200)).toEqual(['ok', 'no-bill', 'settled']);
    expect(statusOf('error', 'always-200')).toBe(200);
    expect(refusalOf('anything')).toBe('token');
  });
});

describe('a bill', () => {
  it('that is not there is a code only', () => {
    expect([billReply({ kind: 'unknown' }, 'X'), billReply({ kind: 'nothing-due' }, 'X')]).toEqual([
      { result_code: '011', result_desc: 'Mã khách hàng không tồn tại' }, { result_code: '012', result_desc: 'Khách hàng không có hóa đơn' },
    ]);
  });
});

describe('settings', () => {
  it('are off by default: no gateway and no door', () => {
    const read = bidvSettings.read({});
    if (!read.ok) throw new Error(read.problems.join());
    expect(createBidv(read.settings, { logger: LOGGER })).toMatchObject({ gateway: null, callback: null, tokens: [], bills: [] });
  });

  it.each([
    [{ BIDV_SERVICES: '[{"agency":"*","serviceId":"S1","secret":"12345678"}]' }, 'BIDV_CLIENTS is not set, and BIDV_SERVICES needs it'],
    [{ BIDV_CLIENTS: 'a:12345678', BIDV_SERVICES: '[{"agency":"*","serviceId":"S1","secret":"12345678"},{"agency":"H42","serviceId":"S1","secret":"12345678"}]' }, 'BIDV_SERVICES names one service id twice'],
    [{ BIDV_SERVICES: '[{"agency":"*","serviceId":"S1","secret":"12345678"},{"agency":"H42","serviceId":"S2","secret":"87654321","previousSecret":"12345678"}]' }, 'BIDV_SERVICES has one secret for two services'],
    [{ BIDV_GIVE_UP_MS: '90000000' }, 'BIDV_GIVE_UP_MS must be above BIDV_PAY_WITHIN_MS and BIDV_SETTLE_MS together'],
  ])('refuse %j', (env, problem) => {
    const read = bidvSettings.read(env);
    expect(read.ok ? [] : read.problems).toContain(problem);
  });
});
