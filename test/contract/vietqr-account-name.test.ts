import { describe, expect, it } from '@jest/globals';
import { accountNameContract } from './account-name-suite.js';
import { recordedCall } from './sample-dossier.js';
import { startVietqr } from './vietqr-harness.js';

accountNameContract({
  name: 'vietqr.io', operation: 'lookup', accounts: [{ bankBin: '970436', number: '0123456789012' }],
  notFound: [['no-account', '42'], ['no-name', '00'], ['no-data', '00']], unlisted: 'unlisted-code', unsupported: { bankBin: '970436', number: '1AM002110000121' },
  start: () => startVietqr(),
});

describe('the look-up of vietqr.io', () => {
  it('is probed with a sample, and a wrong key is told', async () => {
    const right = await startVietqr();
    const wrong = await startVietqr({ env: { VIETQR_API_KEY: 'nobody-s' } });
    expect(await right.party.probe()).toEqual({ ok: true, detail: 'the look-up answers (found)' });
    expect(await wrong.party.probe()).toEqual({ ok: false, detail: 'vietqr account-name: refused-credentials (http-401)' });
    await right.close();
    await wrong.close();
  });

  it('gives the name of another where the party does: the domain compares', async () => {
    const vietqr = await startVietqr();
    await vietqr.misbehave({ kind: 'other-name', value: 'NGUYEN VAN A' });
    expect(await vietqr.accountNames.nameOf({ bankBin: '970436', number: '0123456789' }, recordedCall().call)).toEqual({ kind: 'found', holderName: 'NGUYEN VAN A' });
    await vietqr.close();
  });
});
