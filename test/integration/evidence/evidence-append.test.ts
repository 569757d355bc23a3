import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recordDigest } from '../../../src/evidence/canonical-digest.js';
import { findChainFault } from '../../../src/evidence/chain-verifier.js';
import { EvidenceLog } from '../../../src/evidence/evidence-log.js';
import { EvidenceStore } from '../../../src/evidence/evidence-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

let test: TestDatabase;
let store: EvidenceStore;
const log = new EvidenceLog();

beforeAll(async () => {
  test = await createTestDatabase();
  store = new EvidenceStore(test.database);
});
afterAll(() => test.drop());

const entry = (chain: string, message: string) => ({ chain, kind: 'test', actor: 'gateway', subject: 'subject', message });

describe('appending evidence', () => {
  it('computes in PostgreSQL the digest that TypeScript computes, whatever the text', async () => {
    // PostgreSQL stores no NUL and no half of a pair.
    const text = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((value) => !value.includes('\0') && Buffer.from(value).toString() === value);
    let number = 0;
    await fc.assert(fc.asyncProperty(text, text, text, async (kind, actor, message) => {
      number += 1;
      const chain = `unicode-${String(number)}-đ`;
      const [first, second] = [{ chain, kind, actor, subject: message, message }, { chain, kind: message, actor, subject: kind, message: actor }];
      // One alone, and a list: PostgreSQL writes them by two statements.
      await test.database.transaction((client) => log.append(client, [first]));
      await test.database.transaction((client) => log.append(client, [second, first]));
      const records = await store.records(chain, { after: 0, limit: 10 });
      const [asFirst, asSecond] = [[kind, actor, message], [message, actor, kind]];
      expect(records.map((record) => [record.kind, record.actor, record.subject])).toEqual([asFirst, asSecond, asFirst]);
      for (const record of records) expect(recordDigest(record)).toBe(record.digest);
      expect(findChainFault(chain, records, [])).toBeNull();
    }), { numRuns: 60 });
  });

  it('keeps one unbroken chain under concurrent appends of lists in any order', async () => {
    const chains = ['a', 'b', 'c'].map((name) => `concurrent-${name}`);
    await Promise.all(Array.from({ length: 40 }, (_, index) => test.database.transaction(async (client) => {
      const turned = [...chains.slice(index % 3), ...chains.slice(0, index % 3)];
      await log.append(client, turned.map((chain) => entry(chain, String(index))));
    })));
    for (const chain of chains) {
      const records = await store.records(chain, { after: 0, limit: 100 });
      expect(records).toHaveLength(40);
      expect(findChainFault(chain, records, [])).toBeNull();
    }
  });

  it('leaves nothing when its cause is rolled back', async () => {
    await expect(test.database.transaction(async (client) => {
      await log.append(client, [entry('rolled-back', 'x')]);
      throw new Error('cause failed');
    })).rejects.toThrow('cause failed');
    expect(await store.records('rolled-back', { after: 0, limit: 10 })).toEqual([]);
  });

  it.each(['evidence', 'evidence_blocks', 'evidence_seals', 'evidence_heads', 'evidence_bodies'])('refuses to change or empty %s even for the owner of the table', async (table) => {
    const column = { evidence: 'kind', evidence_blocks: 'root', evidence_seals: 'chain', evidence_heads: 'key_id', evidence_bodies: 'body' }[table] ?? '';
    await expect(test.database.query(`UPDATE ${table} SET ${column} = ${column}`)).rejects.toMatchObject({ code: 'OG002' });
    await expect(test.database.query(`TRUNCATE ${table}`)).rejects.toMatchObject({ code: 'OG002' });
  });
});
