import { ParseOption, XmlDocument, XsdValidator } from 'libxml2-wasm';
import { unreadable } from './signals.js';
import type { GatedXml } from './xml-gate.js';

/** A schema compiled once, for the life of the process. */
export interface CompiledSchema {
  /** @throws SignalError of kind `unreadable`, code `xsd-invalid`; what was wrong is not told, since it quotes the document */
  check(xml: GatedXml): void;
  dispose(): void;
}

/** The gate refuses a DOCTYPE already; this holds where a schema or another door ever lets one through. */
const OPTIONS = { option: ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NOERROR | ParseOption.XML_PARSE_NOWARNING };

/**
 * Compiles an XSD. It must be one file: libxml2 reads nothing else here, so an import or include fails.
 * @param xsd text of a file below schemas/parties/
 * @throws Error where the schema does not compile
 */
export const compileSchema = (xsd: string): CompiledSchema => {
  const source = XmlDocument.fromString(xsd, OPTIONS);
  let validator: XsdValidator;
  try {
    validator = XsdValidator.fromDoc(source);
  } finally {
    source.dispose();
  }
  return {
    check: (xml) => {
      let document: XmlDocument | null = null;
      try {
        // Memory of the WASM heap is not collected: whatever happens, the document is given back.
        document = XmlDocument.fromString(xml, OPTIONS);
        validator.validate(document);
      } catch {
        throw unreadable('xsd-invalid');
      } finally {
        document?.dispose();
      }
    },
    dispose: () => { validator.dispose(); },
  };
};
