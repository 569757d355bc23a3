import { SaxesParser } from 'saxes';
import type { SaxesTagNS } from 'saxes';
import { unreadable } from './signals.js';
import type { GatedXml } from './xml-gate.js';

/** An element with its namespace, for judging structure. `text` is its own text, joined, untrimmed. */
export interface XmlNode {
  readonly namespace: string;
  readonly name: string;
  /** Local name → value of each attribute but namespace declarations. */
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
  readonly text: string;
  readonly children: readonly XmlNode[];
  readonly parent: XmlNode | null;
}

interface Building extends XmlNode {
  text: string;
  readonly children: Building[];
}

const XMLNS = 'http://www.w3.org/2000/xmlns/';

const nodeOf = (tag: SaxesTagNS, parent: Building | null): Building => ({
  namespace: tag.uri, name: tag.local, text: '', children: [], parent,
  attributes: Object.values(tag.attributes).filter(({ uri }) => uri !== XMLNS).map(({ local, value }) => ({ name: local, value })),
});

/**
 * Reads gated XML with namespaces. Comments are refused: readers differ in what they make of text around one.
 * @throws SignalError of kind `unreadable`, code `xml-comment` or `xml-ill-formed` (an undeclared prefix)
 */
export const readXmlTree = (xml: GatedXml): XmlNode => {
  const open: Building[] = [];
  let root: Building | null = null;
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', () => { throw unreadable('xml-ill-formed'); });
  parser.on('comment', () => { throw unreadable('xml-comment'); });
  const addText = (text: string): void => {
    const current = open.at(-1);
    if (current !== undefined) current.text += text;
  };
  parser.on('opentag', (tag) => {
    const node = nodeOf(tag, open.at(-1) ?? null);
    if (node.parent === null) root = node;
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  parser.on('closetag', () => { open.pop(); });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(xml).close();
  if (root === null) throw new Error('gated XML has a root');
  return root;
};

/** The node and everything below it, in document order. */
export const allNodes = (node: XmlNode): readonly XmlNode[] => [node, ...node.children.flatMap(allNodes)];

export const isNode = (node: XmlNode, namespace: string, name: string): boolean => node.namespace === namespace && node.name === name;
