import { describe, expect, it } from '@jest/globals';
import { accountNameContract } from './account-name-suite.js';
import { startMbBank } from './mb-bank-harness.js';
import { recordedCall } from './sample-dossier.js';

accountNameContract({
  name: 'MB Bank', operation: 'enquiry', accounts: [{ bankBin: '970422', number: '0123456789012' }, { bankBin: '970436', number: '1AM002110000121' }],
  notFound: [['no-account', '203'], ['no-name', '000']], unlisted: 'unlisted-code', unsupported: { bankBin: '970422', number: '3511.0.1104195' },
  start: () => startMbBank(),
});

describe('the enquiry of MB', () => {
  it('logs in once for many, again when its token has ended, and says when it is not let in', async () => {
    const mb = await startMbBank();
    const ask = () => mb.accountNames.nameOf({ bankBin: '970422', number: '0123456789' }, recordedCall().call);
    await Promise.all([ask(), ask(), ask()]);
    await mb.control.post('expire-sessions');
    expect(await ask()).toMatchObject({ kind: 'found' });
    expect((await mb.control.get<{ counters: Record<string, number> }>('state')).counters).toMatchObject({ login: 2, enquiry: 4 });
    expect(await mb.party.probe()).toEqual({ ok: true, detail: 'logged in' });
    const stranger = await startMbBank({ env: { MB_BANK_PASSWORD: 'nobody-s' } });
    expect(await stranger.party.probe()).toEqual({ ok: false, detail: 'mb-bank login: refused-credentials (http-401)' });
    await stranger.close();
    await mb.close();
  });
});
