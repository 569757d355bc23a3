import { afterAll, describe, expect, it } from '@jest/globals';
import { SignalError } from '../../../adapters/support/signals.js';
import { passXmlGate } from '../../../adapters/support/xml-gate.js';
import { compileSchema } from '../../../adapters/support/xsd-validator.js';

const XSD = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:receipt" elementFormDefault="qualified">
  <xs:element name="receipt"><xs:complexType><xs:sequence>
    <xs:element name="code"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[0-9]{5}"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="amount" type="xs:positiveInteger"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>`;
const schema = compileSchema(XSD);
afterAll(() => { schema.dispose(); });

const judge = (xml: string): string => {
  try {
    schema.check(passXmlGate(xml));
    return 'valid';
  } catch (error) {
    if (error instanceof SignalError && error.signal.kind === 'unreadable') return error.signal.code;
    throw error;
  }
};
const receipt = (inside: string, namespace = 'urn:receipt'): string => `<receipt xmlns="${namespace}">${inside}</receipt>`;

describe('XSD validation', () => {
  it.each([
    [receipt('<code>00123</code><amount>1000</amount>'), 'valid'],
    [receipt('<code>00123</code><amount>1000</amount>', 'urn:other'), 'xsd-invalid'],
    [receipt('<code>00123</code><amount>1000</amount><amount>1</amount>'), 'xsd-invalid'],
    [receipt('<code>00123</code>'), 'xsd-invalid'],
    [receipt('<code>123</code><amount>1000</amount>'), 'xsd-invalid'],
    [receipt('<code>00123</code><amount>-5</amount>'), 'xsd-invalid'],
    [receipt('<code>00123</code><amount>1e3</amount>'), 'xsd-invalid'],
    [receipt('<code>00123</code><amount>1000</amount><extra/>'), 'xsd-invalid'],
    [receipt('<amount>1000</amount><code>00123</code>'), 'xsd-invalid'],
    [`<receipt xmlns="urn:receipt" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:receipt http://127.0.0.1:1/x.xsd"><code>1</code></receipt>`, 'xsd-invalid'],
  ])('%s is %s', (xml, expected) => { expect(judge(xml)).toBe(expected); });

  it('gives its memory back', () => {
    const valid = passXmlGate(receipt('<code>00123</code><amount>1000</amount>'));
    const before = process.memoryUsage();
    for (let index = 0; index < 20_000; index += 1) schema.check(valid);
    const { external, arrayBuffers } = process.memoryUsage();
    expect(external + arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(50_000_000);
  });

  it('reads no other file than the schema itself', () => {
    const importing = (element: string): string => `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${element}<xs:element name="a" type="xs:string"/></xs:schema>`;
    expect(() => compileSchema(importing('<xs:include schemaLocation="/etc/hostname"/>'))).toThrow();
    expect(() => compileSchema('<xs:schema')).toThrow();
  });
});
