import { SaxesParser } from 'saxes';
import { isReservedName } from './reserved-names.js';
import { SignalError, unreadable } from './signals.js';
import { decodeUtf8 } from './utf8.js';

export interface XmlLimits {
  readonly maxChars: number;
  readonly maxDepth: number;
  readonly maxElements: number;
  readonly maxAttributesPerElement: number;
}

export const DEFAULT_XML_LIMITS: XmlLimits = { maxChars: 2_000_000, maxDepth: 40, maxElements: 100_000, maxAttributesPerElement: 32 };

declare const passed: unique symbol;
/** XML text that went through the gate. Readers take nothing else. */
export type GatedXml = string & { readonly [passed]: true };

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

const refuse = (code: string) => (): never => {
  throw unreadable(code);
};

const watchTags = (parser: SaxesParser, limits: XmlLimits): void => {
  let depth = 0;
  let elements = 0;
  let attributes = 0;
  // opentagstart comes before the attributes, so a tag with a million of them is stopped while it is read.
  parser.on('opentagstart', (tag) => {
    depth += 1;
    elements += 1;
    attributes = 0;
    if (depth > limits.maxDepth) throw unreadable('xml-too-deep');
    if (elements > limits.maxElements) throw unreadable('xml-too-many-elements');
    if (isReservedName(localName(tag.name))) throw unreadable('xml-reserved-name');
  });
  parser.on('attribute', (attribute) => {
    attributes += 1;
    if (attributes > limits.maxAttributesPerElement) throw unreadable('xml-too-many-attributes');
    if (isReservedName(localName(attribute.name))) throw unreadable('xml-reserved-name');
  });
  parser.on('closetag', () => { depth -= 1; });
};

/**
 * Stands in front of every XML reader, whatever the reader: UTF-8, capped size, depth, elements and attributes, no DOCTYPE, no
 * processing instruction, no reserved name, one well-formed root. Nothing is ever fetched.
 * @throws SignalError of kind `unreadable`, code `xml-…` or `not-utf8`
 */
export const passXmlGate = (input: Uint8Array | string, limits: XmlLimits = DEFAULT_XML_LIMITS): GatedXml => {
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  if (text.length > limits.maxChars) throw unreadable('xml-too-large');
  const parser = new SaxesParser({ xmlns: false });
  parser.on('error', refuse('xml-ill-formed'));
  parser.on('doctype', refuse('xml-doctype'));
  parser.on('processinginstruction', refuse('xml-processing-instruction'));
  parser.on('xmldecl', (declaration) => {
    if (declaration.encoding !== undefined && declaration.encoding.toUpperCase() !== 'UTF-8') throw unreadable('xml-encoding');
  });
  watchTags(parser, limits);
  try {
    parser.write(text).close();
  } catch (error) {
    throw error instanceof SignalError ? error : unreadable('xml-ill-formed');
  }
  return text as GatedXml;
};
