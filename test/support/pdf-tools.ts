import { spawnSync } from 'node:child_process';

const TOOLS = ['pdftotext', 'pdftoppm', 'zbarimg'] as const;

/** Whether papers can be read back here (poppler-utils, zbar-tools). Where not, their tests are skipped, and CI counts a skipped test as failed. */
export const hasPdfTools = (): boolean => TOOLS.every((tool) => spawnSync(tool, ['-h'], { stdio: 'ignore' }).error === undefined);
