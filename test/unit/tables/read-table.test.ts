import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import writeExcel from 'write-excel-file/node';
import { dayOfCell, readTable } from '../../../src/tables/read-table.js';
import { TABLE_LIMITS, TableError } from '../../../src/tables/table.js';

const csv = (text: string): Uint8Array => new TextEncoder().encode(text);

const faultOf = (bytes: Uint8Array): string => {
  try {
    readTable(bytes);
  } catch (error) {
    if (error instanceof TableError) return error.fault;
    throw error;
  }
  return 'none';
};

const workbook = (rows: readonly (readonly (string | number | null)[])[]): Promise<Uint8Array> =>
  writeExcel(rows.map((row) => row.map((value) => (value === null ? null : { value })))).toBuffer().then((buffer) => new Uint8Array(buffer as unknown as ArrayBuffer));

const sheetOf = (sheet: string, strings = '<sst/>'): Uint8Array => zipSync({
  'xl/workbook.xml': strToU8('<workbook xmlns:r="r"><sheets><sheet name="a" r:id="rId7"/></sheets></workbook>'),
  'xl/_rels/workbook.xml.rels': strToU8('<Relationships><Relationship Id="rId7" Target="worksheets/sheet1.xml"/></Relationships>'),
  'xl/worksheets/sheet1.xml': strToU8(sheet),
  'xl/sharedStrings.xml': strToU8(strings),
});

describe('CSV', () => {
  it.each([',', ';', '\t'])('is read with the separator %j, quotes, byte order mark and CR LF', (separator) => {
    const text = `\ufeffcode${separator}name\r\n1${separator}"a ${separator} ""b"""\r\n\r\n2${separator}c\r\n`;
    expect(readTable(csv(text))).toEqual({ header: ['code', 'name'], rows: [{ line: 2, cells: ['1', `a ${separator} "b"`] }, { line: 4, cells: ['2', 'c'] }] });
  });

  it('gives text in NFC, and short rows as they are', () => {
    expect(readTable(csv('a,b\n Hoà,\n')).rows).toEqual([{ line: 2, cells: ['Hoà'] }]);
  });

  it.each([
    ['no row of data', 'a,b\n', 'FILE_EMPTY'], ['nothing', '', 'FILE_EMPTY'], ['an open quote', 'a\n"b', 'FILE_DAMAGED'], ['a NUL', 'a\nb\0', 'FILE_KIND'],
    ['too many columns', `a\n${'b,'.repeat(TABLE_LIMITS.columns)}c\n`, 'FILE_COLUMNS'], ['a long cell', `a\n${'b'.repeat(TABLE_LIMITS.cellLength + 1)}\n`, 'FILE_CELL'],
    ['too many rows', `a\n${'b\n'.repeat(TABLE_LIMITS.rows + 1)}`, 'FILE_ROWS'], ['too many bytes', `a\n${' '.repeat(TABLE_LIMITS.fileBytes)}`, 'FILE_SIZE'],
  ])('with %s is refused', (_what, text, fault) => {
    expect(faultOf(csv(text))).toBe(fault);
  });

  it('that is not UTF-8 is refused', () => {
    expect(faultOf(Uint8Array.of(0x61, 0x0a, 0xc3, 0x28))).toBe('FILE_KIND');
  });
});

describe('XLSX', () => {
  it('of another program is read like the CSV of the same cells', async () => {
    await fc.assert(fc.asyncProperty(
      // The first letter keeps names such as valueOf away, which the writing library takes for its own strings.
      fc.array(fc.array(fc.stringMatching(/^ô[A-Za-zÀ-ỹ0-9 &<>"',;]{0,12}$/), { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 12 }),
      async (cells) => {
        const rows = [['code', 'name', 'x'], ['1', '2', '3'], ...cells].map((row) => row.map((cell) => cell.trim()));
        const text = rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\n');
        expect(readTable(await workbook(rows))).toEqual(readTable(csv(text)));
      }), { numRuns: 20 });
  });

  it('keeps the place of cells that are missing, and numbers as written', async () => {
    expect(readTable(await workbook([['a', 'b', 'c'], [null, null, 45839]])).rows).toEqual([{ line: 2, cells: ['', '', '45839'] }]);
  });

  it('joins runs of one text and leaves phonetic hints out', () => {
    const strings = '<sst><si><r><t>Hoa </t></r><r><t>Lư</t></r><rPh><t>x</t></rPh></si></sst>';
    const sheet = '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>h</t></is></c></row><row r="5"><c r="B5" t="s"><f>1</f><v>0</v></c></row></sheetData></worksheet>';
    expect(readTable(sheetOf(sheet, strings))).toEqual({ header: ['h'], rows: [{ line: 5, cells: ['', 'Hoa Lư'] }] });
  });

  it.each([
    ['a cell in the last column', sheetOf('<worksheet><row r="1"><c r="XFD1"><v>1</v></c></row></worksheet>'), 'FILE_COLUMNS'],
    ['rows out of order', sheetOf('<worksheet><row r="2"/><row r="1"/></worksheet>'), 'FILE_DAMAGED'],
    ['a text that is not there', sheetOf('<worksheet><row r="1"><c t="s"><v>9</v></c></row></worksheet>'), 'FILE_DAMAGED'],
    ['an entity', sheetOf('<!DOCTYPE a [<!ENTITY b "c">]><worksheet><row r="1"><c><v>&b;</v></c></row></worksheet>'), 'FILE_DAMAGED'],
    ['broken XML', sheetOf('<worksheet><row r="1">'), 'FILE_DAMAGED'],
    ['no sheet', zipSync({ 'xl/workbook.xml': strToU8('<workbook/>') }), 'FILE_DAMAGED'],
    ['a bomb', sheetOf(`<worksheet>${' '.repeat(TABLE_LIMITS.inflatedBytes)}</worksheet>`), 'FILE_SIZE'],
    ['an old binary workbook', Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0, 0), 'FILE_KIND'],
  ])('with %s is refused', (_what, bytes, fault) => {
    expect(faultOf(bytes)).toBe(fault);
  });

  it('with a size that lies costs no more memory than it states', () => {
    const honest = sheetOf(`<worksheet>${' '.repeat(8_000_000)}</worksheet>`);
    const view = new DataView(honest.buffer, honest.byteOffset, honest.byteLength);
    let changed = 0;
    // Field "uncompressed size" of each entry of the archive's directory, and of the local header before the data.
    for (let at = 0; at + 46 < honest.length; at += 1) {
      const field = { 0x02014b50: 24, 0x04034b50: 22 }[view.getUint32(at, true)];
      if (field !== undefined && view.getUint32(at + field, true) > 8_000_000) {
        view.setUint32(at + field, 100, true);
        changed += 1;
      }
    }
    expect(changed).toBeGreaterThan(0);
    expect(faultOf(honest)).toBe('FILE_DAMAGED');
  });

  it('cut anywhere is refused, never half read', async () => {
    const whole = await workbook([['a'], ['b']]);
    fc.assert(fc.property(fc.integer({ min: 4, max: whole.length - 1 }), (length) => faultOf(whole.slice(0, length)) !== 'none'), { numRuns: 50 });
  });
});

describe('a day in a cell', () => {
  it.each([['2025-07-01', '2025-07-01'], ['1/7/2025', '2025-07-01'], ['01.07.2025', '2025-07-01'], ['45839', '2025-07-01'], ['2025-02-30', null], ['31/4/2025', null], ['soon', null], ['', null]])('%j is %j', (cell, day) => {
    expect(dayOfCell(cell)).toBe(day);
  });
});
