import { describe, expect, it } from '@jest/globals';
import { cleanHtml, cleanProcedure, cleanText } from '../../../src/procedures/catalogue-html.js';
import { sampleProcedure } from '../../support/scripted-catalogue.js';

describe('HTML of the national database', () => {
  it.each([
    ['<p onclick="x()">Nộp</p>', '<p>Nộp</p>'],
    ['<script>x()</script>a', 'a'],
    ['<a href="javascript:x()">a</a>', '<a>a</a>'],
    ['<a href="//evil">a</a>', '<a>a</a>'],
    ['<a href="https://gov.vn/x" target=_blank style="x">a</a>', '<a href="https://gov.vn/x">a</a>'],
    ['<img src=x onerror=x()><iframe></iframe><svg/onload=x()>b', 'b'],
    ['<table><tr><td colspan="2">1</td></tr></table>', '<table><tr><td colspan="2">1</td></tr></table>'],
  ])('%s becomes %s', (dirty, clean) => {
    expect(cleanHtml(dirty)).toBe(clean);
  });

  it.each([['<b>Cấp</b> & đổi', 'Cấp & đổi'], ['&lt;script&gt;', '&lt;script&gt;'], ['Luật "Xây dựng"', 'Luật "Xây dựng"'], ['a < b', 'a &lt; b']])('as plain text %s becomes %s', (dirty, clean) => {
    expect(cleanText(dirty)).toBe(clean);
  });

  it('is cleaned in every part of a record, and addresses open the web only', () => {
    const hostile = '<img src=x onerror=x()>';
    const clean = cleanProcedure(sampleProcedure(1, {
      name: hostile, description: hostile, results: [{ code: 'x', name: hostile }],
      components: [{ name: hostile, components: [{ code: null, name: hostile, originals: 1, copies: null, formName: hostile, formUrl: 'javascript:x()', replacedByResultCode: null }] }],
      legalBases: [{ number: null, name: 'Luật', issuer: null, issuedOn: null, effectiveOn: null, url: 'https://vbpl.vn/1' }],
    }));
    expect(JSON.stringify(clean)).not.toMatch(/onerror|onclick|javascript:|<script/);
    expect(clean.components[0]?.components[0]?.formUrl).toBeNull();
    expect(clean.legalBases[0]?.url).toBe('https://vbpl.vn/1');
    expect(clean.steps[0]?.steps).toEqual(['<p>Nộp hồ sơ</p>']);
  });
});
