import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SessionManager, withSession } from '../../../adapters/support/session-manager.js';
import { PartyError } from '../../../src/errors/party-error.js';
import { recordedCall } from '../../contract/sample-dossier.js';

const refused = (): PartyError => new PartyError('refused-credentials', { party: 'p', operation: 'work', code: 'session-refused' });

describe('SessionManager', () => {
  let opened = 0;
  let failNext: Error | null = null;
  beforeEach(() => {
    jest.useFakeTimers();
    opened = 0;
    failNext = null;
  });
  afterEach(() => { jest.useRealTimers(); });

  const managerOf = () => new SessionManager({
    party: 'p',
    refreshAheadMs: 1_000,
    open: async () => {
      opened += 1;
      const number = opened;
      const failing = failNext;
      failNext = null;
      await Promise.resolve();
      if (failing !== null) throw failing;
      return { token: `t${number}`, lifeMs: 10_000 };
    },
  });
  const { call } = recordedCall();

  it('opens once for all who ask at the same time, and again when it has ended', async () => {
    const sessions = managerOf();
    const leases = await Promise.all(Array.from({ length: 50 }, () => sessions.lease(call)));
    expect(new Set(leases.map((lease) => lease.token))).toEqual(new Set(['t1']));
    jest.advanceTimersByTime(10_000);
    expect((await sessions.lease(call)).token).toBe('t2');
  });

  it('refreshes ahead of the end while the old one is still used, outside the journal of the call', async () => {
    const sessions = managerOf();
    const recorded = recordedCall();
    await sessions.lease(recorded.call);
    jest.advanceTimersByTime(9_500);
    expect((await sessions.lease(recorded.call)).token).toBe('t1');
    await jest.advanceTimersByTimeAsync(0);
    expect((await sessions.lease(recorded.call)).token).toBe('t2');
    expect(opened).toBe(2);
  });

  it('goes on with the old one when a refresh fails, and does not try again at once', async () => {
    const sessions = managerOf();
    await sessions.lease(call);
    jest.advanceTimersByTime(9_500);
    failNext = new Error('down');
    await sessions.lease(call);
    await jest.advanceTimersByTimeAsync(0);
    expect((await sessions.lease(call)).token).toBe('t1');
    expect(opened).toBe(2);
  });

  it('hands a failed log-in to everyone who waits and tries afresh for the next', async () => {
    const sessions = managerOf();
    failNext = new Error('down');
    const waits = await Promise.allSettled([sessions.lease(call), sessions.lease(call)]);
    expect(waits.map((wait) => wait.status)).toEqual(['rejected', 'rejected']);
    expect((await sessions.lease(call)).token).toBe('t2');
  });

  it('drops only the lease that was refused', async () => {
    const sessions = managerOf();
    const first = await sessions.lease(call);
    sessions.drop(first);
    const second = await sessions.lease(call);
    sessions.drop(first);
    expect(await sessions.lease(call)).toBe(second);
  });

  it('lets a caller leave without ending the log-in of the others', async () => {
    const sessions = managerOf();
    const leaving = recordedCall();
    const left = sessions.lease(leaving.call);
    const staying = sessions.lease(call);
    leaving.abort.abort();
    await expect(left).rejects.toMatchObject({ kind: 'unavailable', code: 'aborted' });
    expect((await staying).token).toBe('t1');
  });

  it('replays once after a refusal, and gives the second refusal back', async () => {
    const tokens: string[] = [];
    const use = (token: string): Promise<string> => {
      tokens.push(token);
      return tokens.length === 1 ? Promise.reject(refused()) : Promise.resolve('done');
    };
    expect(await withSession(managerOf(), call, use)).toBe('done');
    expect(tokens).toEqual(['t1', 't2']);
    let uses = 0;
    await expect(withSession(managerOf(), call, () => { uses += 1; return Promise.reject(refused()); })).rejects.toMatchObject({ code: 'session-refused' });
    expect(uses).toBe(2);
  });

  it('does not replay after any other failure', async () => {
    let uses = 0;
    const lost = new PartyError('outcome-unknown', { party: 'p', operation: 'work', code: 'timeout' });
    await expect(withSession(managerOf(), call, () => { uses += 1; return Promise.reject(lost); })).rejects.toBe(lost);
    expect(uses).toBe(1);
  });
});
