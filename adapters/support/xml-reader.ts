import { SaxesParser } from 'saxes';
import type { GatedXml } from './xml-gate.js';

/** An element without its prefix; attributes are not read. `text` is its own text, joined and trimmed. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface Building {
  readonly name: string;
  text: string;
  readonly children: Building[];
}

const trimAll = (element: Building): XmlElement => {
  element.text = element.text.trim();
  element.children.forEach(trimAll);
  return element;
};

/** Reads gated XML into a tree of text; numbers stay text, so `00123` keeps its zeros. */
export const readXml = (xml: GatedXml): XmlElement => {
  const document: Building = { name: '', text: '', children: [] };
  const open: Building[] = [document];
  const parser = new SaxesParser({ xmlns: false });
  const addText = (text: string): void => {
    const current = open.at(-1);
    if (current !== undefined) current.text += text;
  };
  parser.on('opentag', (tag) => {
    const element: Building = { name: tag.name.slice(tag.name.indexOf(':') + 1), text: '', children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => { open.pop(); });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(xml).close();
  const root = document.children[0];
  if (root === undefined) throw new Error('gated XML has a root');
  return trimAll(root);
};

/** First element of that local name, the root included, in document order; null where there is none. */
export const findElement = (root: XmlElement, name: string): XmlElement | null => {
  if (root.name === name) return root;
  for (const child of root.children) {
    const found = findElement(child, name);
    if (found !== null) return found;
  }
  return null;
};

/**
 * Every element whose children are all leaves, as a record of child name → text. The first of two children of one name wins. Where
 * all text is empty there is no record: `<Body><Result/></Body>` is an empty list and not one row.
 */
export const leafRecords = (root: XmlElement): readonly Record<string, string>[] => {
  if (root.children.length === 0) return [];
  if (root.children.some((child) => child.children.length > 0)) return root.children.flatMap(leafRecords);
  const record: Record<string, string> = {};
  for (const child of root.children) record[child.name] ??= child.text;
  return Object.values(record).every((text) => text === '') ? [] : [record];
};
