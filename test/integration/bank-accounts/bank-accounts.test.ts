import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import type { Role } from '../../../src/access/caller.js';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import { createBankAccountModule } from '../../../src/bank-accounts/bank-account-module.js';
import { FieldCipher } from '../../../src/store/field-cipher.js';
import { writeXlsx } from '../../../src/tables/write-xlsx.js';
import { canariesIn, databaseRows } from '../../support/canaries.js';
import { bearer } from '../../support/composed-gateway.js';
import { AGENCY, call, codesOf, FIELD_KEY, FINGERPRINT, HOLDER, HOUR_MS, OPERATOR, OTHER, startAccountStage, SUPERVISOR, WARD, type AccountStage } from '../../support/account-stage.js';

let stage: AccountStage;

beforeAll(async () => { stage = await startAccountStage(); });
afterAll(() => stage.gateway.close());

describe('registering an account', () => {
  it('refuses what cannot be one, each field by name', async () => {
    const answer = await stage.accounts.register.register(call(OPERATOR), stage.draftOf({ agencyCode: '000.99.99.H42', bank: 'no bank', holderName: ' ', feeKinds: [], contact: 'x', validTo: '2020-01-01' }));
    expect(codesOf(answer)).toEqual(['AGENCY_UNKNOWN', 'BANK_UNKNOWN', 'REQUIRED', 'FEE_KINDS', 'CONTACT_SHAPE', 'PERIOD_ORDER']);
    expect(codesOf(await stage.accounts.register.register(call(OPERATOR), stage.draftOf({ number: '12-3' })))).toEqual(['ACCOUNT_NUMBER_SHAPE']);
    expect(codesOf(await stage.accounts.register.register(call(OPERATOR), stage.draftOf({ bank: 'KBNN', number: '35110110419' })))).toEqual(['TREASURY_NUMBER_SHAPE']);
  });

  it('knows the State Treasury, whose accounts no bank can be asked about', async () => {
    const id = await stage.registered({ bank: '701', number: '3511.0.1104195.00000' });
    await stage.accounts.turn();
    expect(await stage.shown(id)).toMatchObject({ bankCode: 'KBNN', bankBin: null, nameCheck: 'UNSUPPORTED', numberLast4: '0000' });
    expect((await stage.approve(id)).kind).toBe('done');
    await stage.closeAll();
  });

  it('is one act under one key, and one account but once', async () => {
    const draft = stage.draftOf();
    const first = await stage.accounts.register.register(call(OPERATOR, 'key-1'), draft);
    expect(await stage.accounts.register.register(call(OPERATOR, 'key-1'), draft)).toEqual(first);
    expect((await stage.accounts.register.register(call(OPERATOR, 'key-1'), stage.draftOf())).kind).toBe('conflict');
    expect(codesOf(await stage.accounts.register.register(call(OPERATOR), { ...draft, number: ` ${draft.number.slice(0, 4)} ${draft.number.slice(4)}` }))).toEqual(['ACCOUNT_KNOWN']);
    await stage.closeAll();
  });

  it('is for the agency\'s own subtree; a foreign name leaves an attempt', async () => {
    expect(codesOf(await stage.accounts.register.register(call(AGENCY), stage.draftOf({ agencyCode: OTHER })))).toEqual(['AGENCY_UNKNOWN']);
    const { rows } = await stage.gateway.test.database.query("SELECT 1 FROM access_attempts WHERE client = 'ward-system' AND target = $1", [OTHER]);
    expect(rows).toHaveLength(1);
    const foreign = await stage.registered({ agencyCode: OTHER });
    expect(codesOf(await stage.accounts.desk.move(call(AGENCY), foreign, 'close'))).toEqual(['ACCOUNT_UNKNOWN']);
    expect(await stage.accounts.queries.byIds({ caller: AGENCY, correlationId: 'c' }, [foreign])).toEqual([null]);
    await stage.closeAll();
  });
});

describe('payment readiness', () => {
  const missing = async (agencyCode: string): Promise<readonly string[] | undefined> => (await stage.accounts.queries.ability({ caller: SUPERVISOR, correlationId: 'c' }, agencyCode))?.missing;

  it('says what is missing, step by step, and counts agencies with an account', async () => {
    expect(await missing(WARD)).toEqual(['ACCOUNT']);
    const id = await stage.registered();
    expect(await missing(WARD)).toEqual(['NAME_CHECK']);
    await stage.accounts.turn();
    expect(await missing(WARD)).toEqual(['APPROVAL']);
    await stage.approve(id);
    expect(await missing(WARD)).toEqual(['COOLING']);
    await stage.after(25 * HOUR_MS);
    expect(await missing(WARD)).toEqual([]);
    await stage.activated({ agencyCode: OTHER });
    expect(await missing(OTHER)).toEqual(['REGISTRATION']);
    const [now] = (await stage.accounts.queries.shares({ caller: SUPERVISOR, correlationId: 'c' }, { fromMonth: null, untilMonth: null, underCode: null })).slice(-1);
    expect(now).toMatchObject({ agencies: 3, withAccount: 2 });
    expect((await stage.accounts.queries.abilities({ caller: AGENCY, correlationId: 'c' }, null)).map(({ agencyCode, able }) => [agencyCode, able])).toEqual([[WARD, true]]);
    await stage.closeAll();
  });
});

describe('over GraphQL', () => {
  const INPUT = 'mutation ($key: IdempotencyKey!, $account: BankAccountInput!) { registerBankAccount(idempotencyKey: $key, account: $account, reason: "kiểm thử") { __typename ... on BankAccountSaved { account { id number holderName state contact } } ... on BankAccountRefused { problems { field code } } } }';
  const as = (role: Role, document: string, variables: object = {}) => stage.gateway.query(bearer(stage.gateway.keys[role]), document, variables);
  const account = (number: string) => ({ agencyCode: WARD, bank: 'VCB', number, holderName: HOLDER, purpose: 'Thu phí', contact: 'a@b.example' });

  it('numbers are masked for all, shown with a reason, found by a keyed digest, and legible nowhere in the database or the log', async () => {
    const number = '90471180025533';
    expect((await as('portal', INPUT, { key: randomUUID(), account: account(number) })).codes).toEqual(['FORBIDDEN']);
    expect((await as('leader', INPUT, { key: randomUUID(), account: account(number) })).codes).toEqual(['FORBIDDEN']);
    const saved = (await as('operator', INPUT, { key: randomUUID(), account: account(number) })).data?.['registerBankAccount'] as unknown as { account: { id: string } };
    expect(saved).toMatchObject({ account: { number: '••••5533', holderName: HOLDER, contact: 'a@b.example', state: 'REQUESTED' } });
    const { id } = saved.account;
    expect((await as('leader', 'query ($id: ID!) { bankAccount(id: $id) { number holderName contact history { action toState } } }', { id })).data?.['bankAccount'])
      .toEqual({ number: '••••5533', holderName: null, contact: null, history: [{ action: 'register', toState: 'REQUESTED' }] });
    const REVEAL = 'mutation ($key: IdempotencyKey!, $id: ID!) { revealBankAccount(idempotencyKey: $key, id: $id, reason: "đối chiếu giấy tờ") { ... on BankAccountRevealed { number holderName } } }';
    expect((await as('auditor', REVEAL, { key: randomUUID(), id })).codes).toEqual(['FORBIDDEN']);
    expect((await as('operator', REVEAL, { key: randomUUID(), id })).data?.['revealBankAccount']).toEqual({ number, holderName: HOLDER });
    const FIND = 'mutation ($key: IdempotencyKey!, $number: String!) { bankAccountByNumber(idempotencyKey: $key, number: $number, reason: "tra cứu") { ... on BankAccountsFound { accounts { id } } } }';
    expect((await as('operator', FIND, { key: randomUUID(), number: '9047.1180 025533' })).data?.['bankAccountByNumber']).toEqual({ accounts: [{ id }] });
    const { rows } = await stage.gateway.test.database.query<{ action: string }>("SELECT action FROM operator_actions WHERE action IN ('reveal-bank-account', 'find-bank-account') ORDER BY action");
    expect(rows.map(({ action }) => action)).toEqual(['find-bank-account', 'reveal-bank-account']);
    const found = (await databaseRows(stage.gateway.test.database)).filter(({ row }) => canariesIn(row, [number, 'Hoa Lư Canary']).length > 0);
    expect(found.map(({ table }) => table)).toEqual([]);
    expect(canariesIn(stage.gateway.logLines.join('\n'), [number, 'Hoa Lư Canary'])).toEqual([]);
    expect((await as('agency', '{ bankAccounts { nodes { id } } }')).data?.['bankAccounts']).toEqual({ nodes: [] });
    await stage.closeAll();
  });

  it('a file is tried out, read row by row, and read again without effect; events tell of it', async () => {
    const file = Buffer.from(['Mã cơ quan,Ngân hàng,Số tài khoản,Chủ tài khoản,Mục đích,Loại thu,Liên hệ', `${WARD},Vietcombank,00123456789,UBND phường Hoa Lư,Thu phí,"phí, lệ phí",a@b.example`,
      `${OTHER},KBNN,3511.0.1104195,Phường Tây Hoa Lư,Thu phí,,a@b.example`, `${OTHER},KBNN,35110,Phường Tây Hoa Lư,Thu phí,tiền,a@b.example`].join('\n')).toString('base64');
    const IMPORT = 'mutation ($key: IdempotencyKey!, $file: String!, $dryRun: Boolean!) { importBankAccounts(idempotencyKey: $key, contentBase64: $file, dryRun: $dryRun, reason: "kiểm thử") { ... on BankAccountsImported { dryRun created unchanged refused rows { line outcome number problems { field code } } } ... on BankAccountRefused { problems { code } } } }';
    const rows = [{ line: 2, outcome: 'CREATED', number: '••••6789', problems: [] }, { line: 3, outcome: 'CREATED', number: '••••4195', problems: [] },
      { line: 4, outcome: 'REFUSED', number: null, problems: [{ field: 'fee_kinds', code: 'CELL' }, { field: 'number', code: 'TREASURY_NUMBER_SHAPE' }] }];
    expect((await as('operator', IMPORT, { key: randomUUID(), file, dryRun: true })).data?.['importBankAccounts']).toEqual({ dryRun: true, created: 2, unchanged: 0, refused: 1, rows });
    expect((await as('operator', IMPORT, { key: randomUUID(), file, dryRun: false })).data?.['importBankAccounts']).toEqual({ dryRun: false, created: 2, unchanged: 0, refused: 1, rows });
    expect((await as('operator', IMPORT, { key: randomUUID(), file, dryRun: false })).data?.['importBankAccounts']).toMatchObject({ created: 0, unchanged: 2, refused: 1 });
    const sheet = Buffer.from(writeXlsx([{ name: 'Tài khoản', rows: [
      ['agency_code', 'bank', 'number', 'holder_name', 'purpose', 'contact'], [WARD, '01203001', '00123456789', HOLDER, 'Thu phí', 'a@b.example'], [WARD, 'BFTVVNVX', '0123456789', HOLDER, 'Thu phí', 'a@b.example'],
    ] }])).toString('base64');
    expect((await as('operator', IMPORT, { key: randomUUID(), file: sheet, dryRun: true })).data?.['importBankAccounts'])
      .toMatchObject({ created: 1, unchanged: 1, refused: 0, rows: [{ line: 2, outcome: 'UNCHANGED' }, { line: 3, outcome: 'CREATED', number: '••••6789' }] });
    const events = await as('portal', '{ events(first: 200) { nodes { type agencyCode reason } } }');
    expect(JSON.stringify(events.data)).toContain('ACCOUNT_CHANGED');
    const page = await as('auditor', '{ bankAccounts(filter: { state: REQUESTED }, first: 1) { nodes { bankCode } pageInfo { hasNextPage endCursor } } }');
    expect(page.data?.['bankAccounts']).toMatchObject({ nodes: [{ bankCode: 'KBNN' }], pageInfo: { hasNextPage: true } });
    expect((await as('portal', `{ paymentReadiness(agencyCode: "${WARD}") { able missing { code } } banks { code citad } }`)).data).toMatchObject({ paymentReadiness: { able: false, missing: [{ code: 'NAME_CHECK' }] } });
    await stage.closeAll();
  });
});

describe('another field key', () => {
  it('takes over every sealed field', async () => {
    const id = await stage.registered();
    const { database } = stage.gateway.test;
    const settings = { tenantAgencyCodes: ['H42'], fingerprintKey: FINGERPRINT, keepHours: 1, coolingHours: 24, recheckDays: 30 };
    const parts = { database, settings, agencies: createAgencyModule({ database, settings }), logger: pino({ level: 'silent' }), namePorts: [], gateways: [] };
    const fresh = { id: 'k2', key: Buffer.alloc(32, 9) };
    const before = await stage.accounts.directory.byId(id);
    expect(await createBankAccountModule({ ...parts, cipher: new FieldCipher([fresh, { id: 'k1', key: FIELD_KEY }]) }).reseal()).toBeGreaterThan(1);
    const after = createBankAccountModule({ ...parts, cipher: new FieldCipher([fresh]) });
    expect(await after.directory.byId(id)).toEqual(before);
    expect(await after.reseal()).toBe(0);
  });
});
