import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { judge } from '../../../adapters/procedure-database/errors.js';
import { procedureDatabaseSettings } from '../../../adapters/procedure-database/config.js';
import { CursorTrail } from '../../../adapters/procedure-database/cursor-trail.js';
import { ServiceDatabase } from '../../../adapters/procedure-database/service-database.js';
import { readWrapped } from '../../../adapters/support/axis-reply.js';
import { recordedCall } from '../../contract/sample-dossier.js';

const RULES = { sessionCodes: ['-9'], sessionPhrases: ['session', 'phiên làm việc'], busyPhrases: ['đang bận'] };

describe('what an answer of G1 or G2 means', () => {
  it.each([
    ['0', 'Thành công', 'success'], ['00', '', 'success'], ['0', 'Truy vấn KHÔNG THÀNH CÔNG', 'refused'], ['-1', 'Không tìm thấy thủ tục', 'missing'],
    ['-1', 'SESSION đã hết hạn', 'session'], ['-9', '', 'session'], ['-1', 'Hệ thống đang bận'.normalize('NFD'), 'busy'], ['-1', 'Dữ liệu không hợp lệ', 'refused'], ['7', '', 'refused'],
  ])('code %p with %p is %p', (code, text, judgement) => {
    expect(judge({ code, text, rows: null }, RULES)).toBe(judgement);
  });
});

describe('the list of G2', () => {
  it('is read out of its string, each reference once, rows without a code left out', async () => {
    const text = readFileSync(new URL('../../fixtures/procedure-database/list-procedures-g2.json', import.meta.url), 'utf8');
    const { rows } = readWrapped(text, false);
    const database = new ServiceDatabase({ ask: () => Promise.resolve(rows), probe: () => Promise.resolve(), close: () => Promise.resolve() });
    expect(await database.listProcedures(null, recordedCall().call)).toEqual({
      procedures: [{ reference: '2.002621.H42', code: '2.002621', name: 'Đăng ký khai sinh, đăng ký thường trú', version: null }], nextCursor: null, total: 1,
    });
  });
});

describe('the trail of a cursor', () => {
  const asked = (...cursors: (string | null)[]): CursorTrail => {
    const trail = new CursorTrail();
    for (const cursor of cursors) trail.ask(cursor);
    return trail;
  };

  it('moves, ends where it stands still or is missing, and never goes back', () => {
    expect(asked(null).judge(null, 'a')).toBe('moves');
    expect(asked(null, 'a', 'b').judge('b', 'b')).toBe('ends');
    expect(asked(null, 'a').judge('a', null)).toBe('ends');
    expect(asked(null, 'a', 'b').judge('b', 'a')).toBe('jumps-back');
  });

  it('may be taken up again at an earlier page, or begun anew', () => {
    expect(asked(null, 'a', 'b', 'a').judge('a', 'b')).toBe('moves');
    expect(asked(null, 'a', 'b', null).judge(null, 'a')).toBe('moves');
    expect(asked('x').judge('x', 'y')).toBe('moves');
  });
});

describe('settings', () => {
  const problemsOf = (env: Record<string, string>): readonly string[] => {
    const read = procedureDatabaseSettings.read(env);
    return read.ok ? [] : read.problems;
  };

  it('connect nothing unless told', () => {
    expect(procedureDatabaseSettings.read({})).toMatchObject({
      ok: true, settings: { PROCEDURE_DATABASE_WIRE: 'off', PROCEDURE_DATABASE_CONCURRENCY: 20, PROCEDURE_DATABASE_RATE_PER_SECOND: null },
    });
  });

  it('name what the chosen wire lacks', () => {
    expect(problemsOf({ PROCEDURE_DATABASE_WIRE: 'g1' })).toHaveLength(4);
    expect(problemsOf({ PROCEDURE_DATABASE_WIRE: 'g2' })).toHaveLength(4);
    expect(problemsOf({ PROCEDURE_DATABASE_WIRE: 'g3' })).toEqual(['PROCEDURE_DATABASE_G3_URL is not set, and PROCEDURE_DATABASE_WIRE=g3 needs it']);
    expect(problemsOf({ PROCEDURE_DATABASE_WIRE: 'g3', PROCEDURE_DATABASE_G3_URL: 'https://example.vn/api/v1' })).toEqual([]);
  });

  it('refuse what cannot be meant, without repeating it', () => {
    const problems = problemsOf({ PROCEDURE_DATABASE_G3_PAGE_SIZE: '201', PROCEDURE_DATABASE_CONCURRENCY: '0', PROCEDURE_DATABASE_G3_URL: 'https://user:hidden@example.vn', PROCEDURE_DATABASE_RATE_PER_SECOND: 'fast' });
    expect(problems).toHaveLength(4);
    expect(problems.join('\n')).not.toContain('hidden');
  });
});
