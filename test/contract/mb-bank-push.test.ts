import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildTransferQr } from '../../adapters/vietqr/transfer-qr.js';
import type { BankMovement } from '../../src/payments/bank-credit-port.js';
import { referencesIn } from '../../src/payments/payment-reference.js';
import { eventually } from '../support/eventually.js';
import { listen, questionDoor, receiverDoor } from './callback-listener.js';
import type { Heard, Listener } from './callback-listener.js';
import { startMbBank } from './mb-bank-harness.js';
import type { MbContestant } from './mb-bank-harness.js';
import { newReference } from './sample-payment.js';

interface SentPush {
  readonly taken: boolean;
  readonly reply: { readonly status: number; readonly body: string } | null;
}

describe('the balance pushes of MB, from its sandbox over HTTP', () => {
  let mb: MbContestant;
  let listener: Listener;
  let heard: Heard<BankMovement>[];
  let reference: string;

  beforeEach(async () => {
    heard = [];
    reference = newReference();
    mb = await startMbBank({ sandbox: { pushRetryMs: 30 } });
    const [receiver] = mb.party.credits;
    const [tokens] = mb.party.tokens;
    if (receiver === undefined || tokens === undefined) throw new Error('pushes are off');
    listener = await listen('mb-bank', {
      'transaction-sync': receiverDoor(receiver, { heard, code: () => ['applied', 'confirmed'] }),
      token_generate: questionDoor(tokens, () => Promise.resolve(null)),
    });
    await mb.control.post('callback-address', { url: listener.address });
  });

  afterEach(async () => {
    await mb.close();
    await listener.close();
  });

  const qr = (): string => buildTransferQr({ bankBin: '970422', kind: 'account', number: '0123456789012', amountVnd: 58_000, billNumber: reference, purpose: reference });
  const isHeard = (count: number): Promise<unknown> => eventually(`${count} pushes`, () => heard.length >= count);
  const isSent = async (count: number): Promise<readonly SentPush[]> => {
    await eventually(`${count} answers`, async () => (await mb.control.get<readonly SentPush[]>('notices')).length >= count);
    return mb.control.get<readonly SentPush[]>('notices');
  };
  const creditOf = ({ message }: Heard<BankMovement>): Extract<BankMovement, { kind: 'credit' }>['credit'] => {
    if (message?.kind !== 'credit') throw new Error('no credit');
    return message.credit;
  };

  it('carry the transfer under our token, with the reference in a text that the bank made its own', async () => {
    expect(await mb.scan(qr())).toBe(200);
    await isHeard(1);
    const [first] = heard;
    const [transfer] = await mb.credits(reference);
    expect(first).toMatchObject({ verification: 'verified', uniqueKey: `${transfer?.ft ?? ''}/C` });
    expect(first === undefined ? null : creditOf(first)).toMatchObject({ bankReference: transfer?.ft, amountVnd: 58_000, accountNumber: '0123456789012', reference: null });
    expect(first === undefined ? [] : referencesIn(creditOf(first).content)).toEqual([reference]);
    const [sent] = await isSent(1);
    expect(sent).toMatchObject({ taken: true, reply: { status: 200, body: JSON.stringify({ error: false, errorReason: '000', toastMessage: '', object: { reftransactionid: `${transfer?.ft ?? ''}-C` } }) } });
  });

  it.each([['folded-content', true], ['cut-content', false], ['no-content', false]])('with %s still show the reference: %s', async (kind, shown) => {
    await mb.misbehave({ kind, operation: 'scan' });
    await mb.scan(qr());
    await isHeard(1);
    expect(heard.map((one) => referencesIn(creditOf(one).content))).toEqual([shown ? [reference] : []]);
  });

  it('come on two channels with one key, each with its own words', async () => {
    await mb.misbehave({ kind: 'two-channels', operation: 'scan' });
    await mb.scan(qr());
    await isHeard(2);
    expect(new Set(heard.map(({ uniqueKey }) => uniqueKey)).size).toBe(1);
    expect(new Set(heard.map((one) => creditOf(one).content)).size).toBe(2);
    expect(heard.map((one) => creditOf(one).reference).sort()).toEqual([reference, null]);
  });

  it('come twice, and say the same', async () => {
    await mb.control.post('misbehave-notices', { kind: 'twice' });
    await mb.scan(qr());
    await isHeard(2);
    expect(heard[0]).toEqual(heard[1]);
  });

  it('come again until they are taken', async () => {
    await mb.scan(qr());
    await isSent(1);
    listener.breakNext(2);
    await mb.scan(qr());
    await isHeard(2);
    expect((await isSent(4)).map(({ taken }) => taken)).toEqual([true, false, false, true]);
  });

  it.each(['unsigned', 'old-key'])('are refused when they are %s', async (kind) => {
    await mb.control.post('misbehave-notices', { kind });
    await mb.scan(qr());
    const [sent] = await isSent(1);
    expect(heard[0]).toMatchObject({ verification: 'token', message: null });
    expect(sent?.reply).toEqual({ status: 401, body: '{"error":true,"errorReason":"005","toastMessage":"","object":null}' });
  });

  it('of money that went out are known as such', async () => {
    await mb.control.post('transfer', { account: '0123456789012', amountVnd: 10_000, content: reference, type: 'D' });
    await isHeard(1);
    expect(heard[0]?.message?.kind).toBe('debit');
    expect(heard[0]?.uniqueKey).toMatch(/^FT\d+\/D$/);
  });

  it('with another amount, or another text, are passed on as they are', async () => {
    await mb.control.post('misbehave-notices', { kind: 'other-amount' });
    await mb.scan(qr());
    await isHeard(1);
    await mb.control.post('misbehave-notices', { kind: 'altered' });
    await mb.scan(qr());
    await isHeard(2);
    expect(heard.map((one) => [creditOf(one).amountVnd, referencesIn(creditOf(one).content)])).toEqual([[59_000, [reference]], [58_000, []]]);
  });
});

describe('the sandbox of MB', () => {
  it('pays no code that was changed, nor without money, and remembers what it took', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mb-'));
    const sandbox = { ledgerFile: join(folder, 'ledger.jsonl') };
    const first = await startMbBank({ sandbox });
    const reference = newReference();
    const qr = buildTransferQr({ bankBin: '970422', kind: 'account', number: '0123456789', amountVnd: 58_000, billNumber: null, purpose: reference });
    expect(await first.scan(qr.replace('540558000', '540598000'))).toBe(400);
    await first.misbehave({ kind: 'no-money', operation: 'scan' });
    expect([await first.scan(qr), await first.scan(qr)]).toEqual([402, 200]);
    await first.close();
    const second = await startMbBank({ sandbox });
    expect((await second.credits(reference)).map(({ amountVnd }) => amountVnd)).toEqual([58_000]);
    await second.close();
    rmSync(folder, { recursive: true });
  });
});
