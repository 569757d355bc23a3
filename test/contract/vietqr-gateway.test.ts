import { startMbBank } from './mb-bank-harness.js';
import { paymentGatewayContract } from './payment-gateway-suite.js';
import type { GatewayContestant } from './payment-gateway-stage.js';
import { startVietqr } from './vietqr-harness.js';

/** The code of one party, scanned at the bank of another. */
const start = async (): Promise<GatewayContestant> => {
  const [vietqr, mb] = await Promise.all([startVietqr(), startMbBank()]);
  const { gateway } = vietqr.party;
  if (gateway === null) throw new Error('payments by VietQR are off');
  const amounts = async (reference: string): Promise<readonly number[]> => (await mb.credits(reference)).map(({ amountVnd }) => amountVnd);
  return {
    gateway, hasty: null,
    pay: async (_order, { qrContent }) => {
      const status = await mb.scan(qrContent ?? '');
      if (status !== 200) throw new Error(`the app says ${status}`);
    },
    giveUp: null,
    charges: amounts,
    givenBack: () => Promise.resolve([]),
    held: async (reference) => (await amounts(reference)).length,
    misbehave: (order) => mb.misbehave(order),
    reset: () => mb.reset(),
    stopSandbox: () => mb.stopSandbox(),
    close: async () => {
      await vietqr.close();
      await mb.close();
    },
  };
};

paymentGatewayContract({
  name: 'VietQR, paid at the sandbox of MB', operations: { open: null, ask: null, refund: null }, partialRefunds: false,
  twists: { unknownStatus: null, otherAmount: null, badSignature: null, notFound: null }, refusal: null,
  refusedOrder: (order) => ({ ...order, account: { ...order.account, bankBin: null, bankCode: 'KBNN', number: '3511.0.1104195' } }), start,
});
