import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { vietnamDay } from '../../src/agencies/agency.js';
import { dayAfter, vietnamMidnight } from '../../src/payments/reconciliation-day.js';
import { runGateway } from '../support/gateway-process.js';
import { insertAccount, startPaymentStage } from '../support/payment-gateway.js';
import type { PaymentStage } from '../support/payment-gateway.js';

const WARD = '000.12.34.H42';
const ACCOUNT = '0011004251389';
const NOTHING_LEFT = /Most memory that this took: \d+ MiB\.\nThe ledger is balanced\./;
const key32 = (): string => randomBytes(32).toString('base64');
const day = dayAfter(vietnamDay(new Date()), -1);

interface Ended { readonly exit: number | null; readonly output: string }

let stage: PaymentStage;
let folder: string;
let env: Record<string, string>;
const paid: string[] = [];

/** Runs a command of the built program to its end. */
const run = async (args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ended> => {
  const gateway = runGateway(args, environment);
  return { exit: await gateway.exit(), output: gateway.output() };
};
const command = (...args: readonly string[]): Promise<Ended> => run(args, env);
/** With neither database nor keys: what an auditor has at home. */
const elsewhere = (...args: readonly string[]): Promise<Ended> => run(args, {});
const file = (name: string): string => join(folder, name);
const statement = (name: string, ...lines: readonly string[]): string => {
  writeFileSync(file(name), ['kind,reference,transaction,amount_vnd,state,time', ...lines.map((line) => `${line},PAID,${day} 12:00:00`)].join('\n'));
  return file(name);
};
const asOwner = (sql: string, values: readonly unknown[]): Promise<void> => stage.database.transaction(async (client) => {
  await client.query('SET LOCAL session_replication_role = replica');
  await client.query(sql, [...values]);
});

beforeAll(async () => {
  const shared = { FIELD_KEYS: `k1:${Buffer.alloc(32, 5).toString('base64')}`, FINGERPRINT_KEY: key32(), FILE_LINK_KEYS: `k1:${key32()}`, RECONCILE_AT: 'off', VNPAY_ASK_AFTER_MS: '3600000' };
  stage = await startPaymentStage(shared);
  await insertAccount(stage.database, WARD, { number: ACCOUNT });
  folder = mkdtempSync(join(tmpdir(), 'onestop-money-'));
  env = {
    ...(stage.gateway.environment as Record<string, string>), ...shared, DATABASE_URL: stage.gateway.test.url, TENANT_AGENCY_CODES: 'H42', FILE_STORE_DIR: folder, DATA_DIR: file('data'),
    API_KEYS: `portal:portal:${createHash('sha256').update('k').digest('hex')}`,
  };
  for (const number of [500, 501]) {
    const { reference, payUrl } = await stage.opened(number);
    // The first payment's notice never comes.
    if (number === 500) await stage.control('misbehave-notices', { kind: 'lost' });
    await stage.press(reference, payUrl);
    if (number !== 500) await stage.until(reference, 'PAID');
    await stage.database.query('UPDATE payments SET sent_at = $2, paid_at = CASE WHEN paid_at IS NOT NULL THEN $2::timestamptz END WHERE reference = $1', [reference, new Date(vietnamMidnight(day).getTime() + 12 * 3_600_000)]);
    paid.push(reference);
  }
}, 60_000);
afterAll(async () => {
  await stage.gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the money of a day on the command line', () => {
  it('reconcile asks the gateway where there is no file, and books what it says', async () => {
    expect(await command('reconcile', 'vnpay', day)).toEqual({ exit: 0, output: expect.stringContaining(`of vnpay, ${day}: ours 1 payments, 50000 VND; theirs 2, 100000 VND; 1 agree, 1 differ, 0 of them wait for a person.`) });
    expect(await stage.read(paid[0] ?? '')).toMatchObject({ state: 'PAID', paidVnd: 50_000 });
  }, 60_000);

  it('reconcile takes a statement, refuses the same one and a wrong one, and a better one counts instead', async () => {
    const [lost = '', known = ''] = paid;
    const numberOf = async (reference: string): Promise<string> => String((await stage.read(reference))['gatewayTransaction']);
    const lines = [`PAYMENT,${lost},${await numberOf(lost)},50000`, `PAYMENT,${known},${await numberOf(known)},50000`, `PAYOUT,${known},QT1,50000`];
    const first = statement('first.csv', ...lines, 'PAYMENT,,900100,7000');
    expect(await command('reconcile', 'vnpay', day, '--statement', first)).toEqual({ exit: 1, output: expect.stringContaining('2 agree, 1 differ, 1 of them wait for a person.') });
    expect(await command('reconcile', 'vnpay', day, '--statement', first)).toEqual({ exit: 1, output: expect.stringContaining(`This very file counts already, for vnpay on ${day} / Tệp này đang được tính cho vnpay, ngày ${day}`) });
    expect(await command('reconcile', 'vnpay', day, '--statement', statement('wrong.csv', `PAYMENT,${known},1,0`))).toEqual({ exit: 1, output: expect.stringContaining('line 2: amount_vnd: ') });
    expect(await command('reconcile', 'vnpay', day, '--statement', file('absent.csv'))).toEqual({ exit: 1, output: expect.stringContaining(`The file ${file('absent.csv')} cannot be read (ENOENT)`) });
    expect(await command('reconcile', 'nobody', day)).toEqual({ exit: 1, output: expect.stringContaining('gateway: This gateway is not connected') });
    expect(await command('reconcile', 'vnpay', day, '--statement', statement('better.csv', ...lines), '--replace')).toEqual({ exit: 0, output: expect.stringContaining('2 agree, 0 differ, 0 of them wait for a person.') });
  }, 120_000);

  it('verify-ledger proves the ledger, in the database and from an archive without one', async () => {
    const online = await command('verify-ledger');
    expect(online).toEqual({ exit: 0, output: expect.stringMatching(NOTHING_LEFT) });
    expect(online.output).toContain('6 entries in 3 transactions of 2 payments.\npaid 100000 = settled 50000 + in transit 50000 + due back 0');
    const exported = await command('export-ledger', file('ledger.jsonl'));
    expect(exported).toEqual({ exit: 0, output: expect.stringContaining(`6 entries and 2 payments in ${file('ledger.jsonl')}.`) });
    const digest = /another way: ([0-9a-f]{64})/.exec(exported.output)?.[1] ?? '-';
    const archive = readFileSync(file('ledger.jsonl'), 'utf8');
    expect([statSync(file('ledger.jsonl')).mode & 0o777, archive.includes(ACCOUNT), archive.includes('Nguyễn')]).toEqual([0o600, false, false]);
    expect(await elsewhere('verify-ledger', '--archive', file('ledger.jsonl'))).toEqual({ exit: 0, output: expect.stringMatching(NOTHING_LEFT) });
    expect((await elsewhere('verify-ledger', '--archive', file('ledger.jsonl'))).output).toContain(`Digest of its content: ${digest}`);
    expect(await command('export-ledger', file('ledger.jsonl'))).toEqual({ exit: 1, output: expect.stringContaining('EEXIST') });
    expect(readFileSync(file('ledger.jsonl'), 'utf8')).toBe(archive);
    writeFileSync(file('forged.jsonl'), archive.replace('"amountVnd":50000', '"amountVnd":49000'));
    expect(await elsewhere('verify-ledger', '--archive', file('forged.jsonl'))).toEqual({ exit: 1, output: expect.stringContaining('fault(s); the first is the first named.') });
    expect(await elsewhere('verify-ledger', '--archive', file('absent.jsonl'))).toEqual({ exit: 1, output: expect.stringContaining('cannot be read (ENOENT)') });
  }, 120_000);

  it('verify-ledger names the transaction that somebody with the keys of the database changed', async () => {
    const { rows: [victim] } = await stage.database.query<{ id: string; transaction: string }>('SELECT id, transaction_id AS transaction FROM ledger ORDER BY id OFFSET 2 LIMIT 1');
    await asOwner('UPDATE ledger SET amount_vnd = amount_vnd + 1 WHERE id = $1', [victim?.id]);
    const found = await command('verify-ledger');
    expect([found.exit, found.output.split('\n')[2]]).toEqual([1, expect.stringContaining(`transaction ${victim?.transaction ?? '-'}`)]);
    await asOwner('UPDATE ledger SET amount_vnd = amount_vnd - 1 WHERE id = $1', [victim?.id]);
    expect((await command('verify-ledger')).exit).toBe(0);
  }, 60_000);
});

describe('the accounts of agencies on the command line', () => {
  it('import-accounts tries, asks for each account once, and shows no number', async () => {
    writeFileSync(file('agencies.csv'), `code,name_vi,kind,level,parent_code\n000.00.00.H42,Tỉnh Ninh Bình,PROVINCE,PROVINCE,\n${WARD},Phường Hoa Lư,WARD,COMMUNE,000.00.00.H42\n`);
    expect((await command('import-agencies', file('agencies.csv'))).exit).toBe(0);
    const rows = ['Mã cơ quan;Ngân hàng;Số tài khoản;Chủ tài khoản;Mục đích;Liên hệ', `${WARD};VCB;0451000234567;UBND PHUONG HOA LU;Thu phí, lệ phí;ketoan@hoalu.gov.vn`];
    writeFileSync(file('accounts.csv'), [...rows, 'H99.1;VCB;0451000234568;NGUOI KHAC;Thu phí;x@y.vn'].join('\n'));
    const held = async (): Promise<number | null> => (await stage.database.query(`SELECT 1 FROM bank_accounts WHERE state = 'REQUESTED'`)).rowCount;
    const trial = await command('import-accounts', file('accounts.csv'), '--dry-run');
    expect([trial, await held()]).toEqual([{ exit: 1, output: expect.stringContaining('1 asked for, 0 known already, 1 refused (trial: nothing was stored).') }, 0]);
    const real = await command('import-accounts', file('accounts.csv'));
    expect([real, await held()]).toEqual([{ exit: 1, output: expect.stringMatching(/line 2 {2}.*…4567 {2}[^]*line 3 .*REFUSED {2}agency_code: [^]*1 asked for, 0 known already, 1 refused; a second person/) }, 1]);
    expect(trial.output + real.output).not.toMatch(/0451000234|HOA LU|ketoan/);
    writeFileSync(file('accounts.csv'), rows.join('\n'));
    expect([await command('import-accounts', file('accounts.csv')), await held()]).toEqual([{ exit: 0, output: expect.stringContaining('0 asked for, 1 known already, 0 refused') }, 1]);
  }, 60_000);
});
