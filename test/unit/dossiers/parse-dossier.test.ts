import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DossierInput } from '../../../src/dossiers/dossier-input.js';
import { parseDossier } from '../../../src/dossiers/parse-dossier.js';
import { parseStatusReport } from '../../../src/dossiers/parse-status-report.js';
import { NOW, RULES, dossierInput, stepInput } from '../../support/dossier-inputs.js';

const context = { path: 'dossiers[0]', now: NOW, rules: RULES };
const parse = (over: Partial<DossierInput> = {}) => parseDossier(dossierInput(over), context);
const problemsOf = (over: Partial<DossierInput>): string[] => {
  const outcome = parse(over);
  return outcome.ok ? [] : outcome.problems.map((problem) => `${problem.field} ${problem.code}`);
};
const [document] = dossierInput().documents ?? [];

describe('parsing a dossier', () => {
  it('keeps what was stated and claims nothing else', () => {
    const outcome = parse();
    expect(outcome).toMatchObject({ ok: true, parsed: { truncations: [], steps: [] } });
    expect(outcome.ok && outcome.parsed.content).toMatchObject({ consultedDatabases: [], results: [], note: null, finishedAt: null, owner: { technicalId: null, email: null } });
  });

  it('brings decomposed Vietnamese into NFC and trims it', () => {
    const outcome = parse({ subject: '  Đăng ký khai sinh '.normalize('NFD') });
    expect(outcome.ok && outcome.parsed.content.subject).toBe('Đăng ký khai sinh'.normalize('NFC'));
  });

  it.each([
    ['NUL', 'a\u0000b', 'CONTROL_CHARACTER'], ['an escape', 'a\u001b[31m', 'CONTROL_CHARACTER'], ['a newline in a one-line field', 'a\nb', 'CONTROL_CHARACTER'],
    ['a lone surrogate', 'a\ud800b', 'LONE_SURROGATE'], ['blanks', '   ', 'REQUIRED'],
  ])('refuses %s and names the field', (_what, name, code) => {
    expect(problemsOf({ owner: { ...dossierInput().owner, name } })).toEqual([`dossiers[0].owner.name ${code}`]);
  });

  it('keeps lines in fields that have them, with one kind of line end', () => {
    const outcome = parse({ note: 'một\r\nhai\tba' });
    expect(outcome.ok && outcome.parsed.content.note).toBe('một\nhai\tba');
  });

  it.each<[string, Partial<DossierInput>, string]>([
    ['a placeholder id', { owner: { ...dossierInput().owner, idNumber: '000000001' } }, 'dossiers[0].owner.idNumber PLACEHOLDER_ID'],
    ['a foreign agency', { agencyCode: '000.00.00.H56' }, 'dossiers[0].agencyCode AGENCY_NOT_OF_TENANT'],
    ['a code without province', { code: '260315-0007' }, 'dossiers[0].code DOSSIER_CODE_SHAPE'],
    ['an id that two files share', { results: [{ id: 'TL-1', name: 'kq.pdf', fileReference: 'kq.pdf' }] }, 'dossiers[0].results[0].id DUPLICATE_ID'],
    ['a submitted file as result', { results: [{ id: 'KQ-1', name: 'kq.pdf', fileReference: '2026/03/to-khai.pdf' }] }, 'dossiers[0].results[0].fileReference RESULT_IS_SUBMITTED_DOCUMENT'],
    ['half a dong', { fees: [{ name: 'Phí', code: '1', amountVnd: 0.5 }] }, 'dossiers[0].fees[0].amountVnd AMOUNT_VND'],
    ['an amount that a double cannot hold', { fees: [{ name: 'Phí', code: '1', amountVnd: 2 ** 53 }] }, 'dossiers[0].fees[0].amountVnd AMOUNT_VND'],
    ['a negative amount', { fees: [{ name: 'Phí', code: '1', amountVnd: -1 }] }, 'dossiers[0].fees[0].amountVnd AMOUNT_VND'],
    ['a finish in the future', { finishedAt: new Date('2026-03-15T10:05:01Z') }, 'dossiers[0].finishedAt IN_FUTURE'],
    ['a year that the wire cannot write', { dueAt: new Date('+012026-03-15T00:00:00Z') }, 'dossiers[0].dueAt DATE_RANGE'],
    ['a cut code', { fieldCode: 'G'.repeat(51) }, 'dossiers[0].fieldCode TOO_LONG'],
    ['an absurd text', { subject: 'x'.repeat(20_001) }, 'dossiers[0].subject TOO_LONG'],
  ])('refuses %s', (_what, over, problem) => {
    expect(problemsOf(over)).toContain(problem);
  });

  it.each(['../etc/passwd', '/etc/passwd', 'a/../b', 'a//b', 'http://x/y', 'a\\b', 'a/./b', '', `${'a'.repeat(501)}`, 'a\u0000b'])('refuses the file reference %j', (fileReference) => {
    expect(problemsOf({ documents: document === undefined ? [] : [{ ...document, fileReference }] })).toEqual(['dossiers[0].documents[0].fileReference FILE_REFERENCE_SHAPE']);
  });

  it('reports what the wire will cut, counted in code points, and keeps it whole', () => {
    const outcome = parse({ subject: '𠮷'.repeat(1_001) });
    expect(outcome).toMatchObject({ ok: true, parsed: { truncations: [{ field: 'dossiers[0].subject', limit: 1_000, length: 1_001 }] } });
    expect(parse({ subject: '𠮷'.repeat(1_000) })).toMatchObject({ ok: true, parsed: { truncations: [] } });
  });

  it('names each bad step and refuses the item, for they are stored together', () => {
    expect(problemsOf({ steps: [stepInput(), stepInput({ officialName: '' })] })).toEqual(['dossiers[0].steps[1].officialName REQUIRED']);
    expect(problemsOf({ steps: Array.from({ length: 51 }, () => stepInput()) })).toEqual(['dossiers[0].steps TOO_MANY']);
  });

  it('never repeats a value in a problem', () => {
    const canary = 'Canary\u0000Person';
    const outcome = parse({ owner: { ...dossierInput().owner, name: canary, idNumber: 'canary-id' }, agencyCode: 'canary-agency', code: 'canary-code' });
    expect(outcome).toMatchObject({ ok: false, code: null });
    expect(JSON.stringify(outcome)).not.toMatch(/canary/i);
  });

  it('answers any text with content or with problems, and lets no bad character through', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const outcome = parse({ subject: text, note: text, processingUnit: text });
      if (!outcome.ok) return outcome.problems.length > 0;
      const { subject, processingUnit } = outcome.parsed.content;
      return subject === subject.normalize('NFC') && !/\p{Surrogate}|\p{Cc}/u.test(processingUnit) && subject.length > 0;
    }));
  });
});

describe('parsing a status report', () => {
  const report = { nationalCode: 'G22-260315-000001', dossierCode: '000.12.34.H42-260315-0007', status: 'PROCESSING' as const, content: 'Đang xử lý', processedAt: NOW };

  it('takes it with its documents', () => {
    const documents = [{ id: 'a', name: 'a.pdf', deleted: false, fileReference: 'a.pdf' }];
    expect(parseStatusReport({ ...report, documents }, { ...context, path: 'report' })).toMatchObject({ ok: true, parsed: { documents: [{ id: 'a', componentCode: null }] } });
  });

  it('refuses a code of another province and a document id that occurs twice', () => {
    const documents = ['a', 'a'].map((id) => ({ id, name: 'a.pdf', deleted: false, fileReference: 'a.pdf' }));
    const outcome = parseStatusReport({ ...report, dossierCode: '000.12.34.H56-260315-0007', documents }, { ...context, path: 'report' });
    expect(outcome.ok ? [] : outcome.problems.map((problem) => problem.field)).toEqual(['report.documents[1].id', 'report.dossierCode']);
  });
});
