import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LedgerFile } from '../../../adapters/support/sandbox-ledger-file.js';

describe('the file of a sandbox ledger', () => {
  let folder = '';
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'ledger-')); });
  afterEach(() => { rmSync(folder, { recursive: true }); });

  const withLedger = <T>(use: (ledger: LedgerFile<{ seq: number }>) => T): T => {
    const ledger = new LedgerFile<{ seq: number }>(join(folder, 'a.jsonl'));
    try {
      return use(ledger);
    } finally {
      ledger.close();
    }
  };

  it('is there again at the next start, in order', () => {
    withLedger((ledger) => {
      expect(ledger.earlier).toEqual([]);
      ledger.append({ seq: 1 });
      ledger.append({ seq: 2 });
    });
    withLedger((ledger) => {
      expect(ledger.earlier).toEqual([{ seq: 1 }, { seq: 2 }]);
      ledger.append({ seq: 3 });
    });
    expect(withLedger(({ earlier }) => earlier)).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
  });

  it('loses no line to one that a kill cut before it', () => {
    withLedger((ledger) => { ledger.append({ seq: 1 }); });
    appendFileSync(join(folder, 'a.jsonl'), '{"seq":2');
    withLedger((ledger) => {
      expect(ledger.earlier).toEqual([{ seq: 1 }]);
      ledger.append({ seq: 3 });
    });
    expect(withLedger(({ earlier }) => earlier)).toEqual([{ seq: 1 }, { seq: 3 }]);
  });

  it('has what was appended on disk at once, and nothing after it is cleared', () => {
    withLedger((ledger) => {
      ledger.append({ seq: 1 });
      expect(readFileSync(join(folder, 'a.jsonl'), 'utf8')).toContain('{"seq":1}\n');
      ledger.clear();
      expect(readFileSync(join(folder, 'a.jsonl'), 'utf8')).toBe('');
      ledger.append({ seq: 9 });
    });
    expect(withLedger(({ earlier }) => earlier)).toEqual([{ seq: 9 }]);
  });

  it('keeps nothing without a path, and may be closed twice', () => {
    const ledger = new LedgerFile<{ seq: number }>(null);
    ledger.append({ seq: 1 });
    ledger.clear();
    ledger.close();
    ledger.close();
    expect(ledger.earlier).toEqual([]);
  });
});
