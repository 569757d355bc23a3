import { afterEach, describe, expect, it } from '@jest/globals';
import { kindOf, receiptCall, receiptIssuerSuite, sampleReceipt } from './receipt-issuer.suite.js';
import { startVnptReceipt } from './vnpt-receipt-harness.js';
import type { VnptReceiptContestant } from './vnpt-receipt-harness.js';

describe('VNPT receipts', () => {
  receiptIssuerSuite(() => startVnptReceipt());

  const open: VnptReceiptContestant[] = [];
  const start = async (...options: Parameters<typeof startVnptReceipt>): Promise<VnptReceiptContestant> => {
    const contestant = await startVnptReceipt(...options);
    open.push(contestant);
    return contestant;
  };
  afterEach(async () => { for (const contestant of open.splice(0)) await contestant.close(); });
  const call = receiptCall();

  it('takes each agency its own log-in, form and series; wrong ones are no receipt', async () => {
    const logins = [
      { account: 'tinh', accountPassword: 'mat-khau & <tinh>', username: 'ws-tinh', password: 'ws-tinh-1', pattern: '01BLP0-001', serial: 'AA-26E' },
      { account: 'xa', accountPassword: 'mat-khau-xa', username: 'ws-xa', password: 'ws-xa-1', pattern: '02BLP0-002', serial: 'BB-26E' },
    ];
    const [province, commune] = logins;
    const accounts = JSON.stringify([{ agency: '*', ...province }, { agency: 'H42.05', ...commune }, { agency: 'H42.06', ...commune, serial: 'CC-26E' }, { agency: 'H42.07', ...commune, password: 'wrong' }]);
    const { issuer, party } = await start({ sandbox: { logins }, env: { VNPT_RECEIPT_ACCOUNTS: accounts } });
    expect(await issuer.issue(sampleReceipt(), call)).toMatchObject({ receipt: { pattern: '02BLP0-002', serial: 'BB-26E', number: '1' } });
    expect(await issuer.issue(sampleReceipt({ agencyCodes: ['H42'] }), call)).toMatchObject({ receipt: { pattern: '01BLP0-001', serial: 'AA-26E' } });
    expect(await kindOf(issuer.issue(sampleReceipt({ agencyCodes: ['H42.06'] }), call))).toBe('bad-request');
    expect(await kindOf(issuer.issue(sampleReceipt({ agencyCodes: ['H42.07'] }), call))).toBe('refused-credentials');
    expect(await party.probe()).toMatchObject({ ok: false });
  });

  it('serves only agencies with an account, and none without an address', async () => {
    const only = JSON.stringify([{ agency: 'H42.05', account: 'a', accountPassword: 'b', username: 'c', password: 'd', pattern: 'e', serial: 'f' }]);
    const { issuer } = await start({ env: { VNPT_RECEIPT_ACCOUNTS: only } });
    expect([issuer.serves(['H42.05.01', 'H42.05']), issuer.serves(['H42.06', 'H42'])]).toEqual([true, false]);
  });

  it('answers the probe', async () => {
    const { party } = await start();
    expect(await party.probe()).toEqual({ ok: true, detail: '1 log-in(s) accepted' });
  });

  it.each([['ERR:5', '{"kind":"rejected","code":"ERR:5","text":"Không phát hành được biên lai"}'], ['ERR:3', 'bad-request'], ['ERR:99', 'bad-reply'], ['', 'bad-reply'], ['ERR:1', 'refused-credentials'], ['OKAY', 'bad-reply']])(
    'judges %s', async (value, expected) => {
      const { issuer, misbehave } = await start();
      await misbehave({ kind: 'code', operation: 'issue', value });
      expect(await kindOf(issuer.issue(sampleReceipt(), call))).toBe(expected);
    });

  it('fetches what an odd "OK" does not tell, and knows a fault for an unknown outcome', async () => {
    const { issuer, misbehave } = await start();
    await misbehave({ kind: 'odd-result', operation: 'issue' });
    expect(await issuer.issue(sampleReceipt(), call)).toMatchObject({ kind: 'issued', already: false, receipt: { number: '1' } });
    const order = sampleReceipt();
    await misbehave({ kind: 'fault', operation: 'issue' });
    expect(await kindOf(issuer.issue(order, call))).toBe('outcome-unknown');
    await misbehave({ kind: '5xx', operation: 'view' });
    expect(await issuer.issue(order, call)).toEqual({ kind: 'issued', already: true, receipt: null });
    expect(await issuer.find(order.key, order.agencyCodes, call)).toEqual({ pattern: '01BLP0-001', serial: 'BL-26E', number: '2' });
    await misbehave({ kind: 'no-result', operation: 'issue' });
    expect(await kindOf(issuer.issue(sampleReceipt(), call))).toBe('bad-reply');
  });

  it('leaves adjustments to a person where no type is configured', async () => {
    const { issuer } = await start({ env: { VNPT_RECEIPT_ADJUST_TYPE: '' } });
    expect(await issuer.adjust({ ...sampleReceipt(), adjusts: 'OG1' }, call)).toMatchObject({ kind: 'rejected', code: 'adjust-off' });
  });

  it('cancels although the first half was lost', async () => {
    const { issuer, misbehave } = await start();
    const order = sampleReceipt();
    await issuer.issue(order, call);
    await misbehave({ kind: 'reset', operation: 'unconfirm' });
    expect(await kindOf(issuer.cancel(order.key, order.agencyCodes, call))).toBe('outcome-unknown');
    expect(await issuer.cancel(order.key, order.agencyCodes, call)).toEqual({ kind: 'accepted' });
    expect(await issuer.cancel(order.key, order.agencyCodes, call)).toEqual({ kind: 'accepted' });
  });

  it('is no receipt office to whoever speaks no SOAP', async () => {
    const { url, control } = await start();
    const post = async (path: string, body: string, type = 'text/xml'): Promise<number> => (await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': type }, body })).status;
    expect(await post('/PublishService.asmx', '<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>')).toBe(500);
    expect(await post('/PublishService.asmx', '{}', 'application/json')).toBe(415);
    expect(await post('/OtherService.asmx', '<x/>')).toBe(404);
    expect(await control.get('receipts')).toEqual([]);
  });
});
