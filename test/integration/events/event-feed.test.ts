import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { AUDITOR, DOSSIER_TABLES, DossierGateway, LEADER, OPERATOR, OTHER_PORTAL, PORTAL } from '../../support/dossier-gateway.js';
import { codeNumber, dossierInput } from '../../support/dossier-inputs.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';

let test: TestDatabase;
let gateway: DossierGateway;
const FEED = `query ($after: String, $first: Int! = 100) { events(after: $after, first: $first) { nodes { cursor type name dossierCode deliveryId operation reason message { vi en } createdAt } pageInfo { endCursor hasNextPage } } }`;

const read = async (variables: object = {}, caller = PORTAL) => {
  const { data, errors } = await gateway.call(caller, FEED, variables);
  if (errors.length > 0) throw new Error(errors[0]?.message);
  return data.events as unknown as { nodes: { cursor: string; type: string; dossierCode: string; reason: string | null; message: { vi: string } }[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } };
};
const happens = (number: number, type = 'delivery.accepted', reason: string | null = null): Promise<unknown> =>
  test.database.query('INSERT INTO events (type, dossier_code, delivery_id, operation, reason) VALUES ($1, $2, 1, $3, $4)', [type, codeNumber(number), 'upsert-dossier', reason]);

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.database.query(`TRUNCATE ${DOSSIER_TABLES}`);
  gateway = new DossierGateway(test.database);
  await gateway.upsert('key-1', [1, 2].map((number) => dossierInput({ code: codeNumber(number) })));
  await gateway.upsert('key-1', [dossierInput({ code: codeNumber(3) })], OTHER_PORTAL);
});

describe('events', () => {
  it('is refused to a leader', async () => {
    await expect(read({}, LEADER)).rejects.toThrow('may not');
  });

  it('gives each event once, in order, over pages', async () => {
    for (let n = 0; n < 7; n += 1) await happens(1, n % 2 === 0 ? 'delivery.accepted' : 'delivery.rejected', String(n));
    const seen: (string | null)[] = [];
    for (let after: string | null = null, more = true; more;) {
      const page = await read({ first: 3, after });
      seen.push(...page.nodes.map((node) => node.reason));
      ({ endCursor: after, hasNextPage: more } = page.pageInfo);
    }
    expect(seen).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });

  it('shows a portal the events of its own dossiers, and an operator and an auditor all', async () => {
    for (const number of [1, 3, 2]) await happens(number);
    expect((await read()).nodes.map((node) => node.dossierCode)).toEqual([codeNumber(1), codeNumber(2)]);
    expect((await read({}, OTHER_PORTAL)).nodes.map((node) => node.dossierCode)).toEqual([codeNumber(3)]);
    expect((await read({}, OPERATOR)).nodes).toHaveLength(3);
    expect((await read({}, AUDITOR)).nodes).toHaveLength(3);
  });

  it('says in both languages what each type means, and lets an unknown one through', async () => {
    for (const type of ['delivery.parked', 'delivery.repaired', 'delivery.unknown', 'something.new']) await happens(1, type);
    const { nodes } = await read();
    expect(nodes.map((node) => node.type)).toEqual(['DELIVERY_PARKED', 'DELIVERY_REPAIRED', 'DELIVERY_UNKNOWN', 'OTHER']);
    expect(nodes[0]?.message.vi).toContain('chờ người xử lý');
  });

  it('never passes by an event that commits after a later one was read', async () => {
    const slow = new pg.Client({ connectionString: test.url });
    await slow.connect();
    try {
      await slow.query('BEGIN');
      await slow.query('INSERT INTO events (type, dossier_code, reason) VALUES ($1, $2, $3)', ['delivery.accepted', codeNumber(1), 'slow']);
      await happens(2, 'delivery.accepted', 'fast');
      const first = await read();
      expect(first.nodes.map((node) => node.reason)).toEqual(['fast']);
      await slow.query('COMMIT');
      expect((await read({ after: first.pageInfo.endCursor })).nodes.map((node) => node.reason)).toEqual(['slow']);
    } finally {
      await slow.end();
    }
  });

  it('gives twenty readers at once the same order', async () => {
    for (let n = 0; n < 30; n += 1) await happens(1, 'delivery.accepted', String(n));
    const orders = await Promise.all(Array.from({ length: 20 }, async () => (await read()).nodes.map((node) => `${node.cursor} ${String(node.reason)}`).join()));
    expect(new Set(orders).size).toBe(1);
    expect((await read()).nodes.map((node) => Number(node.reason))).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  it.each([{ after: 'abc' }, { after: Buffer.from('e1:-1').toString('base64url') }, { after: Buffer.from('e1:1; DROP').toString('base64url') }, { first: 0 }, { first: 501 }])('refuses %j', async (variables) => {
    await expect(read(variables)).rejects.toThrow('Invalid input');
  });

  it('forgets what is older than it keeps, and nothing else', async () => {
    await happens(1);
    await happens(2);
    await test.database.query(`UPDATE events SET created_at = now() - interval '31 days' WHERE dossier_code = $1`, [codeNumber(1)]);
    expect(await gateway.events.prune()).toBe(1);
    expect((await read()).nodes.map((node) => node.dossierCode)).toEqual([codeNumber(2)]);
  });
});
