import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyBundle } from '../../../src/evidence/bundle-verifier.js';
import { createEvidenceModule } from '../../../src/evidence/evidence-module.js';
import type { EvidenceModule } from '../../../src/evidence/evidence-module.js';
import { publicKeysOf } from '../../../src/evidence/head-signer.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const KEYS = [{ id: 'k1', key: Buffer.alloc(32, 5) }];
const CODES = ['A-1', 'B-2', 'C-3'];

let test: TestDatabase;
let evidence: EvidenceModule;

const append = (code: string, message: string): Promise<void> => test.database.transaction((client) =>
  evidence.log.append(client, [{ chain: `lane/${code}`, kind: 'test', actor: 'gateway', subject: code, message }]));

/** Does what only somebody can do who owns the tables and switches their triggers off. */
const tamper = (...statements: readonly string[]): Promise<void> => test.database.transaction(async (client) => {
  await client.query('SET LOCAL session_replication_role = replica');
  for (const statement of statements) await client.query(statement);
});

beforeAll(async () => {
  test = await createTestDatabase();
  evidence = createEvidenceModule({ database: test.database, settings: { signingKeys: KEYS, sealLagMs: 60_000 } });
  for (let round = 0; round < 4; round += 1) {
    for (const code of CODES) await append(code, `${code} ${String(round)}`);
    if (round < 3) await evidence.sealer.seal();
    if (round === 1) await evidence.sealer.signHead(0);
  }
});
afterAll(() => test.drop());

describe('sealing', () => {
  it('takes every record once, also when sealers and appends run at the same time', async () => {
    await Promise.all([...CODES.map((code) => append(code, 'meanwhile')), ...Array.from({ length: 6 }, () => evidence.sealer.seal())]);
    await evidence.sealer.seal();
    const { rows } = await test.database.query('SELECT (SELECT count(*) FROM evidence) AS records, (SELECT count(*) FROM evidence_seals) AS seals, (SELECT count(*) FROM evidence_unsealed) AS left');
    expect(rows).toEqual([{ records: '15', seals: '15', left: '0' }]);
    expect(await evidence.audit(null)).toMatchObject({ chains: 3, records: 15, faults: [] });
  });

  it('that dies in the middle leaves the records for the next', async () => {
    await append('A-1', 'before the crash');
    await expect(test.database.transaction(async (client) => {
      await client.query('DELETE FROM evidence_unsealed');
      throw new Error('crash');
    })).rejects.toThrow('crash');
    expect(await evidence.sealer.seal()).toBe(1);
    expect((await evidence.audit(null)).faults).toEqual([]);
  });

  it('is late when the oldest record waits longer than configured', async () => {
    await append('B-2', 'waiting');
    const impatient = createEvidenceModule({ database: test.database, settings: { signingKeys: [], sealLagMs: -1 } });
    expect(await impatient.readiness()).toMatchObject({ ready: false, detail: { unsealed: 1 } });
    await evidence.sealer.seal();
    expect(await evidence.readiness()).toEqual({ ready: true, detail: { unsealed: 0, oldestSeconds: 0 } });
  });

  it('signs a head over what is new, and none without need or key', async () => {
    const head = await evidence.sealer.signHead(0);
    expect(head).toMatchObject({ number: 2, keyId: 'k1' });
    expect(await evidence.sealer.signHead(0)).toBeNull();
    expect((await evidence.audit(null, { keys: publicKeysOf(KEYS) })).faults).toEqual([]);
    expect((await evidence.audit(null, { keys: publicKeysOf([{ id: 'k1', key: Buffer.alloc(32, 6) }]) })).faults).toContainEqual({ kind: 'signature-refused', where: 'head 1' });
  });
});

describe('an exported bundle', () => {
  it('is proved without the database, every record of it', async () => {
    const bundle = await evidence.exporter.bundle('A-1');
    if (bundle === null) throw new Error('no bundle');
    const read = JSON.parse(JSON.stringify(bundle)) as typeof bundle;
    expect(verifyBundle(read, publicKeysOf(KEYS))).toMatchObject({ records: 6, provenRecords: 6, missingBodies: 0, faults: [] });
    expect(bundle.index[0]).toMatchObject({ sequence: 1 });
  });

  it('is none for a dossier that is not known', async () => {
    expect(await evidence.exporter.bundle('Z-9')).toBeNull();
  });
});

describe('the audit of the database', () => {
  const restore = (): Promise<void> => tamper('TRUNCATE evidence, evidence_seals, evidence_blocks, evidence_heads, evidence_bodies',
    ...['evidence', 'evidence_seals', 'evidence_blocks', 'evidence_heads', 'evidence_bodies'].map((table) => `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM kept_${table}`));

  beforeAll(async () => {
    for (const table of ['evidence', 'evidence_seals', 'evidence_blocks', 'evidence_heads', 'evidence_bodies']) await test.database.query(`CREATE TABLE kept_${table} AS SELECT * FROM ${table}`);
  });

  it.each([
    ['a changed field', `UPDATE evidence SET actor = 'operator/x' WHERE chain = 'lane/B-2' AND sequence = 2`, { kind: 'changed', where: 'lane/B-2 #2' }],
    ['a changed time', `UPDATE evidence SET at = at + interval '1 microsecond' WHERE chain = 'lane/B-2' AND sequence = 3`, { kind: 'changed', where: 'lane/B-2 #3' }],
    ['a deleted record', `DELETE FROM evidence WHERE chain = 'lane/A-1' AND sequence = 3`, { kind: 'deleted', where: 'lane/A-1 #3' }],
    ['a cut-off end', `DELETE FROM evidence WHERE chain = 'lane/A-1' AND sequence > 4`, { kind: 'deleted', where: 'lane/A-1 #5' }],
    ['a chain that is gone', `DELETE FROM evidence WHERE chain = 'lane/C-3'`, { kind: 'deleted', where: 'lane/C-3 #1' }],
    ['a record moved to another chain', `UPDATE evidence SET chain = 'lane/D-4', sequence = 1 WHERE chain = 'lane/C-3' AND sequence = 5`, { kind: 'deleted', where: 'lane/C-3 #5' }],
    ['a changed body', `UPDATE evidence_bodies SET body = 'other' WHERE evidence_id = (SELECT id FROM evidence WHERE chain = 'lane/A-1' AND sequence = 1)`, { kind: 'body-changed', where: 'lane/A-1 #1' }],
    ['a changed seal', `UPDATE evidence_seals SET digest = sha256('x') WHERE block = 2 AND position = 1`, { kind: 'block-broken', where: 'block 2 near lane/A-1 #2' }],
    ['a deleted block', 'DELETE FROM evidence_blocks WHERE number = 2', { kind: 'block-broken', where: 'block 2' }],
    ['a changed block', `UPDATE evidence_blocks SET record_count = 9 WHERE number = 3`, { kind: 'block-broken', where: 'block 3' }],
    ['blocks and head of the end removed', 'DELETE FROM evidence_blocks WHERE number > 3', { kind: 'head-broken', where: 'head 2' }],
    ['a changed head', `UPDATE evidence_heads SET root = sha256('x') WHERE number = 1`, { kind: 'head-broken', where: 'head 1' }],
    ['a record nobody wrote', `INSERT INTO evidence (chain, sequence, at, kind, actor, subject, message_digest, previous, digest)
       SELECT chain, 99, at, kind, actor, subject, message_digest, digest, sha256('x') FROM evidence WHERE chain = 'lane/A-1' AND sequence = 6`, { kind: 'changed', where: 'lane/A-1 #99' }],
  ])('names %s', async (_what, statement, fault) => {
    try {
      await tamper(statement);
      expect((await evidence.audit(null)).faults).toContainEqual(fault);
    } finally {
      await restore();
    }
    expect((await evidence.audit(null)).faults).toEqual([]);
  });

  it('names a well-made record that no sealer was told of', async () => {
    await append('A-1', 'forged');
    await tamper('DELETE FROM evidence_unsealed');
    const { rows } = await test.database.query<{ sequence: string }>(`SELECT max(sequence) AS sequence FROM evidence WHERE chain = 'lane/A-1'`);
    expect((await evidence.audit('lane/A-1')).faults).toContainEqual({ kind: 'inserted', where: `lane/A-1 #${rows[0]?.sequence ?? ''}` });
    await restore();
  });
});
