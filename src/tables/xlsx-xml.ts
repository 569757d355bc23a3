import { SaxesParser } from 'saxes';
import { TableError } from './table.js';

export interface XmlHandlers {
  /** Element name without its prefix. */
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text?: (text: string) => void;
  readonly close?: (name: string) => void;
}

const MAX_DEPTH = 64;
const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Walks one part of a workbook. A document type is refused, so there are no entities to expand. Throws TableError. */
export const walkXml = (bytes: Uint8Array, handlers: XmlHandlers): void => {
  const parser = new SaxesParser({ xmlns: false });
  let depth = 0;
  parser.on('error', (cause) => {
    throw new TableError('FILE_DAMAGED', { cause });
  });
  parser.on('doctype', () => {
    throw new TableError('FILE_DAMAGED');
  });
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    if (depth > MAX_DEPTH) throw new TableError('FILE_DAMAGED');
    handlers.open?.(localName(name), attributes);
  });
  parser.on('text', (text) => handlers.text?.(text));
  parser.on('cdata', (text) => handlers.text?.(text));
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    handlers.close?.(localName(name));
  });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TableError('FILE_DAMAGED', { cause });
  }
  parser.write(text).close();
};
