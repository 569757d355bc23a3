import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import { createBankAccounts } from '../../../src/compose/bank-accounts.js';
import type { CoreConfig } from '../../../src/config.js';
import { PartyError } from '../../../src/errors/party-error.js';
import type { OpenAnswer, PaymentGateway } from '../../../src/payments/payment-gateway-port.js';
import { createPaymentModule } from '../../../src/payments/payment-module.js';
import type { PaymentRow } from '../../../src/payments/payment-rows.js';
import { FieldCipher } from '../../../src/store/field-cipher.js';
import { linkOf } from '../../support/payment-desk.js';
import { insertAccount, startPaymentStage } from '../../support/payment-gateway.js';
import type { PaymentStage } from '../../support/payment-gateway.js';

const KEYS = [{ id: 'k1', key: Buffer.alloc(32, 5) }];
const OPENED: OpenAnswer = { kind: 'opened', payUrl: 'https://pay.example/x', qrContent: null, gatewayTransaction: null, gatewayData: { term: 'A' } };
let stage: PaymentStage;

beforeAll(async () => {
  stage = await startPaymentStage();
  await insertAccount(stage.database, '000.12.34.H42', { gateways: [] });
});
afterAll(() => stage.gateway.close());

type Conduct = (reference: string) => Promise<OpenAnswer>;

/** A gateway at the port, that does as it is told and counts what reached it. */
const scripted = (party: string, conduct: Conduct): { readonly gateway: PaymentGateway; readonly seen: string[] } => {
  const seen: string[] = [];
  return {
    seen,
    gateway: {
      party, moneyGoes: 'transit', accountRegistration: 'in-order', opensUnsent: false, windows: { payWithinMs: 900_000, askAfterMs: 1_000, askEveryMs: 1_000, settleMs: 1_000_000, giveUpMs: 2_000_000 },
      serves: () => true, opensUnder: () => ({}), merchantOf: () => null, ask: null, refunds: null,
      open: ({ reference }) => {
        seen.push(reference);
        return conduct(reference);
      },
    },
  };
};

/** Opens a payment of a new dossier where the first gateway behaves so. */
const openWith = async (number: number, conduct: Conduct, permits: 'all' | 'none' = 'all') => {
  const { database } = stage;
  const logger = pino({ level: 'silent' });
  const settings = { tenantAgencyCodes: ['H42'], fingerprintKey: Buffer.alloc(32, 3), keepHours: 1 };
  const agencies = createAgencyModule({ database, settings });
  const core = { fieldKeys: KEYS, accounts: { coolingHours: 0, recheckDays: 30 }, tenantAgencyCodes: ['H42'], fingerprintKey: settings.fingerprintKey, idempotencyHours: 1 } as unknown as CoreConfig;
  const { directory } = createBankAccounts({ database, core, agencies, logger, namePorts: [], gateways: [] });
  const [first, second] = [scripted('first', conduct), scripted('second', () => Promise.resolve(OPENED))];
  const payments = createPaymentModule({
    database, agencies, logger, cipher: new FieldCipher(KEYS), accounts: directory, gateways: [first.gateway, second.gateway], bell: { ring: () => undefined },
    health: { permits: (party) => (party === 'first' ? permits : 'all') },
    settings: { ...settings, order: { gateways: [], byAgency: new Map() }, fourEyesAboveVnd: 0, askConcurrency: 1, watchEveryMs: 1_000 },
  });
  const code = await stage.dossier(number);
  await stage.declare(code, [['LP1', 9_000]]);
  const call = { caller: { client: 'test-portal', role: 'portal', agencyScope: null }, correlationId: randomUUID(), traceparent: null, idempotencyKey: randomUUID(), reason: null } as const;
  const open = async (): Promise<PaymentRow> => {
    const answer = await payments.services.opening.open(call, { dossierCode: code });
    if (answer.kind !== 'done') throw new Error(`not opened: ${JSON.stringify(answer)}`);
    return answer.result;
  };
  return { opened: await open(), again: open, first, second, code };
};
const failing = (kind: PartyError['kind']): Conduct => () => Promise.reject(new PartyError(kind, { party: 'first', operation: 'open-payment', code: 'test' }));
const statesOf = async (code: string): Promise<readonly string[]> =>
  (await stage.database.query<{ text: string }>(`SELECT gateway || ' ' || state AS text FROM payments WHERE dossier_code = $1 ORDER BY id`, [code])).rows.map(({ text }) => text);

describe('the next gateway', () => {
  it.each([
    ['unreachable', failing('unavailable')], ['full', failing('rate-limited')], ['closed to us', failing('refused-credentials')],
    ['refusing', () => Promise.resolve({ kind: 'rejected', code: '03', text: 'no' } as const)],
  ] as const)('is tried when the first was surely %s, under a reference of its own, and a repeat gives the same', async (_how, conduct) => {
    const { opened, again, first, second, code } = await openWith(400 + _how.length, conduct);
    expect([opened, linkOf(opened)]).toMatchObject([{ gateway: 'second', state: 'AWAITING', gatewayData: { term: 'A' } }, OPENED.payUrl]);
    expect(await statesOf(code)).toEqual(['first FAILED', 'second AWAITING']);
    expect(first.seen).not.toEqual(second.seen);
    expect((await again()).reference).toBe(opened.reference);
    expect([first.seen.length, second.seen.length]).toEqual([1, 1]);
  });

  it.each([['no answer', failing('outcome-unknown')], ['an answer that breaks the contract', failing('bad-reply')], ['a defect of ours', () => Promise.reject(new Error('broken'))]] as const)(
    'is never tried after %s', async (how, conduct) => {
      const { opened, second, code } = await openWith(450 + how.length, conduct);
      expect(opened).toMatchObject({ gateway: 'first', state: 'UNKNOWN' });
      expect(second.seen).toEqual([]);
      expect(await statesOf(code)).toEqual(['first UNKNOWN']);
    });

  it('is the first where that is behind an open breaker', async () => {
    const { opened, first } = await openWith(499, () => Promise.resolve(OPENED), 'none');
    expect(opened.gateway).toBe('second');
    expect(first.seen).toEqual([]);
  });
});

describe('a word that is faster than the answer to our opening', () => {
  it('stands: the payment is paid, and keeps its link', async () => {
    const { opened, code } = await openWith(500, async (reference) => {
      await stage.database.transaction(async (client) => {
        await client.query(`UPDATE payments SET state = 'PAID', paid_vnd = amount_vnd, paid_at = now() WHERE reference = $1`, [reference]);
        await client.query(`SELECT post_ledger('PAID', 'CITIZEN', 'TRANSIT/first', amount_vnd, id, NULL) FROM payments WHERE reference = $1`, [reference]);
      });
      return OPENED;
    });
    expect([opened.state, linkOf(opened)]).toEqual(['PAID', OPENED.payUrl]);
    expect(await statesOf(code)).toEqual(['first PAID']);
  });
});
