import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { AttemptRunner } from '../../../src/deliveries/attempt-runner.js';
import type { LeasedDelivery } from '../../../src/deliveries/delivery.js';
import type { DeliveryOperation } from '../../../src/deliveries/delivery-operation.js';
import type { PartyCall } from '../../../src/deliveries/party-call.js';
import type { PaymentGateway, RefundPort } from '../../../src/payments/payment-gateway-port.js';
import { createRefundOperation } from '../../../src/payments/refund-operation.js';
import type { OwedRefund, RefundOperationDeps } from '../../../src/payments/refund-operation.js';
import { RefundStore } from '../../../src/payments/refund-store.js';
import { DEFAULT_BACKOFF } from '../../../src/deliveries/retry-policy.js';
import { Database } from '../../../src/store/database.js';
import { composition } from '../../../src/compose.js';
import { leased } from '../../unit/deliveries/situations.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';
import type { TcpProxy } from '../../support/tcp-proxy.js';

let test: TestDatabase;
let proxy: TcpProxy;
let database: Database;

beforeAll(async () => {
  test = await createTestDatabase();
  await composition.migrate(test.url);
});
afterAll(() => test.drop());
beforeEach(async () => {
  proxy = await startTcpProxy(Number(new URL(test.url).port));
  database = new Database({ url: Object.assign(new URL(test.url), { hostname: '127.0.0.1', port: String(proxy.port) }).href, poolSize: 2, applicationName: 'refund-test' });
});
afterEach(async () => {
  await database.close();
  await proxy.close();
});

const GATEWAY = { party: 'till', windows: { payWithinMs: 1, askAfterMs: 1_000, askEveryMs: 1_000, settleMs: 1_000, giveUpMs: 1 } } as PaymentGateway;
const OWED = { refund: { id: '1', requestId: 'RF1', sentAt: null }, order: {} } as OwedRefund;
const CALL: PartyCall = { correlationId: 'c', traceparent: null, signal: new AbortController().signal, journal: () => undefined };

/** A refund at a gateway that notes what it was asked. */
const carry = (refund: () => ReturnType<RefundPort['refund']>) => {
  const sent: string[] = [];
  const port: RefundPort = {
    partial: true, tellsApart: true,
    refund: () => {
      sent.push('refund');
      return refund();
    },
    askRefund: () => Promise.resolve({ says: 'refused', code: '09', text: null }),
  };
  const operation = createRefundOperation(GATEWAY, port, { database, refunds: new RefundStore(), now: () => new Date() } as RefundOperationDeps);
  return { sent, operation };
};

/** What an attempt of it comes to, as the engine runs it. */
const attempted = async (operation: DeliveryOperation<OwedRefund>, purpose: 'send' | 'ask') => {
  const runner = new AttemptRunner({ logger: pino({ level: 'silent' }), random: () => 0.5, backoff: DEFAULT_BACKOFF, inSpan: (_delivery, run) => run(null), observe: () => undefined });
  const delivery = leased({ purpose, maybeSent: purpose === 'ask', parkAt: new Date('9999-01-01') });
  return (await runner.run(delivery, operation, { loaded: { content: OWED }, signal: CALL.signal })).outcome.settlement.attempt;
};

describe('a refund while the database is away', () => {
  it('is not sent before it is written that it is, and is due again', async () => {
    proxy.cut();
    const { sent, operation } = carry(() => Promise.resolve({ kind: 'done', code: '00', gatewayTransaction: '1' }));
    await expect(operation.send(OWED, CALL, {} as LeasedDelivery)).rejects.toMatchObject({ name: 'PartyError', kind: 'unavailable', code: 'database-away' });
    expect(sent).toEqual([]);
  });

  it('and was sent is asked for, for what the gateway said is lost', async () => {
    const { sent, operation } = carry(() => {
      proxy.cut();
      return Promise.resolve({ kind: 'done', code: '00', gatewayTransaction: '1' });
    });
    expect(await attempted(operation, 'send')).toMatchObject({ errorKind: 'outcome-unknown', errorCode: 'database-away' });
    expect(sent).toEqual(['refund']);
  });

  it('and is asked for is asked for again', async () => {
    const { operation } = carry(() => Promise.reject(new Error('not called')));
    proxy.cut();
    expect(await attempted(operation, 'ask')).toMatchObject({ purpose: 'ask', errorKind: 'unavailable', errorCode: 'database-away' });
  });
});
