/** A post with no delay of its own, in a process of its own: token and tracking pages of so many parcels, so many facts each. Arguments: parcels, rounds. Prints its address. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [parcels = 0, rounds = 0] = process.argv.slice(2).map(Number);
/** Second in which all ids were made, and time of the first fact: long ago, so that nothing is read twice. */
const MADE = (Date.parse('2026-03-01T00:00:00Z') / 1_000).toString(16);
const FIRST_AT = Date.parse('2026-03-02T00:00:00Z');
const HOUR_MS = 3_600_000;
/** Collected, on the road, at an office, on the road again. */
const CODES = [3, 5, 6, 5];

const idOf = (fact: number): string => MADE + (fact + 1).toString(16).padStart(16, '0');

const documentOf = (fact: number) => {
  const [parcel, round] = [fact % parcels, Math.floor(fact / parcels)];
  return {
    _id: { $oid: idOf(fact) }, CustomerCode: 'BENCH', OrderNumber: `B${String(parcel)}`, EventTime: FIRST_AT + round * HOUR_MS, POSID: '430100', ItemCode: `E${String(parcel).padStart(9, '0')}VN`,
    StatusCode: CODES[round % CODES.length], StatusMessage: 'Đang vận chuyển', Notes: null,
  };
};

const pageAfter = (lastId: string, size: number): object => {
  const from = /^0+$/.test(lastId) ? 0 : Number.parseInt(lastId.slice(8), 16);
  const documents = Array.from({ length: Math.max(0, Math.min(size, parcels * rounds - from)) }, (_, index) => documentOf(from + index));
  return { _size: documents.length, _total_pages: 1, _returned: documents.length, _embedded: { 'rh:doc': documents } };
};

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://bench');
  request.resume();
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(url.pathname === '/token' ? { access_token: 'bench', token_type: 'Bearer', expires_in: 36_000 } : pageAfter(url.searchParams.get('lastId') ?? '0', Number(url.searchParams.get('pagesize') ?? 0))));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`));
