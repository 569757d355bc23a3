import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { monthsBetween, percentOf } from '../../../src/public-services/connected-share.js';
import { refusalOfMove } from '../../../src/public-services/connection-move.js';
import { faultOfDeepLink } from '../../../src/public-services/deep-link.js';
import { CONNECTION_MOVES, CONNECTION_STATES } from '../../../src/public-services/public-service.js';
import type { PublicService } from '../../../src/public-services/public-service.js';
import { CONDITION_CODES, READINESS_CONDITIONS, missingText } from '../../../src/public-services/readiness-conditions.js';
import type { ConditionCode } from '../../../src/public-services/readiness-conditions.js';
import { checkReadiness } from '../../../src/public-services/readiness-check.js';
import type { ReadinessContext } from '../../../src/public-services/readiness-check.js';
import { LEVEL_MEANINGS, LEVEL_NAMES, REGISTERED_LEVELS, levelNamed } from '../../../src/public-services/service-level.js';

const NOW = new Date('2026-11-20T03:00:00Z');
const CONTEXT = { now: NOW, tenantAgencyCodes: ['H42', 'H25'], codesOfAgency: (code: string) => [code, 'H42.01.03'], looksAtLinks: true, agenciesWithAccount: new Set(['000.01.03.H42']) };
const LINK = 'https://dichvucong.example.gov.vn/nop?vnconnect=1&MaTTHCDP=1.001193.000.00.00.H42&MaCoQuanThucHien=000.01.03.H42&MaDVC=1.001193.000.00.00.H42.01';
const SOUND: PublicService = {
  id: '1', code: '1.001193.000.00.00.H42.01', procedureCode: '1.001193.000.00.00.H42', agencyCode: '000.01.03.H42', level: 'FULL', state: 'NOT_READY', updatedAt: NOW, name: 'Đăng ký khai sinh',
  electronicForm: true, onlinePayment: true, electronicResult: true, postalResult: false, officials: 2, deepLink: LINK, link: { at: NOW, status: 302, problem: null },
  localFeeVnd: 20_000, hasLocalTimeLimit: true, national: { code: '1.001193', usable: true, feesVnd: [], hasTimeLimit: false }, catalogueComplete: true,
};
const statusOf = (change: Partial<PublicService>, condition: ConditionCode, context: Partial<ReadinessContext> = {}) => {
  const { status, detail } = checkReadiness({ ...SOUND, ...change }, { ...CONTEXT, ...context }).conditions.find((result) => result.condition === condition) ?? { status: null, detail: null };
  return [status, detail];
};

describe('readiness', () => {
  it('of a sound service is complete, and waits where nobody can look at accounts', () => {
    const { ready, unmet, conditions } = checkReadiness(SOUND, CONTEXT);
    expect([ready, unmet]).toEqual([true, []]);
    expect(conditions.filter(({ status }) => status !== 'PASSED')).toEqual([]);
    expect(checkReadiness(SOUND, { ...CONTEXT, agenciesWithAccount: null }).unmet).toEqual(['BANK_ACCOUNT']);
    expect(statusOf({}, 'BANK_ACCOUNT', { agenciesWithAccount: null })).toEqual(['NOT_CHECKED', 'NO_ACCOUNT_REGISTER']);
  });

  const DEFECTS: readonly (readonly [Partial<PublicService>, ConditionCode, string, string | null])[] = [
    [{ procedureCode: '1,001193' }, 'PROCEDURE_CODE', 'FAILED', 'SHAPE'],
    [{ procedureCode: '1.001193.H56' }, 'PROCEDURE_CODE', 'FAILED', 'OTHER_PROVINCE'],
    [{ national: null }, 'PROCEDURE_CODE', 'FAILED', 'UNKNOWN'],
    [{ national: null, catalogueComplete: false }, 'PROCEDURE_CODE', 'NOT_CHECKED', 'NO_CATALOGUE'],
    [{ national: { code: '1.001193', usable: false, feesVnd: [], hasTimeLimit: true } }, 'PROCEDURE_CODE', 'FAILED', 'NOT_PUBLIC'],
    [{ level: '2' }, 'SERVICE_LEVEL', 'FAILED', null],
    [{ level: '3' }, 'SERVICE_LEVEL', 'PASSED', null],
    [{ electronicForm: false }, 'ELECTRONIC_FORM', 'FAILED', null],
    [{ localFeeVnd: null }, 'FEE_SET', 'FAILED', null],
    [{ localFeeVnd: null }, 'ONLINE_PAYMENT', 'NOT_CHECKED', 'FEE_UNKNOWN'],
    [{ onlinePayment: false }, 'ONLINE_PAYMENT', 'FAILED', null],
    [{ onlinePayment: false, localFeeVnd: 0 }, 'ONLINE_PAYMENT', 'NOT_NEEDED', null],
    [{ localFeeVnd: 0 }, 'BANK_ACCOUNT', 'NOT_NEEDED', null],
    [{ electronicResult: false }, 'RESULT_RETURN', 'FAILED', null],
    [{ electronicResult: false, postalResult: true }, 'RESULT_RETURN', 'PASSED', null],
    [{ officials: 0 }, 'OFFICIALS', 'FAILED', null],
    [{ hasLocalTimeLimit: false }, 'TIME_LIMIT', 'FAILED', null],
    [{ deepLink: null }, 'DEEP_LINK_SHAPE', 'FAILED', 'MISSING'],
    [{ link: null }, 'DEEP_LINK_ANSWERS', 'NOT_CHECKED', null],
    [{ link: { at: new Date('2026-11-01T00:00:00Z'), status: 200, problem: null } }, 'DEEP_LINK_ANSWERS', 'NOT_CHECKED', 'TOO_LONG_AGO'],
    [{ link: { at: NOW, status: 500, problem: 'HTTP_STATUS' } }, 'DEEP_LINK_ANSWERS', 'FAILED', 'HTTP_STATUS'],
  ];
  it.each(DEFECTS)('of %j: %s is %s', (change, condition, status, detail) => {
    expect(statusOf(change, condition)).toEqual([status, detail]);
  });

  it('takes the nation\'s fee where the province has none', () => {
    const national = { code: '1.001193', usable: true, feesVnd: [0, 5_000], hasTimeLimit: true };
    expect(statusOf({ localFeeVnd: null, national, onlinePayment: false }, 'ONLINE_PAYMENT')).toEqual(['FAILED', null]);
    expect(statusOf({ localFeeVnd: null, national: { ...national, feesVnd: [0] } }, 'ONLINE_PAYMENT')).toEqual(['NOT_NEEDED', null]);
  });

  it('asks the register of accounts once there is one, for what costs something only', () => {
    const known = { agenciesWithAccount: new Set([SOUND.agencyCode]) };
    expect(checkReadiness(SOUND, { ...CONTEXT, ...known }).conditions.every(({ status }) => status === 'PASSED')).toBe(true);
    const none = { ...CONTEXT, agenciesWithAccount: new Set(['000.01.04.H42']) };
    expect(checkReadiness(SOUND, none)).toMatchObject({ ready: false, unmet: ['BANK_ACCOUNT'] });
    expect(checkReadiness({ ...SOUND, localFeeVnd: 0 }, none).ready).toBe(true);
  });

  it('names the setting without which nobody looks at links', () => {
    const unset = { looksAtLinks: false };
    expect(statusOf({ link: null }, 'DEEP_LINK_ANSWERS', unset)).toEqual(['NOT_CHECKED', 'NO_PORTAL_ORIGINS']);
    expect(statusOf({ link: { at: new Date('2026-11-01T00:00:00Z'), status: 200, problem: null } }, 'DEEP_LINK_ANSWERS', unset)).toEqual(['NOT_CHECKED', 'NO_PORTAL_ORIGINS']);
    expect(statusOf({}, 'DEEP_LINK_ANSWERS', unset)).toEqual(['PASSED', null]);
    for (const text of Object.values(missingText('DEEP_LINK_ANSWERS', 'NO_PORTAL_ORIGINS'))) expect(text).toContain('SERVICE_PORTAL_ORIGINS');
  });

  it('names for each condition a source, how sure we are, and who acts, in both languages', () => {
    for (const code of CONDITION_CODES) {
      const { label, source, missing } = READINESS_CONDITIONS[code];
      for (const text of [label, source, missing]) expect(text.vi.length * text.en.length).toBeGreaterThan(0);
    }
    expect(CONDITION_CODES.filter((code) => !READINESS_CONDITIONS[code].waitsForCheck)).toEqual([]);
  });
});

describe('a deep link', () => {
  const expected = { procedureCode: SOUND.procedureCode, serviceCode: SOUND.code, agencyCodes: ['000.01.03.H42', 'H42.01.03'] };
  it.each([
    [LINK, null],
    [LINK.replace('MaTTHCDP', 'matthcdp').replace('000.01.03.H42&', 'h42.01.03&'), null],
    ['nothing', 'NO_ADDRESS'],
    [LINK.replace('https', 'http'), 'NOT_HTTPS'],
    [LINK.replace('vnconnect=1', 'vnconnect=0'), 'NO_SSO'],
    [LINK.replace('1.001193', '1.001194'), 'OTHER_PROCEDURE'],
    [LINK.replace('000.01.03', '000.01.04'), 'OTHER_AGENCY'],
    [LINK.replace(/01$/, '02'), 'OTHER_SERVICE'],
  ])('%s', (link, fault) => {
    expect(faultOfDeepLink(link, expected)).toBe(fault);
  });
});

describe('a move', () => {
  it('is legal only where the table says so', () => {
    fc.assert(fc.property(fc.constantFrom(...CONNECTION_STATES), fc.constantFrom(...CONNECTION_STATES), (from, to) => {
      const refusal = refusalOfMove(from, { to, override: false, role: 'operator', readiness: checkReadiness(SOUND, CONTEXT) });
      expect(refusal === null).toBe(CONNECTION_MOVES[from].includes(to));
    }));
  });

  it('into READY and SUBMITTED needs readiness, which only a supervisor may go past', () => {
    const readiness = checkReadiness({ ...SOUND, officials: 0 }, CONTEXT);
    expect(refusalOfMove('NOT_READY', { to: 'READY', override: false, role: 'supervisor', readiness })).toMatchObject({ unmet: [{ condition: 'OFFICIALS' }], problem: { code: 'NOT_READY' } });
    expect(refusalOfMove('NOT_READY', { to: 'READY', override: true, role: 'operator', readiness })).toMatchObject({ problem: { code: 'OVERRIDE_ROLE' } });
    expect(refusalOfMove('READY', { to: 'SUBMITTED', override: true, role: 'supervisor', readiness })).toBeNull();
    expect(refusalOfMove('CONNECTED', { to: 'SUSPENDED', override: false, role: 'operator', readiness })).toBeNull();
  });

  it('says which setting is missing where only links stand in the way, which nobody looks at', () => {
    const context = { ...CONTEXT, looksAtLinks: false };
    const to = { to: 'READY', override: false, role: 'operator' } as const;
    const refusal = refusalOfMove('NOT_READY', { ...to, readiness: checkReadiness({ ...SOUND, link: null }, context) });
    expect(refusal).toMatchObject({ problem: { code: 'LINKS_NOT_CHECKED' }, unmet: [{ condition: 'DEEP_LINK_ANSWERS', detail: 'NO_PORTAL_ORIGINS' }] });
    for (const text of Object.values(refusal?.problem.message ?? {})) expect(text).toContain('SERVICE_PORTAL_ORIGINS');
    expect(refusalOfMove('NOT_READY', { ...to, readiness: checkReadiness({ ...SOUND, link: null, officials: 0 }, context) })).toMatchObject({ problem: { code: 'NOT_READY' } });
  });
});

describe('levels and months', () => {
  it('old and new levels have each other\'s reading, and the code of the national portal', () => {
    expect(REGISTERED_LEVELS.map((level) => [level, LEVEL_MEANINGS[level].current, LEVEL_MEANINGS[level].former, LEVEL_MEANINGS[level].wireCode])).toEqual([
      ['1', 'INFORMATION', 1, '2'], ['2', 'INFORMATION', 2, '2'], ['3', 'PARTIAL', 3, '3'], ['4', 'FULL', 4, '4'],
      ['INFORMATION', 'INFORMATION', 2, '2'], ['PARTIAL', 'PARTIAL', 3, '3'], ['FULL', 'FULL', 4, '4'],
    ]);
    expect(REGISTERED_LEVELS.map((level) => levelNamed(LEVEL_NAMES[level]))).toEqual(REGISTERED_LEVELS);
  });

  it('a month ends at midnight in Vietnam, and the present one now', () => {
    expect(monthsBetween('2026-09', '2027-01', NOW).map(({ month, at }) => [month, at.toISOString()])).toEqual([
      ['2026-09', '2026-09-30T17:00:00.000Z'], ['2026-10', '2026-10-31T17:00:00.000Z'], ['2026-11', NOW.toISOString()],
    ]);
    expect(() => monthsBetween('2026-13', '2027-01', NOW)).toThrow('fromMonth');
    expect(() => monthsBetween('2020-01', '2026-01', NOW)).toThrow('untilMonth');
  });

  it('a share is rounded down: a target that is not met does not look met', () => {
    expect([percentOf({ online: 2001, connected: 1000 }), percentOf({ online: 2, connected: 1 }), percentOf({ online: 0, connected: 0 })]).toEqual([49.9, 50, null]);
  });
});
