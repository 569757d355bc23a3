import { unreadable } from './signals.js';
import { passXmlGate } from './xml-gate.js';
import type { GatedXml } from './xml-gate.js';
import { isNode, readXmlTree } from './xml-tree.js';
import type { XmlNode } from './xml-tree.js';

export const SOAP_11 = 'http://schemas.xmlsoap.org/soap/envelope/';
export const SOAP_12 = 'http://www.w3.org/2003/05/soap-envelope';

export interface SoapEnvelope {
  readonly xml: GatedXml;
  /** The only element of the body. */
  readonly content: XmlNode;
  readonly isFault: boolean;
}

/**
 * Reads an envelope as strictly as its namespace says: an optional header, then one body with one element, and no body anywhere else.
 * @throws SignalError of kind `unreadable`, code `soap-…`, `xml-…` or `not-utf8`
 */
export const readEnvelope = (bytes: Uint8Array): SoapEnvelope => {
  const xml = passXmlGate(bytes);
  const root = readXmlTree(xml);
  const namespace = root.namespace;
  if (root.name !== 'Envelope' || (namespace !== SOAP_11 && namespace !== SOAP_12)) throw unreadable('soap-no-envelope');
  const last = root.children.at(-1);
  const isHeaded = root.children.length === 2 && isNode(root.children[0] ?? root, namespace, 'Header');
  if (last === undefined || !isNode(last, namespace, 'Body') || (root.children.length !== 1 && !isHeaded)) throw unreadable('soap-structure');
  const [content, ...more] = last.children;
  if (content === undefined) throw unreadable('soap-empty-body');
  if (more.length > 0 || last.text.trim() !== '' || root.text.trim() !== '') throw unreadable('soap-structure');
  return { xml, content, isFault: isNode(content, namespace, 'Fault') };
};

export interface SoapFault {
  /** Local part, such as `Client` or `Sender.InvalidCode`. */
  readonly code: string;
  /** The party's own words; may hold personal data. */
  readonly text: string;
  /** Is it what we sent that the party complains about? Else it failed itself. */
  readonly isOurs: boolean;
}

const childOf = (node: XmlNode | undefined, name: string): XmlNode | undefined => node?.children.find((child) => child.name === name);
const localPart = (text: string): string => text.trim().slice(text.trim().indexOf(':') + 1);

/** A fault of SOAP 1.1 or 1.2. */
export const readFault = (fault: XmlNode): SoapFault => {
  const code12 = childOf(fault, 'Code');
  const code = localPart((childOf(code12, 'Value') ?? childOf(fault, 'faultcode'))?.text ?? '');
  const text = (childOf(childOf(fault, 'Reason'), 'Text') ?? childOf(fault, 'faultstring'))?.text ?? '';
  return { code, text: text.trim(), isOurs: /^(Client|Sender)(\.|$)/.test(code) };
};
