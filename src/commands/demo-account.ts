import { randomUUID } from 'node:crypto';
import type { Role } from '../access/caller.js';
import type { AccountAnswer, AccountCall } from '../bank-accounts/account-action.js';
import type { ShownAccount } from '../bank-accounts/account-queries.js';
import type { BankAccountModule } from '../bank-accounts/bank-account-module.js';
import type { Config } from '../config.js';
import { createLogger } from '../observability/logger.js';
import type { Composition } from './composition.js';

/** An invented account of the demo province's service centre. Its bank reads VietQR codes and tells of what comes in. */
const DEMO_ACCOUNT = {
  agencyCode: '000.00.12.H42', bank: '970422', number: '0312345678901', holderName: 'TRUNG TAM PHUC VU HANH CHINH CONG TINH NINH BINH',
  purpose: 'Thu phí, lệ phí (dữ liệu minh hoạ)', feeKinds: ['FEE', 'CHARGE'], validFrom: null, validTo: null, contact: 'ketoan@demo.example.vn', replaces: null,
} as const;
const DEMO_PROVINCE = 'H42';
const NOTHING_LIKE_IT = 404;

interface Started {
  readonly config: Config;
  readonly composition: Composition;
  readonly sandboxes: readonly { readonly party: string; readonly url: string }[];
}

/** Banks' sandboxes forget accounts when they end, so each start tells them again: a bank that named another holder would have the account suspended. */
const tellBanks = async (sandboxes: Started['sandboxes']): Promise<void> => {
  const { bank, number, holderName } = DEMO_ACCOUNT;
  for (const { url } of sandboxes) {
    const answer = await fetch(`${url}/control/account`, { method: 'POST', body: JSON.stringify({ bin: bank, accountNumber: number, accountName: holderName }) });
    if (!answer.ok && answer.status !== NOTHING_LIKE_IT) throw new Error(`The sandbox at ${url} took no account: ${String(answer.status)}`);
  }
};

const callBy = (role: Role): AccountCall =>
  ({ caller: { client: `user:demo-${role}`, role, agencyScope: null }, correlationId: randomUUID(), idempotencyKey: randomUUID(), reason: 'tài khoản minh hoạ' });

const done = <Result>(answer: AccountAnswer<Result>): Result => {
  if (answer.kind === 'done') return answer.result;
  throw new Error(`The demo's account was refused: ${answer.kind === 'refused' ? answer.problems.map(({ code }) => code).join(', ') : 'its key was used'}`);
};

const known = async ({ queries }: BankAccountModule): Promise<ShownAccount | null> =>
  (await queries.list(callBy('operator'), { underCode: DEMO_ACCOUNT.agencyCode }, { first: 1, after: null })).nodes[0] ?? null;

/** Gateways that a person must tell of an account; a party that is none of those says so. */
const tellGateways = async ({ desk }: BankAccountModule, id: string, sandboxes: Started['sandboxes']): Promise<void> => {
  for (const { party } of sandboxes) {
    const answer = await desk.confirmRegistration(callBy('operator'), id, party);
    if (answer.kind !== 'refused' || answer.problems.some(({ code }) => code !== 'GATEWAY_UNKNOWN')) done(answer);
  }
};

/** As in an office: one asks, the bank is asked for the holder, another approves, and gateways that must be are told. */
const bringIn = async (accounts: BankAccountModule, sandboxes: Started['sandboxes']): Promise<void> => {
  const before = await known(accounts);
  // What is there is left as it is, unless an earlier start ended between the two people.
  if (before !== null && (before.state !== 'REQUESTED' || before.requestedBy !== callBy('operator').caller.client)) return;
  if (before === null) done(await accounts.register.register(callBy('operator'), DEMO_ACCOUNT));
  await accounts.turn();
  const asked = await known(accounts);
  if (asked === null) return;
  await tellGateways(accounts, asked.id, sandboxes);
  done(await accounts.desk.approve(callBy('supervisor'), asked.id, { override: false }));
};

/** Gives a new demo an agency that can take payments; nothing for another province. */
export const seedAccount = async ({ config, composition, sandboxes }: Started): Promise<void> => {
  if (config.core.tenantAgencyCodes[0] !== DEMO_PROVINCE) return;
  await tellBanks(sandboxes);
  await composition.withAccounts(config, createLogger('silent'), (accounts) => bringIn(accounts, sandboxes));
};
