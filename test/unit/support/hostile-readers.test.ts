import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SignalError } from '../../../adapters/support/signals.js';
import { parseStrictJson } from '../../../adapters/support/strict-json.js';
import { passXmlGate } from '../../../adapters/support/xml-gate.js';
import { readXml } from '../../../adapters/support/xml-reader.js';
import { readXmlTree } from '../../../adapters/support/xml-tree.js';

type Verdict = { readonly value: unknown } | { readonly refused: string };

/** Anything thrown that is not the typed error fails the test. */
const judge = (read: () => unknown): Verdict => {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof SignalError && error.signal.kind === 'unreadable') return { refused: error.signal.code };
    throw error;
  }
};

const RUNS = { numRuns: 2_000 };
const soup = (pieces: readonly string[]): fc.Arbitrary<string> => fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));

describe('strict JSON, by the numbers and by the letters', () => {
  it.each([
    ['1e999', 'json-not-finite'], ['[-1e999]', 'json-not-finite'], [`{"a":${'9'.repeat(400)}}`, 'json-not-finite'], ['NaN', 'json-invalid'], ['Infinity', 'json-invalid'],
    ['"\\ud800"', 'json-lone-surrogate'], ['"\\udc00\\ud800"', 'json-lone-surrogate'], ['{"\\ud800":1}', 'json-lone-surrogate'], ['"\ud800"', 'json-lone-surrogate'],
    ['{"a":1,"a":1}', 'json-duplicate-key'], ['{"\\u005f_proto__":1}', 'json-reserved-name'], ['\u0000', 'json-invalid'], ['"\u0000"', 'json-invalid'], ['\ufeff1', 'json-invalid'],
  ])('%j → %s', (text, code) => { expect(judge(() => parseStrictJson(text))).toEqual({ refused: code }); });

  it.each(['1e308', '-0', '0.1', '"\\ud83d\\ude00"', '"😀"', '"1e999"', '{"e":"-+.","a1":[1,2]}', '"\\\\ud800"'])('%j is read as JSON.parse reads it', (text) => {
    expect(judge(() => parseStrictJson(text))).toEqual({ value: JSON.parse(text) as unknown });
  });

  it('throws nothing but its typed error, and what it reads is what JSON.parse reads', () => {
    const pieces = ['{', '}', '[', ']', ',', ':', '"', '"a"', '"__proto__"', '\\u', '\\ud800', '\\', '1', '-', 'e', '9e999', '.', 'null', 'true', ' ', '\u0000', '\ud800', 'ế'];
    fc.assert(fc.property(fc.oneof(soup(pieces), fc.string({ unit: 'binary' }), fc.json(), fc.jsonValue().map((value) => JSON.stringify(value))), (text) => {
      const verdict = judge(() => parseStrictJson(text));
      if ('value' in verdict) expect(verdict.value).toEqual(JSON.parse(text));
    }), RUNS);
  });

  it('reads every value without reserved names, whatever the spacing, and gives it back', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'grapheme' }), fc.constantFrom(0, 2, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space);
      const verdict = judge(() => parseStrictJson(text));
      if ('value' in verdict) expect(JSON.stringify(verdict.value, null, space)).toBe(text);
      else expect(verdict.refused).toBe('json-reserved-name');
    }), RUNS);
  });
});

describe('the XML gate', () => {
  const pieces = ['<', '>', '/', '</a>', '<a>', '<a/>', '<b x="1">', '</b>', '<!--', '-->', '<![CDATA[', ']]>', '<!DOCTYPE a>', '<?xml version="1.0"?>', '<?php ?>', '&amp;', '&#x0;', '&#xD800;', '&x;', '&#65;', '"', "'", '=', 'ế', '\u0000', '\ufffe', ' ', 'xmlns:p="u"', '<p:a', ':', '__proto__'];

  it('throws nothing but its typed error, and the readers take whatever it passes', () => {
    fc.assert(fc.property(fc.oneof(soup(pieces), fc.string({ unit: 'binary' })), (text) => {
      const passed = judge(() => passXmlGate(text));
      if ('refused' in passed) return;
      expect(judge(() => readXml(passed.value as never))).toHaveProperty('value');
      judge(() => readXmlTree(passed.value as never));
    }), RUNS);
  });

  it('passes any bytes or refuses them with its typed error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => { judge(() => passXmlGate(bytes)); }), RUNS);
  });

  it.each([
    ['<a>&#x0;</a>'], ['<a>&#xD800;</a>'], ['<a>\u0000</a>'], ['<a>\ufffe</a>'], ['<a b="<"/>'], ['<a b="1" b="2"/>'], ['<a>]]></a>'], ['<a><!-- -- --></a>'], ['<a/>x'], ['x<a/>'], ['<a></a ><b/>'], ['<?xml version="1.0"?><?xml version="1.0"?><a/>'], ['<a><b></a></b>'], ['<1a/>'], ['<a>&lt</a>'],
  ])('refuses the ill-formed %j', (xml) => { expect(judge(() => passXmlGate(xml))).toHaveProperty('refused'); });

  it.each(['&', ']]>', '<b>', 'ế'.normalize('NFD'), '😀', "'\"", '\n\t'])('a text that was escaped comes out as the same text: %j', (text) => {
    const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
    expect(readXmlTree(passXmlGate(`<a>${escaped}</a>`)).text).toBe(text);
  });
});
