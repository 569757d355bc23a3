import { describe, expect, it } from '@jest/globals';
import { checkOwnerId } from '../../../src/dossiers/owner-id-rules.js';

describe('ids of owners', () => {
  it.each([
    ['CITIZEN', '037203004567'], ['CITIZEN', '164512309'], ['BUSINESS', '0700123459'], ['BUSINESS', '0700123459-001'], ['BUSINESS', '0700123459001'],
    ['STATE_AGENCY', '000.12.34.H42'], ['ORGANISATION', 'QD-12/2020'],
  ] as const)('takes %s %s', (kind, id) => {
    expect(checkOwnerId(kind, id)).toBeNull();
  });

  it.each([
    ['CITIZEN', '03720300456', 'PERSONAL_ID_SHAPE'], ['CITIZEN', '03720300456a', 'PERSONAL_ID_SHAPE'], ['CITIZEN', '0700123459', 'PERSONAL_ID_SHAPE'],
    ['CITIZEN', '٠٣٧٢٠٣٠٠٤٥٦٧', 'PERSONAL_ID_SHAPE'],
    ['BUSINESS', '037203004567', 'TAX_CODE_SHAPE'], ['ORGANISATION', 'a b', 'ORGANISATION_ID_SHAPE'],
  ] as const)('refuses %s %s by its shape', (kind, id, code) => {
    expect(checkOwnerId(kind, id)?.code).toBe(code);
  });

  it.each(['000000001', '000000000000', '111111111', '123456789', '012345678901', '987654321', '000000000999'])('refuses the placeholder %s', (id) => {
    expect(checkOwnerId('CITIZEN', id)?.code).toBe('PLACEHOLDER_ID');
  });
});
