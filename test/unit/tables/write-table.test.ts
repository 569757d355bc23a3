import { describe, expect, it } from '@jest/globals';
import { readTable } from '../../../src/tables/read-table.js';
import { writeCsv } from '../../../src/tables/write-csv.js';
import { writeXlsx } from '../../../src/tables/write-xlsx.js';

const ROWS = [['Mã thủ tục', 'Tên'], ['1.001193', 'Cấp "lại", gia hạn'], ['001', 'dòng\nhai <&>']];

describe('written tables', () => {
  it('read back as they were, from both kinds of file', () => {
    for (const file of [writeCsv(ROWS), writeXlsx([{ name: 'Đối soát', rows: ROWS }, { name: 'b', rows: [['x']] }])]) {
      const { header, rows } = readTable(file);
      expect([header, ...rows.map(({ cells }) => cells)]).toEqual(ROWS);
    }
  });

  it('hold no formula, but numbers below zero', () => {
    expect(new TextDecoder().decode(writeCsv([['=1+1', '-5', '@x', '+84 1']]))).toBe("'=1+1,-5,'@x,'+84 1\r\n");
  });

  it('carry no character that XML cannot', () => {
    expect(readTable(writeXlsx([{ name: 's', rows: [['a'], ['b\u0001c']] }])).rows[0]?.cells).toEqual(['bc']);
  });
});
