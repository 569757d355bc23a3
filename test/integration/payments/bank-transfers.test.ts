import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { controlOf } from '../../contract/sandbox-control.js';
import type { SandboxControl } from '../../contract/sandbox-control.js';
import { eventually } from '../../support/eventually.js';
import { startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

const AGENCY = '000.12.34.H42';
const NUMBER = '0312345678901';
const HOLDER = 'UBND PHUONG HOA LU';
const MB = '970422';
const VCB = '970436';
const SAVED = '__typename ... on BankAccountSaved { account { id state nameCheck nameCheckedBy } } ... on BankAccountRefused { problems { field code } }';

interface Transfer {
  readonly ft: string;
}

/** A citizen with the app of MB, an agency with an account there, and everything between them as it is composed. */
describe('a transfer by VietQR', () => {
  let stage: PaymentStage;
  let app: string;
  let mb: SandboxControl;
  let vietqr: SandboxControl;

  const register = async (over: object): Promise<Found> => {
    const account = { agencyCode: AGENCY, bank: MB, number: NUMBER, holderName: 'UBND phường Hoa Lư', purpose: 'Thu phí, lệ phí', contact: 'ketoan@hoalu.example', ...over };
    const answer = await stage.as('operator', `mutation ($key: IdempotencyKey!, $account: BankAccountInput!) { registerBankAccount(idempotencyKey: $key, reason: "kiểm thử", account: $account) { ${SAVED} } }`, { key: randomUUID(), account });
    if (answer.__typename !== 'BankAccountSaved') throw new Error(JSON.stringify(answer));
    return answer['account'] as Found;
  };
  const accountOf = (id: unknown): Promise<Found> => stage.as('operator', 'query ($id: ID!) { bankAccount(id: $id) { id state nameCheck nameCheckedBy } }', { id });
  /** Until a bank was asked. */
  const checked = async (id: unknown): Promise<Found> => {
    let found: Found = {};
    await eventually('a word of a bank', async () => {
      found = await accountOf(id);
      return found['nameCheckedBy'] !== null;
    }, { timeoutMs: 20_000 });
    return found;
  };
  const approve = (id: unknown): Promise<Found> =>
    stage.as('supervisor', `mutation ($key: IdempotencyKey!, $id: ID!) { approveBankAccount(idempotencyKey: $key, id: $id, reason: "kiểm thử") { ${SAVED} } }`, { key: randomUUID(), id });

  beforeAll(async () => {
    stage = await startPaymentStage({ PAYMENT_GATEWAYS: 'vietqr,vnpay', BANK_ACCOUNT_COOLING_HOURS: '0' }, { worker: true });
    const { environment, url } = stage.gateway;
    app = new URL(environment['MB_BANK_URL'] ?? '').origin;
    mb = controlOf(app);
    vietqr = controlOf(new URL(environment['VIETQR_URL'] ?? '').origin);
    await mb.post('callback-address', { url: `${url}/callbacks/mb-bank` });
    await mb.post('account', { bin: MB, accountNumber: NUMBER, accountName: HOLDER });
    await vietqr.post('account', { bin: MB, accountNumber: NUMBER, accountName: HOLDER });
    const rows = ['code,name_vi,kind,level,parent_code', '000.00.00.H42,Tỉnh Ninh Bình,PROVINCE,PROVINCE,', `${AGENCY},Phường Hoa Lư,WARD,COMMUNE,000.00.00.H42`];
    await stage.as('operator', 'mutation ($key: IdempotencyKey!, $file: String!) { importAgencies(idempotencyKey: $key, contentBase64: $file, dryRun: false, reason: "nhập") { __typename } }', { key: randomUUID(), file: Buffer.from(rows.join('\n')).toString('base64') });
    const { id } = await register({});
    expect(await checked(id)).toMatchObject({ state: 'REQUESTED', nameCheck: 'MATCHED', nameCheckedBy: 'vietqr' });
    expect(await approve(id)).toMatchObject({ account: { state: 'ACTIVE' } });
  }, 60_000);
  afterAll(() => stage.gateway.close());

  const opened = async (number: number): Promise<{ readonly reference: string; readonly qr: string }> => {
    const { reference } = await stage.opened(number);
    const { qr } = await stage.as('portal', 'query ($reference: ID!) { payment(reference: $reference) { qr { content } } }', { reference });
    return { reference, qr: String((qr as Found)['content']) };
  };
  const kept = async (reference: string): Promise<string> =>
    JSON.stringify((await stage.database.query('SELECT to_jsonb(p) AS row FROM payments p WHERE reference = $1', [reference])).rows);
  const scan = async (qr: string): Promise<string> => {
    const response = await fetch(`${app}/app/scan`, { method: 'POST', body: JSON.stringify({ qr }) });
    return ((await response.json()) as Transfer).ft;
  };
  const transfer = async (content: string, over: object = {}): Promise<string> => ((await mb.post('transfer', { account: NUMBER, amountVnd: 50_000, content, ...over })) as Transfer).ft;
  const unmatched = async (ft: string): Promise<{ readonly id: string; readonly reason: string }> => {
    let rows: { id: string; reason: string }[] = [];
    await eventually(`${ft} to be kept`, async () => {
      ({ rows } = await stage.database.query<{ id: string; reason: string }>('SELECT id, reason FROM unmatched_credits WHERE bank_reference = $1', [ft]));
      return rows.length > 0;
    });
    return rows[0] ?? { id: '', reason: '' };
  };
  const told = (ft: string, count = 1): Promise<unknown> =>
    eventually(`${String(count)} answers about ${ft}`, async () => (await mb.get<readonly { key: string; taken: boolean }[]>('notices')).filter(({ key, taken }) => key === ft && taken).length >= count);

  it('pays by the push of the bank, straight into the agency\'s account, and the portal hears of it', async () => {
    const { reference, qr } = await opened(900);
    expect(qr).toContain(NUMBER);
    expect(await kept(reference)).not.toContain(NUMBER);
    const ft = await scan(qr);
    expect(await stage.until(reference, 'PAID')).toMatchObject({ gateway: 'vietqr', gatewayTransaction: ft, paidVnd: 50_000, surplus: false, person: null });
    const ledger = await stage.ledger(reference);
    expect([Object.keys(ledger)[0]?.startsWith('AGENCY/'), ...Object.values(ledger)]).toEqual([true, 50_000, -50_000]);
    const events = await stage.as('portal', '{ events(first: 500) { nodes { type paymentReference } } }');
    expect(events['nodes']).toContainEqual({ type: 'PAYMENT_PAID', paymentReference: reference });
  });

  it('told twice, and by two channels in other words, is booked once', async () => {
    await mb.post('misbehave-notices', { kind: 'twice' });
    await mb.misbehave({ kind: 'two-channels', operation: 'scan' });
    const { reference, qr } = await opened(901);
    const ft = await scan(qr);
    await stage.until(reference, 'PAID');
    await told(ft, 2);
    expect(Object.values(await stage.ledger(reference))).toEqual([50_000, -50_000]);
    expect(await stage.read(reference)).toMatchObject({ paidVnd: 50_000, person: null });
  });

  it('that comes when its time is over is booked all the same', async () => {
    const { reference, qr } = await opened(902);
    await stage.database.query(`UPDATE payments SET created_at = created_at - interval '2 days', sent_at = sent_at - interval '2 days', expires_at = now() - interval '1 day', ask_at = now() WHERE reference = $1`, [reference]);
    await stage.until(reference, 'EXPIRED');
    await scan(qr);
    expect(await stage.until(reference, 'PAID')).toMatchObject({ surplus: false });
  });

  it('of another amount, into another account, without a reference or with two moves nothing and waits for a person', async () => {
    const { reference, qr } = await opened(903);
    const { reference: other } = await opened(904);
    await mb.misbehave({ kind: 'other-amount', operation: 'scan' });
    expect((await unmatched(await scan(qr))).reason).toBe('amount');
    expect((await unmatched(await transfer(reference, { account: '9999999999' }))).reason).toBe('account');
    expect((await unmatched(await transfer('nop le phi'))).reason).toBe('no-reference');
    expect((await unmatched(await transfer(`${reference} ${other}`))).reason).toBe('no-reference');
    await told(await transfer(reference, { type: 'D' }));
    expect(await stage.read(reference)).toMatchObject({ state: 'AWAITING', paidVnd: 0, person: { code: 'amount' } });
    expect(await stage.read(other)).toMatchObject({ state: 'AWAITING', paidVnd: 0 });
    expect(await stage.ledger(reference)).toEqual({});
  });

  it('without its reference is brought to its payment by two persons', async () => {
    const { reference } = await opened(905);
    const { id } = await unmatched(await transfer('le phi ho tich'));
    expect(await stage.act('operator', 'matchCredit', `id: "${id}", reference: "${reference}"`)).toMatchObject({ credit: { resolution: 'proposed' } });
    expect(await stage.act('supervisor', 'matchCredit', `id: "${id}", reference: "${reference}"`)).toMatchObject({ credit: { resolution: 'matched' } });
    expect(await stage.read(reference)).toMatchObject({ state: 'PAID', paidVnd: 50_000 });
  });

  it('to an account whose number another bank uses too is not taken for it', async () => {
    const { reference } = await opened(906);
    await stage.database.query(`UPDATE bank_accounts SET bank_bin = $1 WHERE id = (SELECT account_id FROM payments WHERE reference = $2)`, [VCB, reference]);
    const ft = await transfer(reference);
    expect((await unmatched(ft)).reason).toBe('account');
    await stage.database.query(`UPDATE bank_accounts SET bank_bin = $1 WHERE id = (SELECT account_id FROM payments WHERE reference = $2)`, [MB, reference]);
    expect(await stage.read(reference)).toMatchObject({ state: 'AWAITING' });
  });

  it('ends on the account for which it was asked, though another has taken its place; the next goes there', async () => {
    const next = '0312345678909';
    const { reference, qr } = await opened(907);
    const { rows: [old] } = await stage.database.query<{ id: string }>('SELECT account_id AS id FROM payments WHERE reference = $1', [reference]);
    for (const party of [mb, vietqr]) await party.post('account', { bin: MB, accountNumber: next, accountName: HOLDER });
    const { id } = await register({ number: next, replaces: old?.id });
    await checked(id);
    expect(await approve(id)).toMatchObject({ account: { state: 'ACTIVE' } });
    expect(await accountOf(old?.id)).toMatchObject({ state: 'CLOSED' });
    await scan(qr);
    await stage.until(reference, 'PAID');
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -50_000, [`AGENCY/${old?.id ?? ''}`]: 50_000 });
    expect((await opened(908)).qr).toContain(next);
  });

  it('goes into no account whose holder the banks name otherwise, or do not know', async () => {
    const different = await register({ number: '0312345678902' });
    expect(await checked(different['id'])).toMatchObject({ nameCheck: 'DIFFERENT', nameCheckedBy: 'vietqr' });
    expect((await approve(different['id'])).__typename).toBe('BankAccountRefused');
    // Letters are nothing for the look-up, and MB is asked.
    await mb.misbehave({ kind: 'no-account', operation: 'enquiry', key: 'HOALU2026' });
    const missing = await register({ number: 'HOALU2026' });
    expect(await checked(missing['id'])).toMatchObject({ nameCheck: 'NO_SUCH_ACCOUNT', nameCheckedBy: 'mb-bank' });
    expect((await approve(missing['id'])).__typename).toBe('BankAccountRefused');
  }, 60_000);
});
