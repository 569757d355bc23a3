/** Writes the blocks of the documents that come from the code: node --import tsx test/architecture/refresh-documents.ts */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentBlocks, replaceBlock } from './document-blocks.js';
import { ROOT, readText } from './source-tree.js';

for (const block of documentBlocks()) writeFileSync(join(ROOT, block.document), replaceBlock(readText(block.document), block));
