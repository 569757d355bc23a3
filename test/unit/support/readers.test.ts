import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SignalError } from '../../../adapters/support/signals.js';
import { parseStrictJson } from '../../../adapters/support/strict-json.js';
import { DEFAULT_XML_LIMITS, passXmlGate } from '../../../adapters/support/xml-gate.js';
import { findElement, leafRecords, readXml } from '../../../adapters/support/xml-reader.js';

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof SignalError && error.signal.kind === 'unreadable') return error.signal.code;
    throw error;
  }
  return 'read';
};

describe('strict JSON', () => {
  it.each([
    ['', 'empty-reply'], ['  ', 'empty-reply'], ['{', 'json-invalid'], ['{"a":1}x', 'json-invalid'],
    ['{"a":1,"a":2}', 'json-duplicate-key'], ['{"a":1,"\\u0061":2}', 'json-duplicate-key'], ['{"x":{"a":1, "a" : 2}}', 'json-duplicate-key'],
    ['{"__proto__":{}}', 'json-reserved-name'], ['{"a":[{"constructor":1}]}', 'json-reserved-name'], ['{"\\u005f_proto__":1}', 'json-reserved-name'],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'json-too-deep'],
    ['{"a":"__proto__","b":["constructor"]}', 'read'], ['{"a":{"b":1},"c":{"b":1}}', 'read'], ['[{"a":1},{"a":2}]', 'read'],
    ['{"a":"\\"b\\":","c":"{{{[[["}', 'read'], [`${'['.repeat(32)}${']'.repeat(32)}`, 'read'],
  ])('%s → %s', (text, expected) => {
    expect(codeOf(() => parseStrictJson(text))).toBe(expected);
  });

  it('refuses what is too large, before parsing', () => {
    expect(codeOf(() => parseStrictJson('"aaaa"', { maxChars: 5, maxDepth: 5 }))).toBe('json-too-large');
  });

  it('reads all other JSON as JSON.parse does', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), (text) => {
      const result = ((): unknown => {
        try {
          return parseStrictJson(text);
        } catch (error) {
          return error;
        }
      })();
      if (!(result instanceof SignalError)) expect(result).toEqual(JSON.parse(text));
      else expect(result.signal).toMatchObject({ code: expect.stringMatching(/reserved-name|duplicate-key/) });
    }));
  });

  it('quotes nothing of a broken text in its error', () => {
    try {
      parseStrictJson('NGUYEN VAN CANARY');
      throw new Error('it was read');
    } catch (error) {
      expect(error).toBeInstanceOf(SignalError);
      expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('CANARY');
    }
  });
});

describe('XML gate', () => {
  const limits = { ...DEFAULT_XML_LIMITS, maxDepth: 4, maxElements: 6, maxAttributesPerElement: 2, maxChars: 400 };
  it.each([
    ['<!DOCTYPE a><a/>', 'xml-doctype'], ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'xml-doctype'], ['<a><?php x?></a>', 'xml-processing-instruction'],
    ['<a><b></a>', 'xml-ill-formed'], ['<a/><b/>', 'xml-ill-formed'], ['', 'xml-ill-formed'], ['text', 'xml-ill-formed'], ['<a>&undefined;</a>', 'xml-ill-formed'],
    ['<a><b><c><d><e/></d></c></b></a>', 'xml-too-deep'], ['<a><b/><b/><b/><b/><b/><b/></a>', 'xml-too-many-elements'],
    ['<a b="1" c="2" d="3"/>', 'xml-too-many-attributes'], ['<__proto__/>', 'xml-reserved-name'], ['<a><x:constructor/></a>', 'xml-reserved-name'],
    ['<a toString="1"/>', 'xml-reserved-name'], [`<a>${'x'.repeat(400)}</a>`, 'xml-too-large'], ['<?xml version="1.0" encoding="ISO-8859-1"?><a/>', 'xml-encoding'],
    ['<?xml version="1.0" encoding="utf-8"?><a b="1"><!-- c --><d/></a>', 'read'],
  ])('%s → %s', (xml, expected) => {
    expect(codeOf(() => passXmlGate(xml, limits))).toBe(expected);
    expect(codeOf(() => passXmlGate(Buffer.from(xml), limits))).toBe(expected);
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(codeOf(() => passXmlGate(Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e])))).toBe('not-utf8');
  });

  it('stops a depth bomb early', () => {
    expect(codeOf(() => passXmlGate('<a>'.repeat(200_000)))).toBe('xml-too-deep');
  });
});

describe('XML reader', () => {
  const root = readXml(passXmlGate('<s:E xmlns:s="u"><s:B><r><m>00123</m><t> Sở &amp; <![CDATA[<Y>]]> </t></r><r><m>2</m></r><n>x</n></s:B></s:E>'));
  it('drops prefixes, keeps text as text', () => {
    expect(findElement(root, 't')?.text).toBe('Sở & <Y>');
    expect(findElement(root, 'none')).toBeNull();
  });
  it('gives elements of leaves as records', () => {
    expect(leafRecords(root)).toEqual([{ m: '00123', t: 'Sở & <Y>' }, { m: '2' }]);
    expect(leafRecords(readXml(passXmlGate('<E><B><Result></Result></B></E>')))).toEqual([]);
  });
});
