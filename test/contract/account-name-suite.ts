import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountNamePort, AccountNameQuestion } from '../../src/bank-accounts/account-name-port.js';
import { warmed } from './hasty.js';
import { failure, GARBAGE, LOST, REFUSED } from './payment-gateway-stage.js';
import { recordedCall } from './sample-dossier.js';

/** An account-name enquiry and, beside it, its sandbox. */
export interface AccountNameContestant {
  readonly accountNames: AccountNamePort;
  /** The same at the same sandbox with a deadline of `HASTY_MS`. */
  readonly hasty: AccountNamePort;
  /** Opens an account at the party's side. */
  name(account: AccountNameQuestion, holderName: string): Promise<void>;
  misbehave(order: object): Promise<void>;
  reset(): Promise<void>;
  /** Ends the sandbox only: nobody listens any more. */
  stopSandbox(): Promise<void>;
  close(): Promise<void>;
}

export interface AccountNameContract {
  readonly name: string;
  /** Name of the enquiry among the sandbox's operations. */
  readonly operation: string;
  /** Accounts that can be enquired about: one for each way that the party has. */
  readonly accounts: readonly AccountNameQuestion[];
  /** Kinds of misbehaviour after which the party knows no such account, each with the code that is told. */
  readonly notFound: readonly (readonly [kind: string, code: string])[];
  /** Misbehaviour that answers with a code that nobody listed. */
  readonly unlisted: string;
  readonly unsupported: AccountNameQuestion;
  /** Starts adapter and sandbox, with a sandbox that hangs longer than the hasty one waits. */
  readonly start: () => Promise<AccountNameContestant>;
}

/** Invented; may never be legible in a journal or an error. */
const HOLDER = 'UBND PHUONG CANARY';

/** One conformance suite for every account-name enquiry, against its sandbox. */
export const accountNameContract = (contract: AccountNameContract): void => {
  describe(`AccountNamePort: ${contract.name}`, () => {
    const [account = contract.unsupported] = contract.accounts;
    let contestant: AccountNameContestant;
    beforeAll(async () => { contestant = await contract.start(); });
    beforeEach(async () => { await contestant.reset(); });
    afterAll(async () => { await contestant.close(); });

    const ask = (question = account, port = contestant.accountNames): ReturnType<AccountNamePort['nameOf']> => port.nameOf(question, recordedCall().call);
    const misbehave = (order: object): Promise<void> => contestant.misbehave({ operation: contract.operation, ...order });

    it.each(contract.accounts)('tells the holder of $bankBin $number', async (question) => {
      await contestant.name(question, HOLDER);
      expect(contestant.accountNames.covers(question)).toBe(true);
      expect(await ask(question)).toEqual({ kind: 'found', holderName: HOLDER });
    });

    it.each(contract.notFound)('tells that there is no such account after %s', async (kind, code) => {
      await misbehave({ kind });
      expect(await ask()).toEqual({ kind: 'not-found', code });
    });

    it('takes an unlisted code for neither yes nor no', async () => {
      await misbehave({ kind: contract.unlisted });
      expect((await failure(ask())).kind).toBe('bad-reply');
    });

    it('says at once what it cannot look up', async () => {
      const { call, exchanges } = recordedCall();
      expect(contestant.accountNames.covers(contract.unsupported)).toBe(false);
      expect((await contestant.accountNames.nameOf(contract.unsupported, call)).kind).toBe('unsupported');
      expect(exchanges).toEqual([]);
    });

    it.each(LOST)('is unavailable after %s', async (_name, mischief, code) => {
      const port = code === 'timeout' ? await warmed(contestant.hasty, (hasty) => ask(account, hasty)) : contestant.accountNames;
      await misbehave(mischief);
      expect(await failure(ask(account, port))).toEqual({ kind: 'unavailable', code });
    });

    it.each(GARBAGE)('is a bad reply after %s', async (_name, mischief) => {
      await misbehave(mischief);
      expect((await failure(ask())).kind).toBe('bad-reply');
    });

    it.each(REFUSED)('is told apart after %s', async (_name, mischief, kind) => {
      await misbehave({ ...mischief, times: 2 });
      expect((await failure(ask())).kind).toBe(kind);
    });

    it('can be asked any number of times', async () => {
      await contestant.name(account, HOLDER);
      expect(await Promise.all([ask(), ask(), ask()])).toEqual(Array(3).fill({ kind: 'found', holderName: HOLDER }));
    });

    it('keeps number and holder out of the journal and of errors', async () => {
      await contestant.name(account, HOLDER);
      const { call, exchanges } = recordedCall();
      await contestant.accountNames.nameOf(account, call);
      await misbehave({ kind: 'truncated' });
      const error: unknown = await contestant.accountNames.nameOf(account, call).catch((thrown: unknown) => thrown);
      const written = `${JSON.stringify(exchanges)} ${String(error)} ${JSON.stringify(error)}`;
      for (const canary of [HOLDER, account.number]) expect(written).not.toContain(canary);
      expect(exchanges.length).toBeGreaterThanOrEqual(2);
    });

    it('knows that nothing was sent where nobody listens', async () => {
      const gone = await contract.start();
      try {
        await gone.stopSandbox();
        expect(await failure(gone.accountNames.nameOf(account, recordedCall().call))).toEqual({ kind: 'unavailable', code: 'connection-refused' });
      } finally {
        await gone.close();
      }
    });
  });
};
