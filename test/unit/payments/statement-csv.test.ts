import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { csvStatements } from '../../../src/payments/statement-csv.js';
import { writeXlsx } from '../../../src/tables/write-xlsx.js';

const DAY = '2026-11-22';
const HEADER = 'kind,reference,transaction,amount_vnd,state,time';
const LINE = 'PAYMENT,OG0123456789ABC,14423616,50000,PAID,2026-11-22 14:05:09';
const read = (...lines: readonly string[]) => csvStatements.read(new TextEncoder().encode(lines.join('\r\n')), DAY);

/** Line, field and code of each problem. */
const problemsOf = (...lines: readonly string[]): readonly string[] => {
  const reading = read(...lines);
  return reading.kind === 'read' ? [] : reading.problems.map(({ field, code }) => `${field} ${code}`);
};
const changed = (column: number, cell: string): string => LINE.split(',').map((text, index) => (index === column ? cell : text)).join(',');

describe('a statement in our form', () => {
  it('is read line by line, with times of Vietnam', () => {
    expect(read(HEADER, LINE, 'REFUND,OG0123456789ABC,R1,20000,PAID,2026-11-22 15:00:00', 'PAYMENT,,FT1,7,DISPUTED,2026-11-21 23:59:59')).toEqual({
      kind: 'read',
      lines: [
        { line: 2, kind: 'PAYMENT', reference: 'OG0123456789ABC', gatewayTransaction: '14423616', amountVnd: 50_000, state: 'paid', at: new Date('2026-11-22T07:05:09Z') },
        { line: 3, kind: 'REFUND', reference: 'OG0123456789ABC', gatewayTransaction: 'R1', amountVnd: 20_000, state: 'paid', at: new Date('2026-11-22T08:00:00Z') },
        { line: 4, kind: 'PAYMENT', reference: null, gatewayTransaction: 'FT1', amountVnd: 7, state: 'disputed', at: new Date('2026-11-21T16:59:59Z') },
      ],
    });
  });

  it('may have its columns in any order, semicolons, and be a sheet of XLSX', () => {
    expect(read('time;state;amount_vnd;transaction;reference;kind', '2026-11-22 14:05:09;PAID;50000;14423616;OG0123456789ABC;PAYMENT')).toMatchObject({ kind: 'read', lines: [{ amountVnd: 50_000 }] });
    const sheet = writeXlsx([{ name: 'x', rows: [HEADER.split(','), LINE.split(',')] }]);
    expect(csvStatements.read(sheet, DAY)).toMatchObject({ kind: 'read', lines: [{ gatewayTransaction: '14423616' }] });
  });

  it('keeps zeros at the front of a number', () => {
    expect(read(HEADER, changed(2, '00123'))).toMatchObject({ lines: [{ gatewayTransaction: '00123' }] });
  });

  it.each([
    ['a kind that is none', changed(0, 'payment'), 'line 2: kind KIND'],
    ['a reference with a blank', changed(1, 'OG 1'), 'line 2: reference REFERENCE'],
    ['a payout without a reference', 'PAYOUT,,P1,50000,PAID,2026-11-22 14:05:09', 'line 2: reference REFERENCE'],
    ['no transaction', changed(2, ''), 'line 2: transaction TRANSACTION'],
    ['an amount with separators', changed(3, '50.000'), 'line 2: amount_vnd AMOUNT'],
    ['an amount of nothing', changed(3, '0'), 'line 2: amount_vnd AMOUNT'],
    ['an amount below nothing', changed(3, '-5'), 'line 2: amount_vnd AMOUNT'],
    ['an amount in the notation of science', changed(3, '5E4'), 'line 2: amount_vnd AMOUNT'],
    ['an amount beyond what we take', changed(3, '1000000000000'), 'line 2: amount_vnd AMOUNT'],
    ['a state that is none', changed(4, '00'), 'line 2: state STATE'],
    ['a refund that is not done', 'REFUND,OG0123456789ABC,R1,5,PENDING,2026-11-22 14:05:09', 'line 2: state STATE'],
    ['a day that is none', changed(5, '2026-02-30 10:00:00'), 'line 2: time TIME'],
    ['an hour that is none', changed(5, '2026-11-22 24:00:00'), 'line 2: time TIME'],
    ['a time in another form', changed(5, '22/11/2026 14:05'), 'line 2: time TIME'],
    ['a time of another day', changed(5, '2026-11-24 00:00:00'), 'line 2: time DAY'],
    ['a time with something before it', changed(5, 'x2026-11-22 14:05:09'), 'line 2: time TIME'],
    ['a time with something behind it', changed(5, '2026-11-22 14:05:09Z'), 'line 2: time TIME'],
    ['a time long before', changed(5, '2026-11-20 23:59:59'), 'line 2: time DAY'],
  ])('is refused for %s', (_what, line, problem) => {
    expect(problemsOf(HEADER, line)).toEqual([problem]);
  });

  it('is taken at the limits: the most that we take, and a day before and after its own', () => {
    expect(problemsOf(HEADER, changed(3, '999999999999'))).toEqual([]);
    expect([problemsOf(HEADER, changed(5, '2026-11-21 00:00:00')), problemsOf(HEADER, changed(5, '2026-11-23 23:59:59'))]).toEqual([[], []]);
  });

  it('tells in both languages what is wrong with it', () => {
    const wrong = 'kind,reference,transaction,amount_vnd,state,when';
    const readings = [read(wrong, LINE), read(HEADER, LINE, LINE, ...[0, 1, 2, 3, 4, 5].map((column) => changed(column, '%')), changed(5, '2026-11-30 00:00:00'))];
    const problems = readings.flatMap((reading) => (reading.kind === 'refused' ? reading.problems : []));
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['COLUMNS', 'REPEATED', 'KIND', 'REFERENCE', 'TRANSACTION', 'AMOUNT', 'STATE', 'TIME', 'DAY']));
    for (const { message: { vi, en } } of problems) expect([vi.length > 10, en.length > 10, vi === en]).toEqual([true, true, false]);
    const [columns] = problems;
    expect([columns?.message.vi, columns?.message.en]).toEqual([expect.stringContaining('kind, reference, transaction, amount_vnd, state, time'), expect.stringContaining('kind, reference, transaction, amount_vnd, state, time')]);
  });

  it('names every wrong line with its field, and takes none of the right ones', () => {
    expect(problemsOf(HEADER, LINE, changed(3, 'x'), changed(4, 'x'), LINE)).toEqual(['line 3: amount_vnd AMOUNT', 'line 4: state STATE', 'line 5: transaction REPEATED']);
  });

  it('takes one transaction for two references, for those are two payments', () => {
    expect(read(HEADER, LINE, changed(1, 'OG0000000000000'))).toMatchObject({ kind: 'read' });
  });

  it.each([['a column too many', `${HEADER},x`], ['a column too few', 'kind,reference,transaction,amount_vnd,state'], ['another name', HEADER.replace('time', 'at')], ['a name twice', HEADER.replace('time', 'kind')]])('is refused for %s', (_what, header) => {
    expect(problemsOf(header, LINE)).toEqual(['line 1 COLUMNS']);
  });

  it('says by its columns alone that there was nothing on that day', () => {
    expect(read(HEADER)).toEqual({ kind: 'read', lines: [] });
    expect(csvStatements.read(writeXlsx([{ name: 'x', rows: [HEADER.split(',')] }]), DAY)).toEqual({ kind: 'read', lines: [] });
    expect(problemsOf(`${HEADER},x`)).toEqual(['line 1 COLUMNS']);
  });

  it('is refused when it is no table', () => {
    expect(problemsOf('')).toEqual(['contentBase64 FILE_EMPTY']);
    expect(csvStatements.read(Uint8Array.of(0xff, 0xfe, 0x00), DAY)).toMatchObject({ kind: 'refused' });
  });

  it('names no more than a hundred problems', () => {
    expect(problemsOf(HEADER, ...Array.from({ length: 300 }, () => changed(3, 'x')))).toHaveLength(100);
  });

  it('is what the example for operators shows', () => {
    const example = readFileSync(new URL('../../../docs/operators/statement-example.csv', import.meta.url));
    expect(csvStatements.read(example, DAY)).toMatchObject({ kind: 'read', lines: [{ kind: 'PAYMENT' }, { kind: 'PAYMENT' }, { kind: 'REFUND' }, { kind: 'PAYOUT' }] });
  });
});
