import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toDossierItem, toStepItem } from '../../../adapters/national-portal/mapping.js';
import { portalOperations } from '../../../adapters/national-portal/operations.js';
import { MASK, redactBody, redactText } from '../../../adapters/support/journal-redaction.js';
import { SignalError } from '../../../adapters/support/signals.js';
import { CANARIES, dossierCode, sampleDossier, sampleStep, submissionOf } from '../../contract/sample-dossier.js';

describe('journal redaction', () => {
  const operations = portalOperations(1000);

  it('keeps declared fields and no personal value of any request', () => {
    const bodies = [
      redactBody({ session: 'secret-session', data: [toDossierItem(submissionOf(sampleDossier(1)))] }, operations.insert.kept),
      redactBody([toStepItem(sampleStep('1', 1))], operations.progress.kept),
      redactBody({ provider: 'wso2is', mstorcmnd: CANARIES[1] }, operations['technical-id'].kept),
    ];
    const journal = JSON.stringify(bodies);
    expect(journal).toContain(dossierCode(1));
    expect(journal).toContain('"TrangThai":"4"');
    for (const canary of [...CANARIES, 'secret-session', 's3cr3t']) expect(journal).not.toContain(canary);
  });

  it('masks a field that nobody declared, whatever it is called and wherever it hides', () => {
    const fields = fc.object({ maxDepth: 4, values: [fc.constant('CANARY'), fc.constant(123456789012)] });
    fc.assert(fc.property(fields, (body) => {
      const journal = JSON.stringify(redactBody(body, { plain: new Set(), text: new Set() }));
      expect(journal).not.toContain('CANARY"');
      expect(journal).not.toContain('123456789012');
    }));
    expect(redactBody({ 'Nguyễn Văn A': 1 }, { plain: new Set(), text: new Set() })).toEqual({ [MASK]: MASK });
  });

  it('cuts long lists', () => {
    const kept = { plain: new Set(['a']), text: new Set<string>() };
    expect(redactBody(Array.from({ length: 30 }, () => ({ a: 1 })), kept)).toHaveLength(21);
  });

  it.each([
    ['CCCD 036199012345 sai', `CCCD ${MASK} sai`],
    ['sđt 091 234 5678', `sđt ${MASK}`],
    ['gửi a.b@c.vn nhé', `gửi ${MASK} nhé`],
    ['xem https://x.vn/f?token=1', `xem ${MASK}`],
    [`Hồ sơ ${dossierCode(12)} đã tồn tại`, `Hồ sơ ${dossierCode(12)} đã tồn tại`],
    ['một\u0000hai\nba', 'một hai ba'],
  ])('reads %p as %p', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  it('removes what we sent, in any case and Unicode form', () => {
    expect(redactText('chủ hồ sơ nguyễn thị canary không khớp'.normalize('NFD'), ['NGUYỄN THỊ CANARY'])).toBe(`chủ hồ sơ ${MASK} không khớp`);
    expect(redactText('a+b (c)', ['(c)'])).toBe(`a+b ${MASK}`);
  });

  it('cuts the party\'s words', () => {
    expect(redactText('ơ'.repeat(2000)).length).toBe(500);
  });

  it('hides the body of a signal from whoever prints the error', () => {
    const error = new SignalError({ kind: 'busy' }, { body: { name: 'CANARY' } });
    expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain('CANARY');
    expect(error.replyBody()).toEqual({ name: 'CANARY' });
  });
});
