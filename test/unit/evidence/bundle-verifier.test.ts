import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { verifyBundle } from '../../../src/evidence/bundle-verifier.js';
import { messageDigest, recordDigest } from '../../../src/evidence/canonical-digest.js';
import { evidenceBundle } from '../../../src/evidence/evidence-bundle.js';
import type { EvidenceBundle } from '../../../src/evidence/evidence-bundle.js';
import { publicKeysOf, signHead } from '../../../src/evidence/head-signer.js';
import { CODE, KEY, buildBundle, linkRecord } from './archive-builder.js';

const KEYS = publicKeysOf([KEY]);
const OTHER = { id: 'k1', key: Buffer.alloc(32, 8) };
const name = (sequence: number): string => `lane/${CODE} #${String(sequence)}`;
const messages = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 12 });
/** A bundle and one of its places, from 0 on. */
const place = messages.chain((texts) => fc.tuple(fc.constant(texts), fc.nat({ max: texts.length - 1 })));

const withRecords = (bundle: EvidenceBundle, change: (records: EvidenceBundle['records']) => EvidenceBundle['records']): EvidenceBundle => ({ ...bundle, records: change([...bundle.records]) });
const firstFault = (bundle: EvidenceBundle) => verifyBundle(bundle, KEYS).faults[0];

describe('a bundle', () => {
  it('that nobody touched is sound, also after a trip through a file, and every record is proved', () => {
    fc.assert(fc.property(messages, (texts) => {
      const bundle = evidenceBundle.parse(JSON.parse(JSON.stringify(buildBundle(texts))));
      expect(verifyBundle(bundle, KEYS)).toEqual({ records: texts.length, provenRecords: texts.length, missingBodies: 0, stampedHeads: 0, faults: [] });
    }));
  });

  it('without a body stays sound', () => {
    fc.assert(fc.property(place, ([texts, index]) => {
      const bundle = withRecords(buildBundle(texts), (records) => records.map((record, at) => (at === index ? { ...record, body: null } : record)));
      expect(verifyBundle(bundle, KEYS)).toMatchObject({ faults: [], missingBodies: 1 });
    }));
  });

  it('names a changed record, whichever field it was', () => {
    fc.assert(fc.property(place, fc.constantFrom('at', 'kind', 'actor', 'subject', 'messageDigest', 'previous', 'digest'), ([texts, index], field) => {
      const bundle = withRecords(buildBundle(texts), (records) => records.map((record, at) => (at === index ? { ...record, body: null, [field]: 'f'.repeat(64) } : record)));
      expect(firstFault(bundle)).toEqual({ kind: 'changed', where: name(index + 1) });
    }));
  });

  it('names a record that was written anew with all that follows it', () => {
    fc.assert(fc.property(place, ([texts, index]) => {
      const bundle = withRecords(buildBundle(texts), (records) => {
        for (let at = index; at < records.length; at += 1) {
          const old = records[at];
          if (old === undefined) continue;
          const body = at === index ? `${texts[at] ?? ''} forged` : old.body;
          const record = { ...old, body, messageDigest: messageDigest(body ?? ''), previous: records[at - 1]?.digest ?? old.previous };
          records[at] = { ...record, digest: recordDigest(record) };
        }
        return records;
      });
      expect(firstFault(bundle)).toEqual({ kind: 'changed', where: name(index + 1) });
    }));
  });

  it('names a deleted record, the last one too', () => {
    fc.assert(fc.property(place, ([texts, index]) => {
      fc.pre(texts.length > 1);
      expect(firstFault(withRecords(buildBundle(texts), (records) => records.toSpliced(index, 1)))).toEqual({ kind: 'deleted', where: name(index + 1) });
    }));
  });

  it('names an inserted record, at the end too', () => {
    fc.assert(fc.property(place, ([texts, index]) => {
      const sound = buildBundle(texts);
      const before = sound.records[index];
      const forged = { ...linkRecord(index + 2, before?.digest ?? '', 'forged'), body: 'forged', seal: null };
      const bundle = withRecords(sound, (records) => records.toSpliced(index + 1, 0, forged));
      expect(firstFault(bundle)).toEqual({ kind: 'inserted', where: name(index + 2) });
    }));
  });

  it('names a record that changed places with another', () => {
    fc.assert(fc.property(place, fc.nat({ max: 11 }), ([texts, index], other) => {
      fc.pre(other < texts.length && other !== index);
      const bundle = withRecords(buildBundle(texts), (records) => records.map((record, at) =>
        (at === index ? { ...record, sequence: other + 1 } : at === other ? { ...record, sequence: index + 1 } : record)));
      expect(firstFault(bundle)).toEqual({ kind: 'moved', where: name(Math.min(index, other) + 1) });
    }));
  });

  it('names a body that is not the one of its record', () => {
    fc.assert(fc.property(place, ([texts, index]) => {
      const bundle = withRecords(buildBundle(texts), (records) => records.map((record, at) => (at === index ? { ...record, body: `${record.body ?? ''}.` } : record)));
      expect(firstFault(bundle)).toEqual({ kind: 'body-changed', where: name(index + 1) });
    }));
  });

  it('names a changed block and a changed head', () => {
    fc.assert(fc.property(messages, fc.constantFrom('at', 'previous', 'root'), (texts, field) => {
      const sound = buildBundle(texts);
      const touch = <Item extends { readonly number: number }>(items: readonly Item[]): Item[] => items.map((item, index) => (index === items.length - 1 ? { ...item, [field]: '0'.repeat(63).concat('1') } : item));
      const blocks = verifyBundle({ ...sound, blocks: touch(sound.blocks) }, KEYS).faults.map(({ where }) => where);
      expect(blocks).toContain(`block ${String(sound.blocks.length)}`);
      const heads = verifyBundle({ ...sound, heads: touch(sound.heads) }, KEYS).faults.map(({ where }) => where);
      expect(heads).toContain(`head ${String(sound.heads.length)}`);
    }));
  });

  it('is refused under a key that the reader does not trust', () => {
    const sound = buildBundle(['a', 'b']);
    expect(verifyBundle(sound, publicKeysOf([OTHER])).faults).toContainEqual({ kind: 'signature-refused', where: 'statement' });
    expect(verifyBundle(sound, [])).toMatchObject({ provenRecords: 0 });
    const resigned = { ...sound, heads: sound.heads.map((head) => signHead(head, OTHER)) };
    expect(verifyBundle(resigned, KEYS).faults).toContainEqual({ kind: 'signature-refused', where: 'head 1' });
  });
});
