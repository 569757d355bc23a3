import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { payAtSandbox } from '../../src/commands/demo-citizen.js';
import type { RunningInfo } from '../../src/commands/running-file.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { newDataFolder, runGateway, untilReady, type GatewayProcess } from '../support/gateway-process.js';
import { dossierInput } from '../support/portal-client.js';
import { rawCall } from '../support/raw-call.js';

const UPSERT = 'mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) { __typename } }';
const DECLARE = 'mutation ($key: IdempotencyKey!, $code: ID!, $fees: [FeeInput!]!) { declareFees(idempotencyKey: $key, dossierCode: $code, fees: $fees) { __typename } }';
const OPEN = `mutation ($key: IdempotencyKey!, $payment: OpenPaymentInput!) {
  openPayment(idempotencyKey: $key, payment: $payment) { __typename ... on PaymentOpened { payment { reference state payUrl qr { content } } } }
}`;
const MONEY = 'query ($reference: ID!) { payment(reference: $reference) { state history { source toState applied } } receipt(paymentReference: $reference) { state totalVnd } }';
const ACCOUNTS = '{ bankAccounts { nodes { agencyCode state nameCheck requestedBy approvedBy registeredAt } } }';
const AGENCY = '000.00.12.H42';

interface Opened { readonly reference: string; readonly state: string; readonly payUrl: string | null; readonly qr: { readonly content: string } | null }
interface Money {
  readonly payment: { readonly state: string; readonly history: readonly { readonly source: string; readonly toState: string; readonly applied: boolean }[] };
  readonly receipt: { readonly state: string; readonly totalVnd: number } | null;
}

/** Parties have a listener of their own here, so that a sandbox that is told the wrong address is found. */
describe('payments of npm start', () => {
  const folder = newDataFolder();
  let gateway: GatewayProcess;
  let running: RunningInfo;
  let callbackPort = 0;
  const start = async (): Promise<void> => {
    gateway = runGateway(['start'], { DATA_DIR: folder.path, HTTP_PORT: '0', CALLBACK_PORT: String(callbackPort) });
    await untilReady(gateway);
    running = JSON.parse(readFileSync(join(folder.path, 'running.json'), 'utf8')) as RunningInfo;
  };
  const call = async <Data>(role: 'portal' | 'operator', query: string, variables: object = {}): Promise<Data> => {
    const { body } = await rawCall(running.url, running.demoKeys?.[role] ?? '', { query, variables });
    if (body.data == null) throw new Error(JSON.stringify(body));
    return body.data as Data;
  };
  const sandboxOf = (party: string): string => running.sandboxes.find((one) => one.party === party)?.url ?? '';
  const open = async (party: string, number: number): Promise<Opened> => {
    const code = dossierInput(number).code;
    await call('portal', UPSERT, { key: `${party}-${String(number)}-dossier`, dossiers: [dossierInput(number, { agencyCode: AGENCY })] });
    await call('portal', DECLARE, { key: `${party}-${String(number)}-fees`, code, fees: [{ key: 'LP', kind: 'CHARGE', name: 'Lệ phí', amountVnd: 12_000 }] });
    const { openPayment } = await call<{ openPayment: { payment?: Opened } }>('portal', OPEN, { key: `${party}-${String(number)}-open`, payment: { dossierCode: code, gateway: party, payer: { name: 'Lê Thị Minh Hoạ' } } });
    if (openPayment.payment === undefined) throw new Error(`${party}: ${JSON.stringify(openPayment)}`);
    return openPayment.payment;
  };
  const settled = (reference: string): Promise<Money> => eventually(`the receipt of ${reference}`, async () => {
    const money = await call<Money>('portal', MONEY, { reference });
    return money.receipt?.state === 'ISSUED' ? money : null;
  }, { timeoutMs: 60_000, everyMs: 100 });

  beforeAll(async () => {
    callbackPort = await freePort();
    await start();
  }, 120_000);
  afterAll(async () => {
    gateway.kill('SIGTERM');
    await gateway.exit();
    folder.remove();
  }, 60_000);

  it('have an account that one person asked for, a bank named and another person approved', async () => {
    const { bankAccounts: { nodes } } = await call<{ bankAccounts: { nodes: readonly { registeredAt: readonly string[] }[] } }>('operator', ACCOUNTS);
    expect(nodes).toMatchObject([{ agencyCode: AGENCY, state: 'ACTIVE', nameCheck: 'MATCHED', requestedBy: 'user:demo-operator', approvedBy: 'user:demo-supervisor' }]);
    expect(nodes[0]?.registeredAt.length).toBeGreaterThan(0);
  });

  it.each([['vnpay', 11], ['vnpt-pay', 12], ['payment-platform', 13]] as const)('at %s: a page, a signed word, a receipt', async (party, number) => {
    const { reference, payUrl, state } = await open(party, number);
    expect(state).toBe('AWAITING');
    await payAtSandbox(payUrl ?? '');
    const { payment, receipt } = await settled(reference);
    expect(payment.state).toBe('PAID');
    expect(payment.history.filter(({ toState, applied }) => toState === 'PAID' && applied)).toMatchObject([{ source: 'CALLBACK' }]);
    expect(receipt?.totalVnd).toBe(12_000);
    expect(await (await fetch(`${sandboxOf(party)}/control/orders/${reference}`)).json()).toMatchObject({ takenVnd: [12_000] });
  }, 120_000);

  it('by a code of VietQR that a banking app scans: the bank tells of the money', async () => {
    const { reference, qr } = await open('vietqr', 14);
    await fetch(`${sandboxOf('mb-bank')}/app/scan`, { method: 'POST', body: JSON.stringify({ qr: qr?.content }) });
    expect((await settled(reference)).payment.state).toBe('PAID');
  }, 120_000);

  it('go on after a restart, on the same account', async () => {
    gateway.kill('SIGTERM');
    await gateway.exit();
    await start();
    const { bankAccounts: { nodes } } = await call<{ bankAccounts: { nodes: readonly object[] } }>('operator', ACCOUNTS);
    expect(nodes).toMatchObject([{ state: 'ACTIVE', nameCheck: 'MATCHED' }]);
    const { reference, payUrl } = await open('vnpay', 15);
    await payAtSandbox(payUrl ?? '');
    expect((await settled(reference)).payment.state).toBe('PAID');
  }, 120_000);
});
