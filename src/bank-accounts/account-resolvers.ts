import DataLoader from 'dataloader';
import { ROLES, type Role } from '../access/caller.js';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import { parseReason } from '../deliveries/delivery-input.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import type { GatewayContext } from '../graphql/context.js';
import type { FeeKind } from '../payments/payment.js';
import { readTable } from '../tables/read-table.js';
import { TableError } from '../tables/table.js';
import type { AccountAnswer, AccountCall } from './account-action.js';
import type { AccountDesk } from './account-desk.js';
import type { AccountDraft } from './account-draft.js';
import type { AccountFilter, AccountQueries } from './account-queries.js';
import type { AccountRegister } from './account-register.js';
import { accountColumnName, readAccountRows } from './account-rows.js';
import type { ReadAccountRows } from './account-rows.js';
import { viewAbility, viewChange, viewImport, viewRefused, viewShare } from './account-view.js';
import type { AccountShape, AccountViewer } from './account-view.js';
import type { BankList } from './bank-list.js';

const READERS: readonly Role[] = ['agency', 'operator', 'supervisor', 'leader', 'auditor'];
/** Who asks for accounts, narrows and halts them, each within its scope. */
const OWNERS: readonly Role[] = ['agency', 'operator', 'supervisor'];
const OFFICERS: readonly Role[] = ['operator', 'supervisor'];
const AUDIT = { kind: 'operator-action' } as const;

type Acted<Args = object> = Args & { readonly idempotencyKey: string; readonly reason: string };
interface Paging { readonly first: number; readonly after?: string | null }
interface Under { readonly underCode?: string | null }

interface AccountInput {
  readonly agencyCode: string;
  readonly bank: string;
  readonly number: string;
  readonly holderName: string;
  readonly purpose: string;
  readonly feeKinds: readonly FeeKind[];
  readonly validFrom?: string | null;
  readonly validTo?: string | null;
  readonly contact: string;
  readonly replaces?: string | null;
}

interface TermsInput {
  readonly purpose?: string | null;
  readonly feeKinds?: readonly FeeKind[] | null;
  readonly validTo?: string | null;
  readonly contact?: string | null;
}

const draftOf = ({ validFrom, validTo, replaces, ...input }: AccountInput): AccountDraft => ({ ...input, validFrom: validFrom ?? null, validTo: validTo ?? null, replaces: replaces ?? null });

const callOf = ({ idempotencyKey, reason }: Acted, { caller, correlationId }: GatewayContext): AccountCall => ({ caller, correlationId, idempotencyKey, reason: parseReason(reason) });
const pageOf = ({ first, after }: Paging) => ({ first, after: after ?? null });

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

const rowsOf = (contentBase64: string): ReadAccountRows => {
  if (!BASE64.test(contentBase64)) throw new UserInputError([problemAt('contentBase64', breach('BASE64', 'Nội dung phải ở dạng base64', 'The content must be base64'))]);
  return rowsOfFile(Buffer.from(contentBase64, 'base64'));
};

/** A CSV or XLSX file of accounts, or what is wrong with it as a whole. */
export const rowsOfFile = (file: Uint8Array): ReadAccountRows => {
  try {
    return readAccountRows(readTable(file));
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    return { ok: false, problems: [problemAt('file', breach(error.fault, error.text.vi, error.text.en))] };
  }
};

export interface AccountResolverDeps {
  readonly queries: AccountQueries;
  readonly register: AccountRegister;
  readonly desk: AccountDesk;
  readonly viewer: AccountViewer;
  readonly banks: BankList;
}

/** Resolvers of `bank-account.graphql`. */
export const createAccountResolvers = (deps: AccountResolverDeps) => {
  const byRequest = new WeakMap<GatewayContext, DataLoader<string, readonly ReturnType<typeof viewChange>[]>>();
  const historiesOf = (context: GatewayContext) => {
    const known = byRequest.get(context) ?? new DataLoader<string, readonly ReturnType<typeof viewChange>[]>(async (ids) => (await deps.queries.histories(ids)).map((changes) => changes.map(viewChange)));
    byRequest.set(context, known);
    return known;
  };
  return {
    Query: { ...createAccountQueries(deps), ...createAbilityQueries(deps) },
    Mutation: { ...createMutations(deps), ...createRegisterMutations(deps), ...createLookMutations(deps) },
    BankAccount: { history: ({ id }: AccountShape, _args: unknown, context: GatewayContext) => historiesOf(context).load(id) },
  };
};

const createAccountQueries = ({ queries, viewer, banks }: AccountResolverDeps) => ({
  bankAccounts: guardedQuery({
    roles: READERS,
    resolve: async ({ filter, ...paging }: Paging & { filter?: AccountFilter | null }, context) => {
      const { nodes, endCursor, hasNextPage } = await queries.list(context, filter ?? {}, pageOf(paging));
      return { nodes: nodes.map((account) => viewer.account(account, context.caller.role)), pageInfo: { endCursor, hasNextPage } };
    },
  }),
  bankAccount: guardedQuery({
    roles: READERS,
    resolve: async ({ id }: { id: string }, context) => {
      const [account] = await queries.byIds(context, [id]);
      return account == null ? null : viewer.account(account, context.caller.role);
    },
  }),
  bankAccountNotices: guardedQuery({
    roles: READERS,
    resolve: async ({ unseenOnly, ...paging }: Paging & { unseenOnly: boolean }, context) => {
      const { nodes, endCursor, hasNextPage } = await queries.notices(context, unseenOnly, pageOf(paging));
      return { nodes: nodes.map((notice) => viewer.notice(notice, context.caller.role)), pageInfo: { endCursor, hasNextPage } };
    },
  }),
  banks: guardedQuery({ roles: ROLES, resolve: () => banks.banks }),
});

const createAbilityQueries = ({ queries }: AccountResolverDeps) => ({
  paymentReadiness: guardedQuery({
    roles: ROLES,
    resolve: async ({ agencyCode }: { agencyCode: string }, context) => {
      const ability = await queries.ability(context, agencyCode);
      return ability === null ? null : viewAbility(ability);
    },
  }),
  paymentReadinessByAgency: guardedQuery({
    roles: ROLES,
    resolve: async ({ underCode }: Under, context) => {
      const agencies = (await queries.abilities(context, underCode ?? null)).map(viewAbility);
      return { agencies, total: agencies.length, able: agencies.filter(({ able }) => able).length };
    },
  }),
  bankAccountShare: guardedQuery({
    roles: READERS,
    resolve: async ({ fromMonth, untilMonth, underCode }: Under & { fromMonth?: string | null; untilMonth?: string | null }, context) =>
      (await queries.shares(context, { fromMonth: fromMonth ?? null, untilMonth: untilMonth ?? null, underCode: underCode ?? null })).map(viewShare),
  }),
});

/** The account as it is after a change. */
const afterwards = async ({ queries, viewer }: AccountResolverDeps, answer: AccountAnswer<{ readonly id: string }>, context: GatewayContext) => {
  if (answer.kind !== 'done') return viewRefused(answer);
  const [account] = await queries.byIds(context, [answer.result.id]);
  return account == null ? null : { __typename: 'BankAccountSaved' as const, account: viewer.account(account, context.caller.role) };
};

const createRegisterMutations = (deps: AccountResolverDeps) => ({
  registerBankAccount: guardedMutation({
    roles: OWNERS, audit: AUDIT,
    resolve: async ({ account, ...args }: Acted<{ account: AccountInput }>, context) => afterwards(deps, await deps.register.register(callOf(args, context), draftOf(account)), context),
  }),
  importBankAccounts: guardedMutation({
    roles: OWNERS, audit: AUDIT,
    resolve: async ({ contentBase64, dryRun, ...args }: Acted<{ contentBase64: string; dryRun: boolean }>, context) => {
      const read = rowsOf(contentBase64);
      return viewImport(read.ok ? await deps.register.import(callOf(args, context), read.rows, { dryRun, path: accountColumnName }) : { kind: 'refused', problems: read.problems });
    },
  }),
});

const createMutations = (deps: AccountResolverDeps) => {
  const move = (action: 'refuse' | 'suspend' | 'resume' | 'close', roles: readonly Role[]) => guardedMutation({
    roles, audit: AUDIT,
    resolve: async ({ id, ...args }: Acted<{ id: string }>, context) => afterwards(deps, await deps.desk.move(callOf(args, context), id, action), context),
  });
  return {
    approveBankAccount: guardedMutation({
      roles: OFFICERS, audit: AUDIT,
      resolve: async ({ id, override, ...args }: Acted<{ id: string; override: boolean }>, context) => afterwards(deps, await deps.desk.approve(callOf(args, context), id, { override }), context),
    }),
    refuseBankAccount: move('refuse', OFFICERS),
    suspendBankAccount: move('suspend', OWNERS),
    resumeBankAccount: move('resume', OFFICERS),
    closeBankAccount: move('close', OWNERS),
    changeBankAccount: guardedMutation({
      roles: OWNERS, audit: AUDIT,
      resolve: async ({ id, change, ...args }: Acted<{ id: string; change: TermsInput }>, context) => afterwards(deps, await deps.desk.change(callOf(args, context), id, {
        purpose: change.purpose ?? null, feeKinds: change.feeKinds ?? null, validTo: change.validTo ?? null, contact: change.contact ?? null,
      }), context),
    }),
    confirmAccountRegistration: guardedMutation({
      roles: OFFICERS, audit: AUDIT,
      resolve: async ({ id, gateway, ...args }: Acted<{ id: string; gateway: string }>, context) => afterwards(deps, await deps.desk.confirmRegistration(callOf(args, context), id, gateway), context),
    }),
    recheckBankAccount: guardedMutation({
      roles: OFFICERS, audit: AUDIT,
      resolve: async ({ id, ...args }: Acted<{ id: string }>, context) => afterwards(deps, await deps.desk.recheck(callOf(args, context), id), context),
    }),
  };
};

const createLookMutations = (deps: AccountResolverDeps) => ({
  revealBankAccount: guardedMutation({
    roles: OFFICERS, audit: AUDIT,
    resolve: async ({ id, ...args }: Acted<{ id: string }>, context) => {
      const answer = await deps.desk.reveal(callOf(args, context), id);
      if (answer.kind !== 'done') return viewRefused(answer);
      const [account] = await deps.queries.byIds(context, [id]);
      return account == null ? null : deps.viewer.revealed(account);
    },
  }),
  bankAccountByNumber: guardedMutation({
    roles: OFFICERS, audit: AUDIT,
    resolve: async ({ number, ...args }: Acted<{ number: string }>, context) => {
      const answer = await deps.desk.findByNumber(callOf(args, context), number);
      if (answer.kind !== 'done') return viewRefused(answer);
      const found = await deps.queries.byIds(context, answer.result.ids);
      return { __typename: 'BankAccountsFound' as const, accounts: found.filter((account) => account !== null).map((account) => deps.viewer.account(account, context.caller.role)) };
    },
  }),
  markBankAccountNoticeSeen: guardedMutation({
    roles: OWNERS, audit: AUDIT,
    resolve: async ({ noticeId, ...args }: Acted<{ noticeId: string }>, context) => afterwards(deps, await deps.desk.markNoticeSeen(callOf(args, context), noticeId), context),
  }),
});
