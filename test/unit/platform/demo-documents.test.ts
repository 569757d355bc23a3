import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { parse } from 'graphql';
import { APPEND, PROGRESS, UPSERT, firstCall, newDossierCode, receivedDossier } from '../../../src/commands/demo-documents.js';

describe('demo documents', () => {
  it('dates the code by the day in Vietnam', () => {
    expect(newDossierCode('H42', new Date('2026-11-22T18:00:00Z'))).toMatch(/^000\.00\.12\.H42-261123-\d{7}$/);
    expect(newDossierCode('H42', new Date('2026-11-22T16:59:59Z'))).toMatch(/-261122-/);
  });

  it.each([['upsert', UPSERT], ['append', APPEND], ['progress', PROGRESS]])('%s is a GraphQL document', (_name, document) => {
    expect(parse(document).definitions).toHaveLength(1);
  });

  it('gives a shell line whose body arrives as it was written', () => {
    const dossier = receivedDossier('000.00.12.H42-261123-0000001', 'H42', new Date('2026-11-23T03:00:00Z'));
    const line = firstCall('http://127.0.0.1:1', 'key', { ...dossier, variables: { ...dossier.variables, note: "it's 'quoted' $HOME `x`" } });
    const { stdout } = spawnSync('bash', ['-c', line.replace(/^curl .*? --data /, 'printf %s ')], { encoding: 'utf8' });
    expect((JSON.parse(stdout) as { variables: unknown }).variables).toEqual({ ...dossier.variables, note: "it's 'quoted' $HOME `x`" });
  });
});
