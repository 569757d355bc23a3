import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { vietnamDay } from '../../../src/agencies/agency.js';
import { bearer } from '../../support/composed-gateway.js';
import { AGENCY, call, codesOf, DAY_MS, HOLDER, HOUR_MS, OPERATOR, OTHER, SECOND, silence, startAccountStage, SUPERVISOR, WARD, type AccountStage } from '../../support/account-stage.js';

let stage: AccountStage;

beforeAll(async () => { stage = await startAccountStage(); });
afterAll(() => stage.gateway.close());

describe('the holder\'s name', () => {
  it('is asked for by the worker: same, other, unknown, and silent banks', async () => {
    const [same, other, gone, silent] = await Promise.all([stage.registered(), stage.registered({ number: '555001' }), stage.registered({ number: '555002' }), stage.registered({ number: '555003' })]);
    stage.answers.set('555001', { kind: 'found', holderName: 'NGUYEN VAN A' }).set('555002', { kind: 'not-found', code: '14' })
      .set('555003', silence());
    expect(codesOf(await stage.approve(same))).toEqual(['NAME_NOT_CHECKED']);
    await stage.accounts.turn();
    expect((await Promise.all([same, other, gone, silent].map((id) => stage.shown(id)))).map((account) => account?.nameCheck)).toEqual(['MATCHED', 'DIFFERENT', 'NO_SUCH_ACCOUNT', 'UNAVAILABLE']);
    expect(codesOf(await stage.approve(other))).toEqual(['NAME_DIFFERENT']);
    expect(codesOf(await stage.approve(gone))).toEqual(['NAME_DIFFERENT']);
    expect(codesOf(await stage.approve(silent))).toEqual(['NAME_NOT_CHECKED']);
    expect(codesOf(await stage.approve(other, SECOND, true))).toEqual(['OVERRIDE_ROLE']);
    expect((await stage.approve(other, SUPERVISOR, true)).kind).toBe('done');
    stage.answers.delete('555003');
    await stage.after(2 * 60_000);
    expect((await stage.shown(silent))?.nameCheck).toBe('MATCHED');
    await stage.closeAll();
  });

  it('of one account that no key opens keeps no other waiting', async () => {
    const [lost, sound] = [await stage.registered(), await stage.registered()];
    const { rows: [before] } = await stage.gateway.test.database.query<{ number_sealed: string }>('SELECT number_sealed FROM bank_accounts WHERE id = $1', [lost]);
    await stage.gateway.test.database.query("UPDATE bank_accounts SET number_sealed = 'k9.x' WHERE id = $1", [lost]);
    await stage.accounts.turn();
    expect([(await stage.shown(lost))?.nameCheck, (await stage.shown(sound))?.nameCheck]).toEqual(['NOT_CHECKED', 'MATCHED']);
    await stage.gateway.test.database.query('UPDATE bank_accounts SET number_sealed = $2 WHERE id = $1', [lost, before?.number_sealed]);
    await stage.closeAll();
  });

  it('that turns out to be another in the cooling period takes the approval back; a word that was there when it was approved does not', async () => {
    const id = await stage.registered({ number: '555020' });
    stage.answers.set('555020', silence());
    await stage.accounts.turn();
    expect((await stage.approve(id, SUPERVISOR, true)).kind).toBe('done');
    stage.answers.set('555020', { kind: 'found', holderName: 'NGUYEN VAN A' });
    await stage.after(2 * 60_000);
    await stage.after(25 * HOUR_MS);
    expect(await stage.shown(id)).toMatchObject({ state: 'REQUESTED', nameCheck: 'DIFFERENT', approvedBy: null, approvedAt: null, usableAt: null });
    expect(await stage.need()).toBeNull();
    expect(codesOf(await stage.approve(id))).toEqual(['NAME_DIFFERENT']);
    expect((await stage.approve(id, SUPERVISOR, true)).kind).toBe('done');
    expect((await stage.accounts.desk.recheck(call(SECOND), id)).kind).toBe('done');
    await stage.after(25 * HOUR_MS);
    expect((await stage.need())?.id).toBe(id);
    stage.answers.set('555020', { kind: 'not-found', code: '14' });
    expect((await stage.accounts.desk.recheck(call(SECOND), id)).kind).toBe('done');
    await stage.accounts.turn();
    expect(await stage.shown(id)).toMatchObject({ state: 'SUSPENDED', nameCheck: 'NO_SUCH_ACCOUNT' });
    expect((await stage.accounts.queries.histories([id]))[0]?.map(({ action }) => action).reverse())
      .toEqual(['register', 'name-check', 'approve', 'name-check', 'recall', 'approve', 'activate', 'name-check', 'name-check', 'suspend']);
    await stage.closeAll();
  });

  it('that has become another halts an account in use; silence does not', async () => {
    const id = await stage.activated({ number: '555010' });
    stage.answers.set('555010', silence());
    await stage.after(31 * DAY_MS);
    expect(await stage.shown(id)).toMatchObject({ state: 'ACTIVE', nameCheck: 'MATCHED' });
    stage.answers.set('555010', { kind: 'found', holderName: 'CONG TY XYZ' });
    await stage.after(DAY_MS);
    expect(await stage.shown(id)).toMatchObject({ state: 'SUSPENDED', nameCheck: 'DIFFERENT' });
    expect(codesOf(await stage.accounts.desk.move(call(AGENCY), id, 'resume'))).toEqual(['STATE_MOVE']);
    expect(codesOf(await stage.accounts.desk.move(call(SECOND), id, 'resume'))).toEqual(['OVERRIDE_ROLE']);
    expect((await stage.accounts.desk.move(call(SUPERVISOR), id, 'resume')).kind).toBe('done');
    await stage.closeAll();
  });
});

describe('approval', () => {
  it('needs a second person, whatever he calls himself', async () => {
    const id = await stage.registered();
    await stage.accounts.turn();
    for (const client of ['user:an', 'an', 'user:oidc:an', 'USER:AN']) {
      expect(codesOf(await stage.approve(id, { ...SUPERVISOR, client }, true))).toEqual(['FOUR_EYES']);
    }
    expect((await stage.approve(id)).kind).toBe('done');
    expect(codesOf(await stage.approve(id))).toEqual(['STATE_MOVE']);
    await stage.closeAll();
  });

  it('of ten at once has one effect', async () => {
    const id = await stage.registered();
    await stage.accounts.turn();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => stage.approve(id)));
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    const { rows } = await stage.gateway.test.database.query("SELECT 1 FROM bank_account_history WHERE account_id = $1 AND action = 'approve'", [id]);
    expect(rows).toHaveLength(1);
    await stage.closeAll();
  });

  it('is followed by a cooling period before any fee is paid into it', async () => {
    const id = await stage.registered();
    await stage.accounts.turn();
    await stage.approve(id);
    await stage.after(23 * HOUR_MS);
    expect([await stage.need(), (await stage.shown(id))?.state]).toEqual([null, 'COOLING']);
    await stage.after(2 * HOUR_MS);
    expect(await stage.need()).toMatchObject({ id, account: { bankBin: '970436', holderName: HOLDER } });
    await stage.closeAll();
  });
});

describe('an account in use', () => {
  it('is given for its kinds, its days and gateways that know it', async () => {
    const id = await stage.activated({ feeKinds: ['FEE'] });
    expect((await stage.need())?.id).toBe(id);
    expect(await stage.need({ feeKinds: ['FEE', 'CHARGE'] })).toBeNull();
    expect(await stage.need({ agencyCode: OTHER })).toBeNull();
    const byHand = { party: 'by-post', accountRegistration: 'by-hand' } as const;
    expect(await stage.need({ gateway: byHand })).toBeNull();
    expect(await stage.shown(id)).toMatchObject({ registeredAt: [], toRegisterAt: ['by-post'] });
    expect(codesOf(await stage.accounts.desk.confirmRegistration(call(SECOND), id, 'direct'))).toEqual(['GATEWAY_UNKNOWN']);
    expect((await stage.accounts.desk.confirmRegistration(call(SECOND), id, 'by-post')).kind).toBe('done');
    expect((await stage.need({ gateway: byHand }))?.id).toBe(id);
    expect(await stage.shown(id)).toMatchObject({ registeredAt: ['by-post'], toRegisterAt: [] });
    expect(await stage.accounts.directory.activeAccountAgencies([WARD, OTHER])).toEqual(new Set([WARD]));
    await stage.accounts.desk.move(call(AGENCY), id, 'suspend');
    expect([await stage.need(), (await stage.accounts.directory.byId(id))?.id]).toEqual([null, id]);
    const next = await stage.registered();
    expect((await stage.shown(next))?.toRegisterAt).toEqual(['by-post']);
    await stage.closeAll();
    expect((await stage.shown(next))?.toRegisterAt).toEqual([]);
  });

  it('is replaced in one moment, keeps its history, and its contact is told', async () => {
    const old = await stage.activated({ contact: 'old@hoalu.example' });
    expect(codesOf(await stage.accounts.register.register(call(OPERATOR), stage.draftOf({ agencyCode: OTHER, replaces: old })))).toEqual(['REPLACED_UNKNOWN']);
    const next = await stage.registered({ replaces: old, contact: 'new@hoalu.example' });
    expect(codesOf(await stage.accounts.register.register(call(OPERATOR), stage.draftOf({ replaces: old })))).toEqual(['REPLACEMENT_OPEN']);
    await stage.accounts.turn();
    await stage.approve(next);
    expect((await stage.need())?.id).toBe(old);
    await stage.after(25 * HOUR_MS);
    expect([(await stage.need())?.id, (await stage.shown(old))?.state]).toEqual([next, 'CLOSED']);
    const [history] = await stage.accounts.queries.histories([old]);
    expect(history?.map(({ action }) => action)).toEqual(['replace', 'activate', 'approve', 'name-check', 'register']);
    const notices = await stage.gateway.query(bearer(stage.gateway.keys.supervisor), `{ bankAccountNotices(first: 200) { nodes { id accountId kind to } } }`);
    const told = (notices.data?.['bankAccountNotices'] as unknown as { nodes: { id: string; accountId: string; kind: string; to: string }[] }).nodes.filter(({ to }) => to === 'old@hoalu.example');
    expect(told.filter(({ accountId }) => accountId === next).map(({ kind }) => kind)).toEqual(['activate', 'approve', 'register']);
    expect((await stage.accounts.desk.markNoticeSeen(call(AGENCY), told[0]?.id ?? '')).kind).toBe('done');
    expect(codesOf(await stage.accounts.desk.markNoticeSeen(call(AGENCY), told[0]?.id ?? ''))).toEqual(['NOTICE_UNKNOWN']);
    await stage.closeAll();
  });

  it('is not replaced before the first day of the account that takes its place', async () => {
    const old = await stage.activated();
    const validFrom = vietnamDay(new Date(stage.now.getTime() + 5 * DAY_MS));
    const next = await stage.registered({ replaces: old, validFrom });
    await stage.accounts.turn();
    await stage.approve(next);
    await stage.after(2 * DAY_MS);
    expect([(await stage.need())?.id, (await stage.shown(next))?.state]).toEqual([old, 'COOLING']);
    await stage.after(3 * DAY_MS);
    expect([(await stage.need())?.id, (await stage.shown(old))?.state]).toEqual([next, 'CLOSED']);
    await stage.closeAll();
  });

  it('tells the contact that it had of each change of it, and of no question to its bank', async () => {
    const id = await stage.activated({ contact: 'first@hoalu.example' });
    const none = { purpose: null, feeKinds: null, validTo: null, contact: null };
    expect((await stage.accounts.desk.change(call(AGENCY), id, { ...none, contact: 'second@hoalu.example' })).kind).toBe('done');
    expect((await stage.accounts.desk.recheck(call(SECOND), id)).kind).toBe('done');
    for (const action of ['suspend', 'resume', 'close'] as const) expect((await stage.accounts.desk.move(call(SECOND), id, action)).kind).toBe('done');
    const { data } = await stage.gateway.query(bearer(stage.gateway.keys.operator), '{ bankAccountNotices(first: 200) { nodes { accountId kind to } } }');
    const told = (data?.['bankAccountNotices'] as unknown as { nodes: { accountId: string; kind: string; to: string }[] }).nodes.filter(({ accountId }) => accountId === id).reverse();
    expect(told.map(({ kind, to }) => [kind, to.split('@')[0]])).toEqual([
      ['register', 'first'], ['approve', 'first'], ['activate', 'first'], ['change', 'first'], ['suspend', 'second'], ['resume', 'second'], ['close', 'second'],
    ]);
  });

  it('may be narrowed by itself and widened by a replacement only; its validity ends by time', async () => {
    const id = await stage.activated();
    const none = { purpose: null, feeKinds: null, validTo: null, contact: null };
    expect((await stage.accounts.desk.change(call(AGENCY), id, { ...none, feeKinds: ['FEE'] })).kind).toBe('done');
    expect([await stage.need({ feeKinds: ['CHARGE'] }), (await stage.need())?.id]).toEqual([null, id]);
    expect(codesOf(await stage.accounts.desk.change(call(AGENCY), id, { ...none, feeKinds: ['FEE', 'CHARGE'] }))).toEqual(['TERMS_WIDER']);
    expect(codesOf(await stage.accounts.desk.change(call(AGENCY), id, none))).toEqual(['NO_CHANGE']);
    const validTo = vietnamDay(new Date(stage.now.getTime() + 5 * DAY_MS));
    expect((await stage.accounts.desk.change(call(AGENCY), id, { ...none, validTo, contact: '0912 345 678' })).kind).toBe('done');
    expect(codesOf(await stage.accounts.desk.change(call(AGENCY), id, { ...none, validTo: '2099-01-01' }))).toEqual(['TERMS_WIDER']);
    expect(await stage.need({ at: new Date(stage.now.getTime() + 7 * DAY_MS) })).toBeNull();
    await stage.after(7 * DAY_MS);
    expect((await stage.shown(id))?.state).toBe('CLOSED');
    // What it was for before stands in its history; whom to ring does not.
    const [history] = await stage.accounts.queries.histories([id]);
    expect(history?.filter(({ action }) => action === 'change').map(({ detail }) => detail)).toEqual([
      { changed: ['validTo', 'contact'], validToBefore: 'open' }, { changed: ['feeKinds'], feeKindsBefore: ['FEE', 'CHARGE'] },
    ]);
  });
});
