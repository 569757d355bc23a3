import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { COLLECTION_COLUMNS, collectionStatements } from '../../../src/postal/collection-statement.js';

const DAY = '2026-11-27';
const AT = '2026-11-27 14:05:09';
const NUMBER = '000.12.34.H42-260315-0007';

const read = (...rows: readonly string[]) => collectionStatements('till').read(Buffer.from([COLLECTION_COLUMNS.join(','), ...rows].join('\n')), DAY);
const linesOf = (...rows: readonly string[]) => {
  const reading = read(...rows);
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.lines;
};
const problemsOf = (...rows: readonly string[]) => {
  const reading = read(...rows);
  return reading.kind === 'refused' ? reading.problems.map(({ field, code }) => `${field} ${code}`) : 'read';
};

describe('a statement of money collected at doors', () => {
  it('says of a payout that the citizen paid, and that the agency has it', () => {
    const at = new Date('2026-11-27T07:05:09Z');
    expect(linesOf(`${NUMBER},EH123VN,35000,PAID_OUT,CT-881,${AT}`)).toEqual([
      { line: 2, kind: 'PAYMENT', reference: NUMBER, gatewayTransaction: 'EH123VN', amountVnd: 35_000, state: 'paid', at },
      { line: 1_000_002, kind: 'PAYOUT', reference: NUMBER, gatewayTransaction: 'CT-881/EH123VN', amountVnd: 35_000, state: 'paid', at },
    ]);
  });

  it('books nothing of what the carrier still has, and ends what came back', () => {
    expect(linesOf(`${NUMBER},EH123VN,35000,COLLECTED,,${AT}`, `${NUMBER}-2,,20000,RETURNED,,${AT}`).map(({ kind, state, gatewayTransaction }) => [kind, state, gatewayTransaction]))
      .toEqual([['PAYMENT', 'failed', null]]);
  });

  it('takes a payout on the day of the collection for one payment', () => {
    const lines = linesOf(`${NUMBER},EH123VN,35000,COLLECTED,,${AT}`, `${NUMBER},EH123VN,35000,PAID_OUT,CT-881,${AT}`);
    expect(lines.map(({ kind, state, gatewayTransaction }) => [kind, state, gatewayTransaction])).toEqual([['PAYMENT', 'paid', 'EH123VN'], ['PAYOUT', 'paid', 'CT-881/EH123VN']]);
  });

  it('keeps a second payout of a parcel apart, under another transfer or the same', () => {
    const paid = (payout: string): string => `${NUMBER},EH123VN,35000,PAID_OUT,${payout},${AT}`;
    for (const second of ['CT-881', 'CT-882']) {
      const lines = linesOf(paid('CT-881'), paid(second));
      expect(lines.map(({ kind }) => kind)).toEqual(['PAYMENT', 'PAYOUT', 'PAYOUT']);
      expect(new Set(lines.map(({ line }) => line)).size).toBe(3);
      expect(new Set(lines.filter(({ kind }) => kind === 'PAYOUT').map(({ gatewayTransaction }) => gatewayTransaction)).size).toBe(2);
    }
  });

  it('reads columns in any order', () => {
    const reading = collectionStatements('till').read(Buffer.from(`time,payout,state,amount_vnd,carrier_number,order_number\n${AT},CT-1,PAID_OUT,1000,,A1`), DAY);
    expect(reading).toMatchObject({ kind: 'read', lines: [{ kind: 'PAYMENT', reference: 'A1' }, { kind: 'PAYOUT', gatewayTransaction: 'CT-1/A1' }] });
  });

  it.each([
    [`,EH1,1000,COLLECTED,,${AT}`, 'line 2: order_number ORDER_NO'],
    [`A 1,EH1,1000,COLLECTED,,${AT}`, 'line 2: order_number ORDER_NO'],
    [`A1,EH 1,1000,COLLECTED,,${AT}`, 'line 2: carrier_number CARRIER_NUMBER'],
    [`A1,EH1,1000.5,COLLECTED,,${AT}`, 'line 2: amount_vnd AMOUNT'],
    [`A1,EH1,0,COLLECTED,,${AT}`, 'line 2: amount_vnd AMOUNT'],
    [`A1,EH1,1000,DELIVERED,,${AT}`, 'line 2: state STATE'],
    [`A1,EH1,1000,PAID_OUT,,${AT}`, 'line 2: payout PAYOUT'],
    [`A1,EH1,1000,COLLECTED,CT-1,${AT}`, 'line 2: payout PAYOUT'],
    ['A1,EH1,1000,COLLECTED,,2026-02-30 00:00:00', 'line 2: time TIME'],
    ['A1,EH1,1000,COLLECTED,,2026-11-20 00:00:00', 'line 2: time DAY'],
  ])('refuses %s', (row, problem) => {
    expect(problemsOf(row)).toEqual([problem]);
  });

  it('is what the guide for operators shows', () => {
    const guide = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'operators', 'post.md'), 'utf8');
    const example = /```csv\n(order_number[\s\S]*?)\n```/.exec(guide)?.[1] ?? '';
    const reading = collectionStatements('till').read(Buffer.from(example), '2026-03-16');
    expect(reading).toMatchObject({ kind: 'read', lines: [{ kind: 'PAYMENT', state: 'paid' }, { kind: 'PAYOUT' }, { kind: 'PAYMENT', state: 'failed' }] });
  });

  it('is refused whole for one wrong line, and for other columns', () => {
    expect(problemsOf(`A1,EH1,1000,COLLECTED,,${AT}`, `A2,EH2,x,COLLECTED,,${AT}`)).toEqual(['line 3: amount_vnd AMOUNT']);
    expect(collectionStatements('till').read(Buffer.from('order_number,amount_vnd\nA1,1000'), DAY)).toMatchObject({ kind: 'refused', problems: [{ field: 'line 1', code: 'COLUMNS' }] });
  });
});
