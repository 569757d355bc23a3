import { describe, expect, it } from '@jest/globals';
import { wireFieldsOf, wordsOf } from './source-habits.js';
import { foldersIn, gatewaySources, readText } from './source-tree.js';
import type { SourceFile } from './source-tree.js';

/** Files of an adapter that build or read wire objects; elsewhere a field has its English name. */
const MAY_NAME_FIELDS = /^adapters\/[^/]+\/(wire|mapping|sandbox)(-[a-z0-9-]+)?\.ts$/;
/** Wire fields whose name is an English word too, or too short to be told from one. */
const AMBIGUOUS = new Set(['ACTION', 'AMOUNT', 'Code', 'DESCRIPTION', 'DEVICE', 'Email', 'Fax', 'Gia', 'ID', 'Id', 'LOCALE', 'Message', 'Name', 'ServiceName', 'State', 'Success', 'TOKEN', 'Title', 'URL', 'VERSION']);

const wireNames = new Set(
  foldersIn('adapters').filter((folder) => folder !== 'support')
    .flatMap((folder) => wireFieldsOf({ path: 'wire.ts', text: readText(`adapters/${folder}/wire.ts`) }))
    .filter((name) => !AMBIGUOUS.has(name)),
);

const strayNames = (file: SourceFile): string[] =>
  MAY_NAME_FIELDS.test(file.path) ? [] : wordsOf(file).filter(({ text }) => wireNames.has(text)).map(({ text, line }) => `${file.path}:${line} ${text}`);

describe('field names of the parties', () => {
  it('are read from the wire files', () => {
    for (const name of ['MaHoSo', 'MaTTHC', 'TrangThaiHoSo', 'NguoiXuLy', 'MADONVI']) expect(wireNames).toContain(name);
  });

  it('stop at the wire, mapping and sandbox files of an adapter', () => {
    expect(gatewaySources().flatMap(strayNames)).toEqual([]);
  });

  it('would be seen elsewhere, as a member and as a text, but not in a comment', () => {
    expect(strayNames({ path: 'src/dossiers/dossier.ts', text: '/** The code (MaHoSo). */\nexport const a = { MaHoSo: 1 };\nexport const b = "TrangThaiHoSo";' }))
      .toEqual(['src/dossiers/dossier.ts:2 MaHoSo', 'src/dossiers/dossier.ts:3 TrangThaiHoSo']);
    expect(strayNames({ path: 'adapters/national-portal/adapter.ts', text: 'const { MaHoSo } = reply;' })).toHaveLength(1);
  });
});
