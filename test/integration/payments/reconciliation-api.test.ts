import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ruleOf } from '../../../src/access/guarded.js';
import type { ReconciliationModule } from '../../../src/payments/reconciliation-module.js';
import { DossierGateway, OPERATOR } from '../../support/dossier-gateway.js';
import { bank } from '../../support/payment-desk.js';
import { ReconciliationDesk } from '../../support/reconciliation-desk.js';

const GATEWAYS = [bank()];
const SUPERVISOR = { ...OPERATOR, client: 'super', role: 'supervisor' } as const;
const IMPORT = `mutation ($key: IdempotencyKey!, $day: LocalDate!, $file: String!, $replaces: Boolean) { importStatement(idempotencyKey: $key, gateway: "bank", day: $day, contentBase64: $file, replacesEarlier: $replaces, reason: "vì sao") {
  __typename ... on ReconciliationStarted { run { id state cause requestedBy day } } ... on PaymentActionRefused { code problems { field code } } ... on IdempotencyConflict { key } } }`;
const RESOLVE = 'mutation ($key: IdempotencyKey!, $id: ID!) { resolveDifference(idempotencyKey: $key, id: $id, reason: "vì sao") { __typename ... on DifferenceResolved { difference { id resolvedBy } } ... on PaymentActionRefused { code } ... on IdempotencyConflict { key } } }';

let desk: ReconciliationDesk;
let module: ReconciliationModule;
let schema: DossierGateway;

const send = async (source: string, variables: object, caller: typeof OPERATOR | typeof SUPERVISOR = SUPERVISOR): Promise<unknown> => {
  const { data, errors } = await schema.call(caller, source, { key: randomUUID(), day: desk.day, ...variables });
  return errors.length > 0 ? errors.map((error) => (error as { originalError?: unknown }).originalError) : Object.values(data)[0];
};
const base64 = (content: Buffer): string => content.toString('base64');
const unknown = (number: string): Buffer => desk.file(desk.line('OG0000000000000', number));

beforeAll(async () => {
  desk = await ReconciliationDesk.open();
  module = desk.module(GATEWAYS);
  schema = new DossierGateway(desk.database, { also: { sdl: ['payment.graphql', 'reconciliation.graphql'], resolvers: () => [...desk.payments.module(GATEWAYS).resolvers, module.resolvers] } });
});
afterAll(() => desk.close());
beforeEach(() => desk.nextDay());

describe('reconciliation', () => {
  const rulesOf = (fields: object): object => Object.fromEntries(Object.entries(fields).map(([name, resolver]) => [name, ruleOf(resolver)]));

  it('is read by who watches over the whole province; totals by everybody, within the scope', () => {
    const watched = { on: 'query', roles: ['operator', 'supervisor', 'leader', 'auditor'], wholeProvince: true, audit: null };
    expect(rulesOf(module.resolvers.Query)).toEqual({
      reconciliationRuns: watched, reconciliationRun: watched, reconciliationDifferences: watched, reconciliationFile: watched, ledgerCheck: watched, paymentTotals: { ...watched, roles: expect.arrayContaining(['portal', 'agency']), wholeProvince: false },
    });
  });

  it('is acted upon by operators of the whole province, with an audit row', () => {
    const acted = { on: 'mutation', roles: ['operator', 'supervisor'], wholeProvince: true, audit: { kind: 'operator-action' } };
    expect(rulesOf(module.resolvers.Mutation)).toEqual({ startReconciliation: acted, importStatement: acted, resolveDifference: acted });
  });
});

describe('a statement that is sent', () => {
  it('is answered with its run', async () => {
    expect(await send(IMPORT, { file: base64(unknown('A1')) })).toEqual({ __typename: 'ReconciliationStarted', run: { id: expect.any(String), state: 'WAITING', cause: 'STATEMENT', requestedBy: 'super', day: desk.day } });
    expect(await desk.payments.rows(`reconciliation/bank/${desk.day}`, `SELECT actor, role, reason, detail ->> 'replacesEarlier' AS replaces FROM operator_actions WHERE target = $1`)).toEqual([{ actor: 'super', role: 'supervisor', reason: 'vì sao', replaces: 'false' }]);
    await send(IMPORT, { file: base64(unknown('A2')), replaces: true });
    expect(await desk.payments.rows(desk.day, 'SELECT replaced_by IS NOT NULL AS replaced FROM statements WHERE day = $1 ORDER BY id')).toEqual([{ replaced: true }, { replaced: false }]);
  });

  it.each(['', 'a b', 'ab=c', 'abc===', '#', 'dGhpcw==\n'])('as %j, which is no base64, is refused', async (file) => {
    expect(await send(IMPORT, { file })).toMatchObject([{ problems: [{ field: 'contentBase64', code: 'BASE64', message: { vi: 'Nội dung phải ở dạng base64', en: 'The content must be base64' } }] }]);
    expect(await desk.payments.rows(desk.day, 'SELECT id FROM statements WHERE day = $1')).toEqual([]);
  });

  it.each(['dGhpcw', 'dGhpcw=', 'dGhpcw=='])('as %s is read', async (file) => {
    expect(await send(IMPORT, { file })).toMatchObject({ __typename: 'PaymentActionRefused', code: 'INPUT', problems: [{ field: 'line 1' }] });
  });
});

describe('a key', () => {
  it('stands for one file of one day, added or put in the place of earlier ones', async () => {
    const [key, file] = [randomUUID(), base64(unknown('B1'))];
    const first = await send(IMPORT, { key, file });
    expect(await send(IMPORT, { key, file })).toEqual(first);
    for (const over of [{ file: base64(unknown('B2')) }, { replaces: true }, { day: '2026-01-01' }]) expect(await send(IMPORT, { key, file, ...over })).toEqual({ __typename: 'IdempotencyConflict', key });
    expect(await desk.payments.rows(key, 'SELECT operation FROM idempotency_keys WHERE key = $1')).toEqual([{ operation: 'importStatement' }]);
  });

  it('stands for one conclusion, and for one request', async () => {
    const ids: string[] = [];
    for (const number of ['C1', 'C2']) ids.push((await desk.found(module, await desk.bring(module, unknown(`${number}-${desk.day}`)))).at(-1)?.id ?? '');
    const [key, id] = [randomUUID(), ids[1]];
    expect(await send(RESOLVE, { key, id })).toEqual({ __typename: 'DifferenceResolved', difference: { id, resolvedBy: 'super' } });
    expect(await send(RESOLVE, { key, id: ids[0] })).toEqual({ __typename: 'IdempotencyConflict', key });
    expect(await send(RESOLVE, { id: '999999999' })).toEqual({ __typename: 'PaymentActionRefused', code: 'NOT_FOUND' });
    await module.service.start({ ...desk.payments.call(), idempotencyKey: `start-${key}` }, 'bank', desk.day);
    expect(await desk.payments.rows(`%${key}`, 'SELECT operation FROM idempotency_keys WHERE key LIKE $1 ORDER BY operation')).toEqual([{ operation: 'resolveDifference' }, { operation: 'startReconciliation' }]);
  });
});
