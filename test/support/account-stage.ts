import { randomUUID } from 'node:crypto';
import pino from 'pino';
import type { Caller } from '../../src/access/caller.js';
import { createAgencyModule } from '../../src/agencies/agency-module.js';
import type { AccountName, AccountNamePort } from '../../src/bank-accounts/account-name-port.js';
import type { UsableAccount } from '../../src/bank-accounts/account-directory-port.js';
import type { ShownAccount } from '../../src/bank-accounts/account-queries.js';
import { createBankAccountModule } from '../../src/bank-accounts/bank-account-module.js';
import type { BankAccountModule } from '../../src/bank-accounts/bank-account-module.js';
import type { PayableGateway } from '../../src/bank-accounts/payable-gateway.js';
import { PartyError } from '../../src/errors/party-error.js';
import { FieldCipher } from '../../src/store/field-cipher.js';
import { startComposedGateway, type ComposedGateway } from './composed-gateway.js';

export const WARD = '000.12.34.H42';
export const OTHER = '000.12.35.H42';
const PROVINCE = '000.00.00.H42';
export const FIELD_KEY = Buffer.alloc(32, 3);
export const FINGERPRINT = Buffer.alloc(32, 4);
export const HOLDER = 'UBND phường Hoa Lư Canary';
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export const OPERATOR: Caller = { client: 'user:an', role: 'operator', agencyScope: null };
export const SECOND: Caller = { client: 'user:binh', role: 'operator', agencyScope: null };
export const SUPERVISOR: Caller = { client: 'user:chi', role: 'supervisor', agencyScope: null };
export const AGENCY: Caller = { client: 'ward-system', role: 'agency', agencyScope: WARD };

const GATEWAYS: readonly PayableGateway[] = [
  { party: 'direct', accountRegistration: 'in-order', serves: (codes) => codes.includes(WARD) },
  { party: 'by-post', accountRegistration: 'by-hand', serves: (codes) => codes.includes(PROVINCE) },
];
const SETTINGS = { tenantAgencyCodes: ['H42'], fingerprintKey: FINGERPRINT, keepHours: 1 };
const FIRST_NUMBER = 10_000_000;

type AccountCall = Parameters<BankAccountModule['register']['register']>[0];
type Draft = Parameters<BankAccountModule['register']['register']>[1];
type Need = Parameters<BankAccountModule['directory']['usableFor']>[1];
type Approved = ReturnType<BankAccountModule['desk']['approve']>;

export const call = (caller: Caller, key: string = randomUUID()): AccountCall => ({ caller, correlationId: 'c', idempotencyKey: key, reason: 'kiểm thử' });
export const codesOf = (answer: { readonly kind: string; readonly problems?: readonly { readonly code: string }[] }): readonly string[] => answer.problems?.map(({ code }) => code) ?? [answer.kind];
export const silence = (): PartyError => new PartyError('unavailable', { party: 'a-bank', operation: 'name', code: 'timeout' });

/** Accounts on a database of their own, beside a bank that answers as the test says, with a clock that the test turns. */
export class AccountStage {
  readonly gateway: ComposedGateway;
  readonly accounts: BankAccountModule;
  /** By number; a bank that was told nothing names the holder. */
  readonly answers: Map<string, AccountName | Error>;
  readonly #clock: { ms: number };
  #serial = FIRST_NUMBER;

  constructor(of: { readonly gateway: ComposedGateway; readonly accounts: BankAccountModule; readonly answers: Map<string, AccountName | Error>; readonly clock: { ms: number } }) {
    this.gateway = of.gateway;
    this.accounts = of.accounts;
    this.answers = of.answers;
    this.#clock = of.clock;
  }

  get now(): Date {
    return new Date(this.#clock.ms);
  }

  /** Time goes by, and the worker looks. */
  async after(ms: number): Promise<void> {
    this.#clock.ms += ms;
    await this.accounts.turn();
  }

  draftOf(change: Partial<Draft> = {}): Draft {
    this.#serial += 7;
    return {
      agencyCode: WARD, bank: '970436', number: String(this.#serial), holderName: HOLDER, purpose: 'Thu phí, lệ phí', feeKinds: ['FEE', 'CHARGE'], validFrom: null, validTo: null,
      contact: 'ketoan@hoalu.example', replaces: null, ...change,
    };
  }

  async registered(change: Partial<Draft> = {}, caller: Caller = OPERATOR): Promise<string> {
    const answer = await this.accounts.register.register(call(caller), this.draftOf(change));
    if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
    return answer.result.id;
  }

  approve(id: string, caller: Caller = SECOND, override = false): Approved {
    return this.accounts.desk.approve(call(caller), id, { override });
  }

  async shown(id: string): Promise<ShownAccount | null | undefined> {
    return (await this.accounts.queries.byIds({ caller: SUPERVISOR, correlationId: 'c' }, [id]))[0];
  }

  async activated(change: Partial<Draft> = {}): Promise<string> {
    const id = await this.registered(change);
    await this.accounts.turn();
    const approved = await this.approve(id);
    await this.after(25 * HOUR_MS);
    const state = (await this.shown(id))?.state;
    if (approved.kind !== 'done' || state !== 'ACTIVE') throw new Error(`the account is ${String(state)}: ${JSON.stringify(approved)}`);
    return id;
  }

  async closeAll(): Promise<void> {
    const { rows } = await this.gateway.test.database.query<{ id: string }>("SELECT id FROM bank_accounts WHERE state IN ('REQUESTED', 'COOLING', 'ACTIVE', 'SUSPENDED')");
    for (const { id } of rows) await this.accounts.desk.move(call(SUPERVISOR), id, 'close');
  }

  need(change: Partial<Need> = {}): Promise<UsableAccount | null> {
    return this.accounts.directory.usableFor(this.gateway.test.database, { agencyCode: WARD, feeKinds: ['FEE'], gateway: { party: 'direct', accountRegistration: 'in-order' }, at: this.now, ...change });
  }
}

/** To be closed by closing its gateway. */
export const startAccountStage = async (): Promise<AccountStage> => {
  const gateway = await startComposedGateway({ FIELD_KEYS: `k1:${FIELD_KEY.toString('base64')}`, FINGERPRINT_KEY: FINGERPRINT.toString('base64') });
  const { database } = gateway.test;
  const answers = new Map<string, AccountName | Error>();
  const clock = { ms: Date.now() };
  const bank: AccountNamePort = {
    party: 'a-bank',
    covers: ({ bankBin }) => bankBin === '970436',
    nameOf: ({ number }) => {
      const answer = answers.get(number) ?? { kind: 'found', holderName: 'UBND PHUONG HOA LU CANARY' };
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  const agencies = createAgencyModule({ database, settings: SETTINGS });
  const rows = ['code,name_vi,kind,level,parent_code', `${PROVINCE},Tỉnh Ninh Bình,PROVINCE,PROVINCE,`, `${WARD},Phường Hoa Lư,WARD,COMMUNE,${PROVINCE}`, `${OTHER},Phường Tây Hoa Lư,WARD,COMMUNE,${PROVINCE}`];
  await agencies.service.importFile({ caller: OPERATOR, idempotencyKey: 'agencies', reason: 'kiểm thử' }, Buffer.from(rows.join('\n')), { dryRun: false });
  const accounts = createBankAccountModule({
    database, agencies, cipher: new FieldCipher([{ id: 'k1', key: FIELD_KEY }]), logger: pino({ level: 'silent' }), namePorts: [bank], gateways: GATEWAYS, now: () => new Date(clock.ms),
    settings: { ...SETTINGS, coolingHours: 24, recheckDays: 30 },
  });
  return new AccountStage({ gateway, accounts, answers, clock });
};
