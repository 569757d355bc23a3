import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PartyError } from '../../src/errors/party-error.js';
import { eventually } from '../support/eventually.js';
import type { GatewayWord, PaymentGateway, PaymentOrder, RefundPort } from '../../src/payments/payment-gateway-port.js';
import { failure, GARBAGE, LOST, REFUSED, stageOf } from './payment-gateway-stage.js';
import type { Failure, GatewayContestant, GatewayContract, Stage } from './payment-gateway-stage.js';
import { recordedCall } from './sample-dossier.js';
import { afterOpening, PAYMENT_CANARIES, sampleOrder, sampleRefund } from './sample-payment.js';

const describeOpening = ({ contract, contestant, newOrder, open }: Stage): void => {
  describe('opening', () => {
    it('serves the agency and gives something to pay with, and nothing is taken yet', async () => {
      const { order, opened } = await open();
      expect(contestant().gateway.serves(order.agencyCodes)).toBe(true);
      // A bank's counter wants a number, and shows nothing.
      expect(opened.payUrl ?? opened.qrContent ?? opened.gatewayData['billId'] ?? '').not.toBe('');
      expect(await contestant().charges(order.reference)).toEqual([]);
    });

    it('is done under the code that is kept beforehand', async () => {
      const { order, opened } = await open();
      const { gateway } = contestant();
      const kept = gateway.opensUnder(order.agencyCodes);
      expect(opened.gatewayData).toMatchObject(kept);
      expect(gateway.merchantOf({ agencyCodes: ['999.99'], gatewayData: kept })).toBe(gateway.merchantOf({ agencyCodes: order.agencyCodes, gatewayData: opened.gatewayData }));
    });

    it('is safe to repeat: one order is held, and it can be paid once', async () => {
      const { order, opened } = await open();
      const again = await failureOrAnswer(contestant().gateway.open(order, recordedCall().call));
      expect(['opened', 'rejected', 'outcome-unknown', 'bad-reply']).toContain(again);
      await contestant().pay(order, opened);
      expect(await contestant().charges(order.reference)).toEqual([order.amountVnd]);
      expect(await contestant().held(order.reference)).toBe(1);
    });

    if (contract.refusal !== null || contract.refusedOrder !== undefined) {
      it('is refused as a value, with the party\'s own code', async () => {
        if (contract.refusal !== null) await contestant().misbehave({ kind: contract.refusal, operation: contract.operations.open ?? '*' });
        const order = contract.refusedOrder?.(newOrder()) ?? newOrder();
        const answer = await contestant().gateway.open(order, recordedCall().call);
        expect(answer).toMatchObject({ kind: 'rejected', code: expect.stringMatching(/./) });
        expect(await contestant().charges(order.reference)).toEqual([]);
      });
    }
  });
};

const failureOrAnswer = (work: Promise<{ readonly kind: string }>): Promise<string> => work.then(({ kind }) => kind, (error: unknown) => (error instanceof PartyError ? error.kind : 'defect'));

const describeOpeningByCall = ({ contract, contestant, newOrder, ask, gatewayFor }: Stage, operation: string): void => {
  const openFailing = async (order: PaymentOrder, mischief: object, gateway = contestant().gateway): Promise<Failure> => {
    await contestant().misbehave({ operation, ...mischief });
    return failure(gateway.open(order, recordedCall().call));
  };

  describe('an opening without a trustworthy answer', () => {
    it.each(LOST)('is an unknown outcome after %s', async (_name, mischief, code) => {
      expect(await openFailing(newOrder(), mischief, await gatewayFor(code))).toEqual({ kind: 'outcome-unknown', code });
    });

    it.each(GARBAGE)('is a bad reply after %s', async (_name, mischief) => {
      expect((await openFailing(newOrder(), mischief)).kind).toBe('bad-reply');
    });

    it.each(REFUSED)('is surely not opened after %s', async (_name, mischief, kind) => {
      expect((await openFailing(newOrder(), mischief)).kind).toBe(kind);
    });

    it('is an unknown outcome when the caller gives up on the way', async () => {
      await contestant().misbehave({ operation, kind: 'hang' });
      const { call, abort } = recordedCall();
      const order = newOrder();
      const failed = failure(contestant().gateway.open(order, call));
      await eventually('the order at the party', async () => (await contestant().held(order.reference)) === 1);
      abort.abort();
      expect(await failed).toEqual({ kind: 'outcome-unknown', code: 'aborted' });
    });

    if (contract.operations.ask !== null) {
      it('can be asked for afterwards, and is never said to be paid or failed', async () => {
        const order = newOrder();
        await openFailing(order, { kind: 'reset' });
        expect(['pending', 'not-found']).toContain((await ask(order)).says);
      });
    }
  });
};

const describeAsking = ({ contract, contestant, newOrder, open, ask, gatewayFor }: Stage, operation: string): void => {
  const openAndPay = async (): Promise<PaymentOrder> => {
    const { order, opened } = await open();
    await contestant().pay(order, opened);
    return order;
  };

  describe('asking', () => {
    it('tells that it is paid, with amount, transaction and time', async () => {
      const order = await openAndPay();
      const word = await ask(order);
      expect(word).toMatchObject({ says: 'paid', amountVnd: order.amountVnd, gatewayTransaction: expect.stringMatching(/./) });
      expect(Math.abs((word.paidAt ?? new Date(0)).getTime() - Date.now())).toBeLessThan(60_000);
      expect(await contestant().charges(order.reference)).toEqual([order.amountVnd]);
    });

    it('tells neither paid nor failed before the citizen did anything', async () => {
      const { order } = await open();
      expect(['pending', 'not-found']).toContain((await ask(order)).says);
    });

    it('tells neither paid nor failed of a reference that nobody opened', async () => {
      expect(['pending', 'not-found']).toContain((await ask(newOrder())).says);
    });

    it('tells the truth each time, and takes nothing', async () => {
      const order = await openAndPay();
      expect([(await ask(order)).says, (await ask(order)).says]).toEqual(['paid', 'paid']);
      expect(await contestant().charges(order.reference)).toHaveLength(1);
    });

    it('tells that the citizen gave up, where the party knows', async () => {
      const { order, opened } = await open();
      const { giveUp } = contestant();
      await giveUp?.(order, opened);
      expect((await ask(order)).says).toMatch(giveUp === null ? /^(pending|not-found)$/ : /^failed$/);
    });

    it.each(LOST)('is unavailable after %s', async (_name, mischief, code) => {
      const order = await openAndPay();
      const gateway = await gatewayFor(code);
      await contestant().misbehave({ operation, ...mischief });
      expect(await failure(ask(order, gateway))).toEqual({ kind: 'unavailable', code });
    });

    it.each(GARBAGE)('is a bad reply after %s', async (_name, mischief) => {
      const order = await openAndPay();
      await contestant().misbehave({ operation, ...mischief });
      expect((await failure(ask(order))).kind).toBe('bad-reply');
    });

    it.each(REFUSED)('is told apart after %s', async (_name, mischief, kind) => {
      const order = await openAndPay();
      await contestant().misbehave({ operation, ...mischief });
      expect((await failure(ask(order))).kind).toBe(kind);
    });
  });

  const twisted = async (kind: string): Promise<{ readonly order: PaymentOrder; readonly asked: Promise<GatewayWord> }> => {
    const order = await openAndPay();
    await contestant().misbehave({ operation, kind });
    return { order, asked: ask(order) };
  };
  const { unknownStatus, otherAmount, badSignature, notFound } = contract.twists;

  describe('an odd answer', () => {
    if (unknownStatus !== null) {
      it('with an unlisted status is pending, with its code kept', async () => {
        const word = await (await twisted(unknownStatus)).asked;
        expect(word).toMatchObject({ says: 'pending', code: expect.stringMatching(/./) });
      });
    }
    if (otherAmount !== null) {
      it('with another amount is given as said, never as ours', async () => {
        const { order, asked } = await twisted(otherAmount);
        expect((await asked).amountVnd).not.toBe(order.amountVnd);
      });
    }
    if (badSignature !== null) {
      it('with a wrong signature is a bad reply', async () => {
        expect((await failure((await twisted(badSignature)).asked)).kind).toBe('bad-reply');
      });
    }
    if (notFound !== null) {
      it('"not found" of a paid order is passed on, and the next answer tells the truth', async () => {
        const { order, asked } = await twisted(notFound);
        expect((await asked).says).toBe('not-found');
        expect((await ask(order)).says).toBe('paid');
      });
    }
  });
};

const describeRefunds = ({ contract, contestant, open, ask, gatewayFor }: Stage, operation: string): void => {
  const port = ({ refunds }: PaymentGateway = contestant().gateway): RefundPort => {
    if (refunds === null) throw new Error('this gateway gives nothing back');
    return refunds;
  };
  const paid = async (): Promise<{ readonly order: PaymentOrder; readonly gatewayTransaction: string | null }> => {
    const { order, opened } = await open();
    await contestant().pay(order, opened);
    const transaction = contract.operations.ask === null ? null : (await ask(order)).gatewayTransaction;
    return { order, gatewayTransaction: transaction };
  };

  describe('refunds', () => {
    it('give everything back once', async () => {
      const { order, gatewayTransaction } = await paid();
      const refund = sampleRefund(order, { gatewayTransaction });
      expect(['done', 'processing']).toContain((await port().refund(refund, recordedCall().call)).kind);
      expect(['done', 'processing']).toContain((await port().askRefund(refund, recordedCall().call)).says);
      expect(await contestant().givenBack(order.reference)).toEqual([order.amountVnd]);
    });

    it('say so where nothing was given back', async () => {
      const { order, gatewayTransaction } = await paid();
      expect((await port().askRefund(sampleRefund(order, { gatewayTransaction }), recordedCall().call)).says).toBe('not-found');
      expect(await contestant().givenBack(order.reference)).toEqual([]);
    });

    it('are refused for an order that was not paid', async () => {
      const { order } = await open();
      expect((await port().refund(sampleRefund(order), recordedCall().call)).kind).toBe('rejected');
      expect(await contestant().givenBack(order.reference)).toEqual([]);
    });

    it.each(LOST)('are an unknown outcome after %s, and asking tells', async (_name, mischief, code) => {
      const { order, gatewayTransaction } = await paid();
      const refund = sampleRefund(order, { gatewayTransaction });
      const gateway = await gatewayFor(code);
      await contestant().misbehave({ operation, ...mischief });
      expect(await failure(port(gateway).refund(refund, recordedCall().call))).toEqual({ kind: 'outcome-unknown', code });
      expect(['done', 'processing']).toContain((await port().askRefund(refund, recordedCall().call)).says);
      expect(await contestant().givenBack(order.reference)).toEqual([order.amountVnd]);
    });

    it.each(GARBAGE)('are a bad reply after %s, and nothing is given back twice', async (_name, mischief) => {
      const { order, gatewayTransaction } = await paid();
      const refund = sampleRefund(order, { gatewayTransaction });
      await contestant().misbehave({ operation, ...mischief });
      expect((await failure(port().refund(refund, recordedCall().call))).kind).toBe('bad-reply');
      await port().refund(refund, recordedCall().call);
      expect(await contestant().givenBack(order.reference)).toEqual([order.amountVnd]);
    });

    if (contract.partialRefunds) {
      it('give a part back', async () => {
        const { order, gatewayTransaction } = await paid();
        const refund = sampleRefund(order, { gatewayTransaction, amountVnd: 8_000, isFull: false });
        expect(['done', 'processing']).toContain((await port().refund(refund, recordedCall().call)).kind);
        expect(await contestant().givenBack(order.reference)).toEqual([8_000]);
      });
    } else {
      it('say that they cannot give a part back', () => {
        expect(port().partial).toBe(false);
      });
    }
  });
};

const describeSecrets = ({ contract, contestant, newOrder }: Stage): void => {
  it('keeps payer, account and the citizen\'s address out of the journal and of errors', async () => {
    const { gateway } = contestant();
    const { call, exchanges } = recordedCall();
    const order = newOrder();
    const opened = await gateway.open(order, call);
    if (opened.kind === 'opened') await contestant().pay(order, opened);
    const known = opened.kind === 'opened' ? afterOpening(order, opened) : order;
    await gateway.ask?.(known, call);
    await gateway.refunds?.refund(sampleRefund(known), call);
    if (contract.operations.ask !== null) await contestant().misbehave({ operation: contract.operations.ask, kind: 'truncated' });
    const errors = await Promise.resolve(gateway.ask?.(known, call)).then(() => '', (error: unknown) => `${String(error)} ${JSON.stringify(error)}`);
    const written = JSON.stringify(exchanges) + errors;
    for (const canary of PAYMENT_CANARIES) expect(written).not.toContain(canary);
    const calls = [contract.operations.open, contract.operations.ask, contract.operations.refund].filter((name) => name !== null).length;
    expect(exchanges.length).toBeGreaterThanOrEqual(calls);
  });
};

/** One conformance suite for every way to pay, against its sandbox. */
export const paymentGatewayContract = (contract: GatewayContract): void => {
  describe(`PaymentGateway: ${contract.name}`, () => {
    let contestant: GatewayContestant;
    beforeAll(async () => { contestant = await contract.start(); });
    beforeEach(async () => { await contestant.reset(); });
    afterAll(async () => { await contestant.close(); });

    const stage = stageOf(contract, () => contestant);
    describeOpening(stage);
    if (contract.operations.open !== null) describeOpeningByCall(stage, contract.operations.open);
    if (contract.operations.ask !== null) describeAsking(stage, contract.operations.ask);
    if (contract.operations.refund !== null) describeRefunds(stage, contract.operations.refund);
    describeSecrets(stage);

    it('says what it can do, and its windows make sense', () => {
      const { ask, refunds, windows } = contestant.gateway;
      expect([ask !== null, refunds !== null]).toEqual([contract.operations.ask !== null, contract.operations.refund !== null]);
      expect(windows.askEveryMs).toBeGreaterThan(0);
      expect(windows.settleMs).toBeGreaterThanOrEqual(windows.askAfterMs);
      expect(windows.giveUpMs).toBeGreaterThan(windows.settleMs);
    });

    it('knows that nothing was sent where nobody listens', async () => {
      const gone = await contract.start();
      try {
        const order = gone.orderOf?.(sampleOrder()) ?? sampleOrder();
        await gone.stopSandbox();
        if (contract.operations.open !== null) expect(await failure(gone.gateway.open(order, recordedCall().call))).toEqual({ kind: 'unavailable', code: 'connection-refused' });
        if (gone.gateway.ask !== null) expect(await failure(gone.gateway.ask(order, recordedCall().call))).toEqual({ kind: 'unavailable', code: 'connection-refused' });
        if (gone.gateway.refunds !== null) expect(await failure(gone.gateway.refunds.refund(sampleRefund(order), recordedCall().call))).toEqual({ kind: 'unavailable', code: 'connection-refused' });
      } finally {
        await gone.close();
      }
    });
  });
};
