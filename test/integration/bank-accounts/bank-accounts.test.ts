import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import type { Caller, Role } from '../../../src/access/caller.js';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import type { AccountName, AccountNamePort } from '../../../src/bank-accounts/account-name-port.js';
import { createBankAccountModule } from '../../../src/bank-accounts/bank-account-module.js';
import type { BankAccountModule } from '../../../src/bank-accounts/bank-account-module.js';
import type { PayableGateway } from '../../../src/bank-accounts/payable-gateway.js';
import { PartyError } from '../../../src/errors/party-error.js';
import { FieldCipher } from '../../../src/store/field-cipher.js';
import { canariesIn, databaseRows } from '../../support/canaries.js';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';

const WARD = '000.12.34.H42';
const OTHER = '000.12.35.H42';
const PROVINCE = '000.00.00.H42';
const FIELD_KEY = Buffer.alloc(32, 3);
const FINGERPRINT = Buffer.alloc(32, 4);
const HOLDER = 'UBND phường Hoa Lư Canary';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let gateway: ComposedGateway;
let accounts: BankAccountModule;
let clockMs = Date.now();
const answers = new Map<string, AccountName | Error>();
const asked: string[] = [];
let serial = 10_000_000;

/** A bank that answers as the test says; everything else is ours. */
const bank: AccountNamePort = {
  party: 'a-bank',
  covers: ({ bankBin }) => bankBin === '970436',
  nameOf: ({ number }) => {
    asked.push(number);
    const answer = answers.get(number) ?? { kind: 'found', holderName: 'UBND PHUONG HOA LU CANARY' };
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  },
};
const GATEWAYS: readonly PayableGateway[] = [
  { party: 'direct', accountRegistration: 'in-order', serves: (codes) => codes.includes(WARD) },
  { party: 'by-post', accountRegistration: 'by-hand', serves: (codes) => codes.includes(PROVINCE) },
];

const OPERATOR: Caller = { client: 'user:an', role: 'operator', agencyScope: null };
const SECOND: Caller = { client: 'user:binh', role: 'operator', agencyScope: null };
const SUPERVISOR: Caller = { client: 'user:chi', role: 'supervisor', agencyScope: null };
const AGENCY: Caller = { client: 'ward-system', role: 'agency', agencyScope: WARD };
const call = (caller: Caller, key: string = randomUUID()) => ({ caller, correlationId: 'c', idempotencyKey: key, reason: 'kiểm thử' });
const nextNumber = (): string => String((serial += 7));

type Draft = Parameters<BankAccountModule['register']['register']>[1];
const draftOf = (change: Partial<Draft> = {}): Draft => ({
  agencyCode: WARD, bank: '970436', number: nextNumber(), holderName: HOLDER, purpose: 'Thu phí, lệ phí', feeKinds: ['FEE', 'CHARGE'], validFrom: null, validTo: null,
  contact: 'ketoan@hoalu.example', replaces: null, ...change,
});
const registered = async (change: Partial<Draft> = {}, caller: Caller = OPERATOR): Promise<string> => {
  const answer = await accounts.register.register(call(caller), draftOf(change));
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.result.id;
};
const approve = (id: string, caller: Caller = SECOND, override = false) => accounts.desk.approve(call(caller), id, { override });
const codesOf = (answer: { readonly kind: string; readonly problems?: readonly { readonly code: string }[] }): readonly string[] => answer.problems?.map(({ code }) => code) ?? [answer.kind];
const shown = async (id: string) => (await accounts.queries.byIds({ caller: SUPERVISOR, correlationId: 'c' }, [id]))[0];
const activated = async (change: Partial<Draft> = {}): Promise<string> => {
  const id = await registered(change);
  await accounts.turn();
  expect((await approve(id)).kind).toBe('done');
  clockMs += 25 * HOUR_MS;
  await accounts.turn();
  expect((await shown(id))?.state).toBe('ACTIVE');
  return id;
};
const closeAll = async (): Promise<void> => {
  const { rows } = await gateway.test.database.query<{ id: string }>("SELECT id FROM bank_accounts WHERE state IN ('REQUESTED', 'COOLING', 'ACTIVE', 'SUSPENDED')");
  for (const { id } of rows) await accounts.desk.move(call(SUPERVISOR), id, 'close');
};
const need = (change: Partial<Parameters<BankAccountModule['directory']['usableFor']>[1]> = {}) =>
  accounts.directory.usableFor(gateway.test.database, { agencyCode: WARD, feeKinds: ['FEE'], gateway: { party: 'direct', accountRegistration: 'in-order' }, at: new Date(clockMs), ...change });

beforeAll(async () => {
  gateway = await startComposedGateway({ FIELD_KEYS: `k1:${FIELD_KEY.toString('base64')}`, FINGERPRINT_KEY: FINGERPRINT.toString('base64') });
  const { database } = gateway.test;
  const settings = { tenantAgencyCodes: ['H42'], fingerprintKey: FINGERPRINT, keepHours: 1 };
  const agencies = createAgencyModule({ database, settings });
  const rows = ['code,name_vi,kind,level,parent_code', `${PROVINCE},Tỉnh Ninh Bình,PROVINCE,PROVINCE,`, `${WARD},Phường Hoa Lư,WARD,COMMUNE,${PROVINCE}`, `${OTHER},Phường Tây Hoa Lư,WARD,COMMUNE,${PROVINCE}`];
  await agencies.service.importFile({ caller: OPERATOR, idempotencyKey: 'agencies', reason: 'kiểm thử' }, Buffer.from(rows.join('\n')), { dryRun: false });
  accounts = createBankAccountModule({
    database, agencies, cipher: new FieldCipher([{ id: 'k1', key: FIELD_KEY }]), logger: pino({ level: 'silent' }), namePorts: [bank], gateways: GATEWAYS, now: () => new Date(clockMs),
    settings: { ...settings, coolingHours: 24, recheckDays: 30 },
  });
});
afterAll(() => gateway.close());

describe('registering an account', () => {
  it('refuses what cannot be one, each field by name', async () => {
    const answer = await accounts.register.register(call(OPERATOR), draftOf({ agencyCode: '000.99.99.H42', bank: 'no bank', holderName: ' ', feeKinds: [], contact: 'x', validTo: '2020-01-01' }));
    expect(codesOf(answer)).toEqual(['AGENCY_UNKNOWN', 'BANK_UNKNOWN', 'REQUIRED', 'FEE_KINDS', 'CONTACT_SHAPE', 'PERIOD_ORDER']);
    expect(codesOf(await accounts.register.register(call(OPERATOR), draftOf({ number: '12-3' })))).toEqual(['ACCOUNT_NUMBER_SHAPE']);
    expect(codesOf(await accounts.register.register(call(OPERATOR), draftOf({ bank: 'KBNN', number: '35110110419' })))).toEqual(['TREASURY_NUMBER_SHAPE']);
  });

  it('knows the State Treasury, whose accounts no bank can be asked about', async () => {
    const id = await registered({ bank: '701', number: '3511.0.1104195.00000' });
    await accounts.turn();
    expect(await shown(id)).toMatchObject({ bankCode: 'KBNN', bankBin: null, nameCheck: 'UNSUPPORTED', numberLast4: '0000' });
    expect((await approve(id)).kind).toBe('done');
    await closeAll();
  });

  it('is one act under one key, and one account but once', async () => {
    const draft = draftOf();
    const first = await accounts.register.register(call(OPERATOR, 'key-1'), draft);
    expect(await accounts.register.register(call(OPERATOR, 'key-1'), draft)).toEqual(first);
    expect((await accounts.register.register(call(OPERATOR, 'key-1'), draftOf())).kind).toBe('conflict');
    expect(codesOf(await accounts.register.register(call(OPERATOR), { ...draft, number: ` ${draft.number.slice(0, 4)} ${draft.number.slice(4)}` }))).toEqual(['ACCOUNT_KNOWN']);
    await closeAll();
  });

  it('is for the agency\'s own subtree; a foreign name leaves an attempt', async () => {
    expect(codesOf(await accounts.register.register(call(AGENCY), draftOf({ agencyCode: OTHER })))).toEqual(['AGENCY_UNKNOWN']);
    const { rows } = await gateway.test.database.query("SELECT 1 FROM access_attempts WHERE client = 'ward-system' AND target = $1", [OTHER]);
    expect(rows).toHaveLength(1);
    const foreign = await registered({ agencyCode: OTHER });
    expect(codesOf(await accounts.desk.move(call(AGENCY), foreign, 'close'))).toEqual(['ACCOUNT_UNKNOWN']);
    expect(await accounts.queries.byIds({ caller: AGENCY, correlationId: 'c' }, [foreign])).toEqual([null]);
    await closeAll();
  });
});

describe('the holder\'s name', () => {
  it('is asked for by the worker: same, other, unknown, and silent banks', async () => {
    const [same, other, gone, silent] = await Promise.all([registered(), registered({ number: '555001' }), registered({ number: '555002' }), registered({ number: '555003' })]);
    answers.set('555001', { kind: 'found', holderName: 'NGUYEN VAN A' }).set('555002', { kind: 'not-found', code: '14' })
      .set('555003', new PartyError('unavailable', { party: 'a-bank', operation: 'name', code: 'timeout' }));
    expect(codesOf(await approve(same))).toEqual(['NAME_NOT_CHECKED']);
    await accounts.turn();
    expect((await Promise.all([same, other, gone, silent].map(shown))).map((account) => account?.nameCheck)).toEqual(['MATCHED', 'DIFFERENT', 'NO_SUCH_ACCOUNT', 'UNAVAILABLE']);
    expect(codesOf(await approve(other))).toEqual(['NAME_DIFFERENT']);
    expect(codesOf(await approve(gone))).toEqual(['NAME_DIFFERENT']);
    expect(codesOf(await approve(silent))).toEqual(['NAME_NOT_CHECKED']);
    expect(codesOf(await approve(other, SECOND, true))).toEqual(['OVERRIDE_ROLE']);
    expect((await approve(other, SUPERVISOR, true)).kind).toBe('done');
    answers.delete('555003');
    clockMs += 2 * 60_000;
    await accounts.turn();
    expect((await shown(silent))?.nameCheck).toBe('MATCHED');
    await closeAll();
  });

  it('of one account that no key opens keeps no other waiting', async () => {
    const [lost, sound] = [await registered(), await registered()];
    const { rows: [before] } = await gateway.test.database.query<{ number_sealed: string }>('SELECT number_sealed FROM bank_accounts WHERE id = $1', [lost]);
    await gateway.test.database.query("UPDATE bank_accounts SET number_sealed = 'k9.x' WHERE id = $1", [lost]);
    await accounts.turn();
    expect([(await shown(lost))?.nameCheck, (await shown(sound))?.nameCheck]).toEqual(['NOT_CHECKED', 'MATCHED']);
    await gateway.test.database.query('UPDATE bank_accounts SET number_sealed = $2 WHERE id = $1', [lost, before?.number_sealed]);
    await closeAll();
  });

  it('that has become another halts an account in use; silence does not', async () => {
    const id = await activated({ number: '555010' });
    answers.set('555010', new PartyError('unavailable', { party: 'a-bank', operation: 'name', code: 'timeout' }));
    clockMs += 31 * DAY_MS;
    await accounts.turn();
    expect(await shown(id)).toMatchObject({ state: 'ACTIVE', nameCheck: 'MATCHED' });
    answers.set('555010', { kind: 'found', holderName: 'CONG TY XYZ' });
    clockMs += DAY_MS;
    await accounts.turn();
    expect(await shown(id)).toMatchObject({ state: 'SUSPENDED', nameCheck: 'DIFFERENT' });
    expect(codesOf(await accounts.desk.move(call(AGENCY), id, 'resume'))).toEqual(['STATE_MOVE']);
    expect((await accounts.desk.move(call(SUPERVISOR), id, 'resume')).kind).toBe('done');
    await closeAll();
  });
});

describe('approval', () => {
  it('needs a second person, whatever he calls himself', async () => {
    const id = await registered();
    await accounts.turn();
    for (const client of ['user:an', 'an', 'user:oidc:an', 'USER:AN']) {
      expect(codesOf(await approve(id, { ...SUPERVISOR, client }, true))).toEqual(['FOUR_EYES']);
    }
    expect((await approve(id)).kind).toBe('done');
    expect(codesOf(await approve(id))).toEqual(['STATE_MOVE']);
    await closeAll();
  });

  it('of ten at once has one effect', async () => {
    const id = await registered();
    await accounts.turn();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => approve(id)));
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    const { rows } = await gateway.test.database.query("SELECT 1 FROM bank_account_history WHERE account_id = $1 AND action = 'approve'", [id]);
    expect(rows).toHaveLength(1);
    await closeAll();
  });

  it('is followed by a cooling period before any fee is paid into it', async () => {
    const id = await registered();
    await accounts.turn();
    await approve(id);
    clockMs += 23 * HOUR_MS;
    await accounts.turn();
    expect([await need(), (await shown(id))?.state]).toEqual([null, 'COOLING']);
    clockMs += 2 * HOUR_MS;
    await accounts.turn();
    expect(await need()).toMatchObject({ id, account: { bankBin: '970436', holderName: HOLDER } });
    await closeAll();
  });
});

describe('an account in use', () => {
  it('is given for its kinds, its days and gateways that know it', async () => {
    const id = await activated({ feeKinds: ['FEE'] });
    expect((await need())?.id).toBe(id);
    expect(await need({ feeKinds: ['FEE', 'CHARGE'] })).toBeNull();
    expect(await need({ agencyCode: OTHER })).toBeNull();
    const byHand = { party: 'by-post', accountRegistration: 'by-hand' } as const;
    expect(await need({ gateway: byHand })).toBeNull();
    expect(codesOf(await accounts.desk.confirmRegistration(call(SECOND), id, 'direct'))).toEqual(['GATEWAY_UNKNOWN']);
    expect((await accounts.desk.confirmRegistration(call(SECOND), id, 'by-post')).kind).toBe('done');
    expect((await need({ gateway: byHand }))?.id).toBe(id);
    expect(await accounts.directory.activeAccountAgencies([WARD, OTHER])).toEqual(new Set([WARD]));
    await accounts.desk.move(call(AGENCY), id, 'suspend');
    expect([await need(), (await accounts.directory.byId(id))?.id]).toEqual([null, id]);
    await closeAll();
  });

  it('is replaced in one moment, keeps its history, and its contact is told', async () => {
    const old = await activated({ contact: 'old@hoalu.example' });
    expect(codesOf(await accounts.register.register(call(OPERATOR), draftOf({ agencyCode: OTHER, replaces: old })))).toEqual(['REPLACED_UNKNOWN']);
    const next = await registered({ replaces: old, contact: 'new@hoalu.example' });
    expect(codesOf(await accounts.register.register(call(OPERATOR), draftOf({ replaces: old })))).toEqual(['REPLACEMENT_OPEN']);
    await accounts.turn();
    await approve(next);
    expect((await need())?.id).toBe(old);
    clockMs += 25 * HOUR_MS;
    await accounts.turn();
    expect([(await need())?.id, (await shown(old))?.state]).toEqual([next, 'CLOSED']);
    const [history] = await accounts.queries.histories([old]);
    expect(history?.map(({ action }) => action)).toEqual(['replace', 'activate', 'approve', 'name-check', 'register']);
    const notices = await gateway.query(bearer(gateway.keys.supervisor), `{ bankAccountNotices(first: 200) { nodes { id accountId kind to } } }`);
    const told = (notices.data?.['bankAccountNotices'] as unknown as { nodes: { id: string; accountId: string; kind: string; to: string }[] }).nodes.filter(({ to }) => to === 'old@hoalu.example');
    expect(told.filter(({ accountId }) => accountId === next).map(({ kind }) => kind)).toEqual(['activate', 'approve', 'register']);
    expect((await accounts.desk.markNoticeSeen(call(AGENCY), told[0]?.id ?? '')).kind).toBe('done');
    expect(codesOf(await accounts.desk.markNoticeSeen(call(AGENCY), told[0]?.id ?? ''))).toEqual(['NOTICE_UNKNOWN']);
    await closeAll();
  });

  it('may be narrowed by itself and widened by a replacement only; its validity ends by time', async () => {
    const id = await activated({ feeKinds: ['FEE'] });
    const none = { purpose: null, feeKinds: null, validTo: null, contact: null };
    expect(codesOf(await accounts.desk.change(call(AGENCY), id, { ...none, feeKinds: ['FEE', 'CHARGE'] }))).toEqual(['TERMS_WIDER']);
    expect(codesOf(await accounts.desk.change(call(AGENCY), id, none))).toEqual(['NO_CHANGE']);
    const validTo = new Date(clockMs + 5 * DAY_MS).toISOString().slice(0, 10);
    expect((await accounts.desk.change(call(AGENCY), id, { ...none, validTo, contact: '0912 345 678' })).kind).toBe('done');
    expect(codesOf(await accounts.desk.change(call(AGENCY), id, { ...none, validTo: '2099-01-01' }))).toEqual(['TERMS_WIDER']);
    clockMs += 7 * DAY_MS;
    expect(await need()).toBeNull();
    await accounts.turn();
    expect((await shown(id))?.state).toBe('CLOSED');
  });
});

describe('payment readiness', () => {
  const missing = async (agencyCode: string): Promise<readonly string[] | undefined> => (await accounts.queries.ability({ caller: SUPERVISOR, correlationId: 'c' }, agencyCode))?.missing;

  it('says what is missing, step by step, and counts agencies with an account', async () => {
    expect(await missing(WARD)).toEqual(['ACCOUNT']);
    const id = await registered();
    expect(await missing(WARD)).toEqual(['NAME_CHECK']);
    await accounts.turn();
    expect(await missing(WARD)).toEqual(['APPROVAL']);
    await approve(id);
    expect(await missing(WARD)).toEqual(['COOLING']);
    clockMs += 25 * HOUR_MS;
    await accounts.turn();
    expect(await missing(WARD)).toEqual([]);
    await activated({ agencyCode: OTHER });
    expect(await missing(OTHER)).toEqual(['REGISTRATION']);
    const [now] = (await accounts.queries.shares({ caller: SUPERVISOR, correlationId: 'c' }, { fromMonth: null, untilMonth: null, underCode: null })).slice(-1);
    expect(now).toMatchObject({ agencies: 3, withAccount: 2 });
    expect((await accounts.queries.abilities({ caller: AGENCY, correlationId: 'c' }, null)).map(({ agencyCode, able }) => [agencyCode, able])).toEqual([[WARD, true]]);
    await closeAll();
  });
});

describe('over GraphQL', () => {
  const INPUT = 'mutation ($key: IdempotencyKey!, $account: BankAccountInput!) { registerBankAccount(idempotencyKey: $key, account: $account, reason: "kiểm thử") { __typename ... on BankAccountSaved { account { id number holderName state contact } } ... on BankAccountRefused { problems { field code } } } }';
  const as = (role: Role, document: string, variables: object = {}) => gateway.query(bearer(gateway.keys[role]), document, variables);
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
    const { rows } = await gateway.test.database.query<{ action: string }>("SELECT action FROM operator_actions WHERE action IN ('reveal-bank-account', 'find-bank-account') ORDER BY action");
    expect(rows.map(({ action }) => action)).toEqual(['find-bank-account', 'reveal-bank-account']);
    const found = (await databaseRows(gateway.test.database)).filter(({ row }) => canariesIn(row, [number, 'Hoa Lư Canary']).length > 0);
    expect(found.map(({ table }) => table)).toEqual([]);
    expect(canariesIn(gateway.logLines.join('\n'), [number, 'Hoa Lư Canary'])).toEqual([]);
    expect((await as('agency', '{ bankAccounts { nodes { id } } }')).data?.['bankAccounts']).toEqual({ nodes: [] });
    await closeAll();
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
    const events = await as('portal', '{ events(first: 200) { nodes { type agencyCode reason } } }');
    expect(JSON.stringify(events.data)).toContain('ACCOUNT_CHANGED');
    const page = await as('auditor', '{ bankAccounts(filter: { state: REQUESTED }, first: 1) { nodes { bankCode } pageInfo { hasNextPage endCursor } } }');
    expect(page.data?.['bankAccounts']).toMatchObject({ nodes: [{ bankCode: 'KBNN' }], pageInfo: { hasNextPage: true } });
    expect((await as('portal', `{ paymentReadiness(agencyCode: "${WARD}") { able missing { code } } banks { code citad } }`)).data).toMatchObject({ paymentReadiness: { able: false, missing: [{ code: 'NAME_CHECK' }] } });
    await closeAll();
  });
});

describe('another field key', () => {
  it('takes over every sealed field', async () => {
    const id = await registered();
    const { database } = gateway.test;
    const settings = { tenantAgencyCodes: ['H42'], fingerprintKey: FINGERPRINT, keepHours: 1, coolingHours: 24, recheckDays: 30 };
    const parts = { database, settings, agencies: createAgencyModule({ database, settings }), logger: pino({ level: 'silent' }), namePorts: [], gateways: [] };
    const fresh = { id: 'k2', key: Buffer.alloc(32, 9) };
    const before = await accounts.directory.byId(id);
    expect(await createBankAccountModule({ ...parts, cipher: new FieldCipher([fresh, { id: 'k1', key: FIELD_KEY }]) }).reseal()).toBeGreaterThan(1);
    const after = createBankAccountModule({ ...parts, cipher: new FieldCipher([fresh]) });
    expect(await after.directory.byId(id)).toEqual(before);
    expect(await after.reseal()).toBe(0);
  });
});
