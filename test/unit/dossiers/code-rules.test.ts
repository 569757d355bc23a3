import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { levelOneOf } from '../../../src/agencies/agency-code.js';
import { checkAgencyCode, checkDossierCode, checkProcedureCode } from '../../../src/dossiers/code-rules.js';
import { NOW, RULES } from '../../support/dossier-inputs.js';

const tenant = RULES.tenantAgencyCodes;
const dossierBreach = (code: string, receivedAt: Date | null = null): string | undefined =>
  checkDossierCode(code, { tenant, now: NOW, receivedAt })?.code;

describe('agency codes', () => {
  it.each(['000.00.00.H42', '000.12.34.H25', 'H42', 'H40.14', 'H42.14.002'])('takes %s of either epoch', (code) => {
    expect(checkAgencyCode(code, tenant)).toBeNull();
  });

  it.each(['', 'h42', '000.00.00', '000.00.00.H42 ', 'H42.1', '00.00.00.H42', 'H42-14'])('refuses the shape of "%s"', (code) => {
    expect(checkAgencyCode(code, tenant)?.code).toBe('AGENCY_CODE_SHAPE');
  });

  it('refuses another province and names what would be legal', () => {
    expect(checkAgencyCode('000.00.00.H56', tenant)).toMatchObject({ code: 'AGENCY_NOT_OF_TENANT', allowed: ['H42', 'H25', 'H40'] });
    expect(levelOneOf('G09.20')).toBe('G09');
  });
});

describe('procedure codes', () => {
  it.each(['1.001193', '2.002621.H42', '1.001193.000.00.00.H25'])('takes %s', (code) => {
    expect(checkProcedureCode(code, tenant)).toBeNull();
  });

  it.each([['1.1193', 'PROCEDURE_CODE_SHAPE'], ['1.001193.H42.01', 'PROCEDURE_CODE_SHAPE'], ['3.000181.000.00.00.H22', 'PROCEDURE_NOT_OF_TENANT']])('refuses %s', (code, breach) => {
    expect(checkProcedureCode(code, tenant)?.code).toBe(breach);
  });
});

describe('dossier codes', () => {
  it.each(['000.12.34.H42-260315-0007', 'H42.14-20260315-0092637', 'H25-260314-12345'])('takes %s', (code) => {
    expect(dossierBreach(code)).toBeUndefined();
  });

  it.each([
    ['260315-0007', 'DOSSIER_CODE_SHAPE'],
    ['000.12.34.H42-260315-7', 'DOSSIER_CODE_SHAPE'],
    ['000.12.34.H56-260315-0007', 'AGENCY_NOT_OF_TENANT'],
    ['000.12.34.H42-260230-0007', 'DOSSIER_CODE_DATE'],
    ['000.12.34.H42-261315-0007', 'DOSSIER_CODE_DATE'],
    ['000.12.34.H42-260316-0007', 'DOSSIER_CODE_FUTURE'],
  ])('refuses %s', (code, breach) => {
    expect(dossierBreach(code)).toBe(breach);
  });

  it('counts days in Vietnam: after 17:00 UTC it is tomorrow there', () => {
    const evening = new Date('2026-03-15T17:00:00Z');
    expect(checkDossierCode('000.12.34.H42-260316-0007', { tenant, now: evening, receivedAt: evening })).toBeNull();
    const before = new Date(evening.getTime() - 1);
    expect(checkDossierCode('000.12.34.H42-260316-0007', { tenant, now: before, receivedAt: null })?.code).toBe('DOSSIER_CODE_FUTURE');
  });

  it('takes the day before and after reception, no other', () => {
    const receivedOn = (day: string): string | undefined => dossierBreach('000.12.34.H42-260310-0001', new Date(`${day}T05:00:00Z`));
    expect(['2026-03-09', '2026-03-10', '2026-03-11'].map(receivedOn)).toEqual([undefined, undefined, undefined]);
    expect(['2026-03-08', '2026-03-12'].map(receivedOn)).toEqual(['DOSSIER_CODE_NOT_RECEPTION_DATE', 'DOSSIER_CODE_NOT_RECEPTION_DATE']);
  });

  it('takes every code that a one-stop system would issue on a past day', () => {
    fc.assert(fc.property(
      fc.date({ min: new Date('2015-01-01T00:00:00Z'), max: NOW, noInvalidDate: true }), fc.integer({ min: 0, max: 9_999_999 }), fc.constantFrom('000.12.34.H42', 'H40.14'), fc.boolean(),
      (receivedAt, number, agency, long) => {
        const day = new Date(receivedAt.getTime() + 7 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
        const code = `${agency}-${long ? day : day.slice(2)}-${String(number).padStart(4, '0')}`;
        expect(dossierBreach(code, receivedAt)).toBeUndefined();
      }));
  });
});
