import { unzipSync } from 'fflate';
import { TABLE_LIMITS, TableError } from './table.js';

/** The parts of a workbook that hold cells; pictures, macros and links are never inflated. */
const WANTED = /^(xl\/workbook\.xml|xl\/_rels\/workbook\.xml\.rels|xl\/sharedStrings\.xml|xl\/worksheets\/[\w.-]+\.xml)$/;
const MAX_PARTS = 200;

/**
 * Part name → XML. fflate gives each part a buffer of the size that the archive states and never grows it, so counting the stated
 * sizes bounds the memory, whatever the compressed data hold. Throws TableError.
 */
export const openWorkbook = (bytes: Uint8Array): ReadonlyMap<string, Uint8Array> => {
  let total = 0;
  let parts = 0;
  try {
    const files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!WANTED.test(name)) return false;
        total += originalSize;
        parts += 1;
        if (total > TABLE_LIMITS.inflatedBytes || parts > MAX_PARTS) throw new TableError('FILE_SIZE');
        return true;
      },
    });
    return new Map(Object.entries(files));
  } catch (error) {
    throw error instanceof TableError ? error : new TableError('FILE_DAMAGED', { cause: error });
  }
};
