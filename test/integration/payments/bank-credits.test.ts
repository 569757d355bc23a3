import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import { createBankAccounts } from '../../../src/compose/bank-accounts.js';
import type { ApplyAnswer } from '../../../src/callbacks/callback-binding.js';
import type { Role } from '../../../src/access/caller.js';
import type { CoreConfig } from '../../../src/config.js';
import type { BankCredit } from '../../../src/payments/bank-credit-port.js';
import { openLink, openQr, sealQr } from '../../../src/payments/payment-content.js';
import { createPaymentModule } from '../../../src/payments/payment-module.js';
import type { PaymentModule } from '../../../src/payments/payment-module.js';
import { ContentCodec } from '../../../src/dossiers/content-codec.js';
import { DossierErasure } from '../../../src/dossiers/dossier-erasure.js';
import { FieldCipher } from '../../../src/store/field-cipher.js';
import { canariesIn, databaseRows } from '../../support/canaries.js';
import { insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

const KEYS = [{ id: 'k1', key: Buffer.alloc(32, 5) }];
const NEW_KEY = { id: 'k2', key: Buffer.alloc(32, 6) };
const NUMBER = '0011004251389';
/** Of a citizen: VNPAY wants it in the link. */
const ADDRESS = '203.0.113.77';
const logger = pino({ level: 'silent' });
let stage: PaymentStage;
let payments: PaymentModule;

const moduleWith = (keys: typeof KEYS): PaymentModule => {
  const { database } = stage;
  const settings = { tenantAgencyCodes: ['H42'], fingerprintKey: Buffer.alloc(32, 3), keepHours: 1 };
  const agencies = createAgencyModule({ database, settings });
  const core = { fieldKeys: keys, accounts: { coolingHours: 0, recheckDays: 30 }, tenantAgencyCodes: ['H42'], fingerprintKey: settings.fingerprintKey, idempotencyHours: 1 } as unknown as CoreConfig;
  const accounts = createBankAccounts({ database, core, agencies, logger, namePorts: [], gateways: [] });
  return createPaymentModule({
    database, agencies, logger, cipher: new FieldCipher(keys), accounts: accounts.directory, gateways: [], health: { permits: () => 'all' }, bell: { ring: () => undefined },
    settings: { ...settings, order: { gateways: [], byAgency: new Map() }, fourEyesAboveVnd: 0, askConcurrency: 1, watchEveryMs: 1_000 },
  });
};

/** A payment whose money goes straight to the agency. */
const direct = async (number: number): Promise<string> => {
  const { reference } = await stage.opened(number);
  await stage.database.query(`UPDATE payments SET money_goes = 'direct', gateway = 'vietqr' WHERE reference = $1`, [reference]);
  return reference;
};
const credit = (change: Partial<BankCredit> = {}): BankCredit => ({ bankReference: `FT${randomUUID().slice(0, 8)}`, amountVnd: 50_000, content: '', accountNumber: NUMBER, bankBin: null, reference: null, at: new Date(), ...change });
const apply = (told: BankCredit, party = 'mb-bank'): Promise<ApplyAnswer> => stage.database.transaction((client) =>
  payments.applyCredit(party)(told, { client, callbackId: '1', uniqueKey: told.bankReference, receivedAt: new Date(), partyAt: null }));
const unmatched = async (bankReference: string): Promise<{ reason: string } | undefined> =>
  (await stage.database.query<{ reason: string }>('SELECT reason FROM unmatched_credits WHERE bank_reference = $1', [bankReference])).rows[0];

beforeAll(async () => {
  stage = await startPaymentStage();
  await insertAccount(stage.database, '000.12.34.H42', { number: NUMBER });
  payments = moduleWith(KEYS);
});
afterAll(() => stage.gateway.close());

describe('a credit', () => {
  it.each([
    ['as it was shown', 200, (reference: string) => reference],
    ['with marks, spaces and lower case around it', 201, (reference: string) => `MBVCB.6677 nguyễn văn an nộp lệ phí ${reference.toLowerCase().replace(/(.{4})/g, '$1 ')} ct tu 0123`],
    ['read as letters that look alike', 202, (reference: string) => reference.slice(0, 2) + reference.slice(2).replaceAll('0', 'O').replaceAll('1', 'I')],
  ])('pays the payment whose reference it carries %s', async (_how, number, contentOf) => {
    const reference = await direct(number);
    const told = credit({ content: contentOf(reference), accountNumber: '001 100.4251 389' });
    expect(await Promise.all([apply(told), apply(told)])).toMatchObject([{ outcome: 'applied', code: 'confirmed' }, { outcome: 'applied', code: 'confirmed' }]);
    expect(await stage.read(reference)).toMatchObject({ state: 'PAID', gatewayTransaction: told.bankReference });
    const ledger = await stage.ledger(reference);
    expect(Object.values(ledger).sort()).toEqual([-50_000, 50_000]);
    expect(Object.keys(ledger).some((account) => account.startsWith('AGENCY/'))).toBe(true);
  });

  it('that fits none is kept sealed for a person, and the bank hears that it was taken', async () => {
    const reference = await direct(300);
    const cases: readonly (readonly [Partial<BankCredit>, string])[] = [
      [{ content: 'Nguyễn Văn An chuyển tiền' }, 'no-reference'], [{ content: 'OG0000000000000' }, 'unknown-order'],
      [{ content: reference, amountVnd: 40_000 }, 'amount'], [{ content: reference, accountNumber: '9999' }, 'account'], [{ content: reference, bankBin: '970422' }, 'account'],
    ];
    for (const [change, reason] of cases) {
      const told = credit(change);
      expect(await apply(told)).toMatchObject({ outcome: 'applied', code: 'confirmed' });
      expect(await unmatched(told.bankReference)).toEqual({ reason });
    }
    expect(await stage.read(reference)).toMatchObject({ state: 'AWAITING', person: { code: 'amount' } });
    const { rows } = await stage.database.query<{ content: string }>('SELECT content_sealed AS content FROM unmatched_credits');
    expect(rows.every(({ content }) => content.startsWith('k1.'))).toBe(true);
  });

  it('for a payment that is paid is money too much', async () => {
    const reference = await direct(301);
    await apply(credit({ content: reference }));
    const again = credit({ content: reference });
    expect(await apply(again)).toMatchObject({ outcome: 'applied', code: 'confirmed' });
    expect(await unmatched(again.bankReference)).toEqual({ reason: 'paid-already' });
    expect(await stage.read(reference)).toMatchObject({ state: 'PAID', paidVnd: 50_000, person: { code: 'paid-twice' } });
  });

  it('whose number a person gave to another payment pays no second one, and pays the same one once', async () => {
    const [first, second] = [await direct(306), await direct(307)];
    const told = credit({ content: second });
    await stage.database.query(`UPDATE payments SET state = 'PAID', paid_vnd = amount_vnd, gateway_transaction = $2 WHERE reference = $1`, [first, told.bankReference]);
    expect(await apply(told)).toMatchObject({ outcome: 'applied', code: 'confirmed' });
    expect(await unmatched(told.bankReference)).toEqual({ reason: 'paid-already' });
    expect(await stage.read(second)).toMatchObject({ state: 'AWAITING', paidVnd: 0 });
    const late = credit({ content: first });
    await stage.database.query('UPDATE payments SET gateway_transaction = $2 WHERE reference = $1', [first, late.bankReference]);
    await apply(late);
    expect(await unmatched(late.bankReference)).toBeUndefined();
  });

  it('that names its payment in a field of its own hears the truth', async () => {
    const reference = await direct(302);
    expect(await apply(credit({ reference, amountVnd: 1 }), 'bidv')).toMatchObject({ outcome: 'refused', code: 'amount' });
    expect(await apply(credit({ reference: 'OG0000000000000' }), 'bidv')).toMatchObject({ outcome: 'refused', code: 'unknown-order' });
    const told = credit({ reference });
    expect(await apply(told, 'bidv')).toMatchObject({ outcome: 'applied', code: 'confirmed' });
    expect(await apply(told, 'bidv')).toMatchObject({ outcome: 'applied', code: 'already' });
  });

  it('is brought to its payment by two persons, once, and never to one that a gateway collects', async () => {
    const reference = await direct(303);
    const told = credit({ content: 'không ghi gì' });
    await apply(told);
    const found = await stage.as('operator', '{ unmatchedCredits(first: 200) { nodes { id bankReference content reason } } }');
    const { id, content } = (found['nodes'] as { id: string; bankReference: string; content: string }[]).find(({ bankReference }) => bankReference === told.bankReference) ?? { id: '', content: '' };
    expect(content).toBe('không ghi gì');
    const hidden = await stage.as('auditor', '{ unmatchedCredits(first: 200) { nodes { content } } }');
    expect((hidden['nodes'] as { content: string | null }[]).every((node) => node.content === null)).toBe(true);
    expect(await stage.act('operator', 'matchCredit', `id: "${id}", reference: "OG0000000000000"`)).toMatchObject({ code: 'NOT_FOUND' });
    const match = (role: Role, payment = reference): Promise<Found> => stage.act(role, 'matchCredit', `id: "${id}", reference: "${payment}"`);
    const { reference: collected } = await stage.opened(304);
    expect(await match('operator', collected)).toMatchObject({ code: 'STATE' });
    expect(await match('operator', await direct(305))).toMatchObject({ credit: { resolution: 'proposed' } });
    expect(await match('supervisor')).toMatchObject({ credit: { resolution: 'proposed' } });
    expect(await match('supervisor')).toMatchObject({ code: 'SAME_PERSON' });
    expect(await stage.read(reference)).toMatchObject({ state: 'AWAITING', paidVnd: 0 });
    expect(await match('operator')).toMatchObject({ credit: { resolution: 'matched' } });
    expect(await stage.read(reference)).toMatchObject({ state: 'PAID' });
    expect(await stage.act('operator', 'matchCredit', `id: "${id}"`)).toMatchObject({ code: 'ALREADY_DECIDED' });
  });
});

describe('a notice', () => {
  it('of a payment that is none of ours is kept, and refused', async () => {
    const notice = { reference: 'X1', dossierCode: null, merchant: 'DEMO', says: 'paid', code: '00', text: null, amountVnd: 5, gatewayTransaction: 'T9', bankCode: null, paidAt: null } as const;
    const answer = await stage.database.transaction((client) => payments.applyNotice('vnpay')(notice, { client, callbackId: '1', uniqueKey: 'u', receivedAt: new Date(), partyAt: null }));
    expect(answer).toEqual({ outcome: 'refused', code: 'unknown-order' });
    expect(await unmatched('T9')).toEqual({ reason: 'unknown-order' });
  });
});

describe('what is due', () => {
  it('is what nobody pays or has paid, and by reference what is open', async () => {
    const due = payments.dueFor({ party: 'vietqr', accountRegistration: 'in-order' });
    const code = await stage.dossier(310);
    expect(await due.dueOfDossier(code)).toEqual({ kind: 'nothing-due' });
    await stage.declare(code, [['LP1', 7_000], ['LP2', 3_000]]);
    expect(await due.dueOfDossier(code)).toMatchObject({ kind: 'due', bill: { totalVnd: 10_000, items: [{ key: 'LP1' }, { key: 'LP2' }], account: { number: NUMBER } } });
    expect(await due.dueOfDossier('none')).toEqual({ kind: 'unknown' });
    const reference = await direct(311);
    expect(await due.dueOfReference(reference, null)).toMatchObject({ kind: 'due', bill: { totalVnd: 50_000, reference } });
    await apply(credit({ content: reference }));
    expect(await due.dueOfReference(reference, null)).toEqual({ kind: 'nothing-due' });
    expect(await due.dueOfReference('OG0000000000000', null)).toEqual({ kind: 'unknown' });
  });
});

describe('what is kept of people', () => {
  it('comes under a new key, and goes with the dossier\'s person', async () => {
    const code = await stage.dossier(320);
    await stage.declare(code, [['LP1', 7_000]]);
    const paying = paymentOf(await stage.open(code, { gateway: 'vnpay', clientIp: ADDRESS, payer: { name: 'Nguyễn Văn An', idNumber: '036199012345' } }));
    expect(paying['payUrl']).toContain(ADDRESS);
    const early = await stage.opened(322);
    await stage.database.query('UPDATE payments SET pay_url = $2 WHERE reference = $1', [early.reference, early.payUrl]);
    const reference = await direct(321);
    await stage.database.query('UPDATE payments SET qr_sealed = $2 WHERE reference = $1', [reference, sealQr(new FieldCipher(KEYS), reference, NUMBER)]);
    const rotated = moduleWith([NEW_KEY, ...KEYS]);
    expect(await rotated.reseal()).toBeGreaterThan(0);
    expect(await rotated.reseal()).toBe(0);
    const { rows } = await stage.database.query<{ key_id: string }>(`SELECT DISTINCT key_id FROM payments WHERE content IS NOT NULL UNION SELECT key_id FROM unmatched_credits WHERE content_sealed IS NOT NULL`);
    expect(rows).toEqual([{ key_id: 'k2' }]);
    const { rows: codes } = await stage.database.query<{ sealed: string }>('SELECT qr_sealed AS sealed FROM payments WHERE qr_sealed IS NOT NULL');
    expect(codes.map(({ sealed }) => openQr(new FieldCipher([NEW_KEY]), reference, sealed))).toEqual([NUMBER]);
    // One link was kept as it is by an earlier release.
    const { rows: links } = await stage.database.query<{ reference: string; kept: string }>('SELECT reference, pay_url AS kept FROM payments WHERE pay_url IS NOT NULL');
    expect(links.filter(({ reference: of }) => of === paying['reference'] || of === early.reference).map(({ reference: of, kept }) => openLink(new FieldCipher([NEW_KEY]), of, kept)).sort()).toEqual([paying['payUrl'], early.payUrl].sort());
    expect(links.filter(({ kept }) => !kept.startsWith('k2.'))).toEqual([]);
    const legible = (await databaseRows(stage.database)).filter(({ row }) => canariesIn(row, [ADDRESS]).length > 0);
    expect(legible.map(({ table }) => table)).toEqual([]);
    expect(stage.gateway.logLines.join()).not.toMatch(/Nguyễn Văn An|203\.0\.113\.77/);
    const erasure = new DossierErasure(new ContentCodec(new FieldCipher(KEYS)));
    await stage.database.transaction((client) => erasure.erase(client, [code], 'kiểm thử'));
    expect((await stage.database.query('SELECT content, pay_url FROM payments WHERE dossier_code = $1', [code])).rows).toEqual([{ content: null, pay_url: null }]);
  });
});
