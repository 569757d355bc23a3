import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { CircuitBoard } from '../../../adapters/support/circuit-board.js';
import type { CircuitBoardOptions } from '../../../adapters/support/circuit-board.js';
import { PartyError } from '../../../src/errors/party-error.js';
import type { PartyErrorKind } from '../../../src/errors/party-error.js';

const boards: CircuitBoard[] = [];
const boardOf = (options: Partial<CircuitBoardOptions> = {}): CircuitBoard => {
  const board = new CircuitBoard({ consecutiveFailures: 3, resetTimeoutMs: 1000, ...options });
  boards.push(board);
  return board;
};
afterEach(() => {
  jest.useRealTimers();
  boards.splice(0).forEach((board) => { board.close(); });
});

const fail = (kind: PartyErrorKind, code = 'x') => (): Promise<never> => Promise.reject(new PartyError(kind, { party: 'p', operation: 'o', code }));
const attempt = (board: CircuitBoard, work: () => Promise<unknown>, operation = 'o'): Promise<string> =>
  board.run('p', operation, work).then(() => 'ok', (error: unknown) => (error instanceof PartyError ? error.code : 'other'));

describe('CircuitBoard', () => {
  it('opens after failures in a row and never calls the work while open', async () => {
    const board = boardOf();
    for (let count = 0; count < 3; count += 1) expect(await attempt(board, fail('outcome-unknown', 'timeout'))).toBe('timeout');
    let calls = 0;
    const work = (): Promise<void> => { calls += 1; return Promise.resolve(); };
    expect(await attempt(board, work)).toBe('circuit-open');
    expect(calls).toBe(0);
    expect(board.permits('p', 'o')).toBe('none');
    expect(board.states()).toEqual([expect.objectContaining({ party: 'p', operation: 'o', position: 'open', reason: 'timeout', forced: false })]);
  });

  it('opens on a share of failures once there is volume', async () => {
    const board = boardOf({ consecutiveFailures: 1000, volumeThreshold: 10, errorThresholdPercent: 50 });
    for (let count = 0; count < 4; count += 1) await attempt(board, () => Promise.resolve());
    for (let count = 0; count < 5; count += 1) await attempt(board, fail('unavailable'));
    expect(board.permits('p', 'o')).toBe('all');
    await attempt(board, fail('unavailable'));
    expect(board.permits('p', 'o')).toBe('none');
  });

  it.each<PartyErrorKind>(['rate-limited', 'bad-request', 'refused-credentials'])('does not count %s', async (kind) => {
    const board = boardOf({ volumeThreshold: 1 });
    for (let count = 0; count < 20; count += 1) await attempt(board, fail(kind));
    expect(board.permits('p', 'o')).toBe('all');
  });

  it('does not count calls that the caller ended', async () => {
    const board = boardOf({ volumeThreshold: 1 });
    for (let count = 0; count < 20; count += 1) await attempt(board, fail('outcome-unknown', 'aborted'));
    expect(board.permits('p', 'o')).toBe('all');
  });

  it('lets one probe through when half-open: its success closes, its failure opens again', async () => {
    jest.useFakeTimers();
    const board = boardOf();
    for (let count = 0; count < 3; count += 1) await attempt(board, fail('unavailable'));
    jest.advanceTimersByTime(1000);
    expect(board.permits('p', 'o')).toBe('one');
    let finish: (() => void) | undefined;
    const probe = attempt(board, () => new Promise<void>((_resolve, reject) => { finish = () => { reject(new PartyError('unavailable', { party: 'p', operation: 'o', code: 'still' })); }; }));
    expect(board.permits('p', 'o')).toBe('none');
    expect(await attempt(board, () => Promise.resolve())).toBe('circuit-open');
    finish?.();
    expect(await probe).toBe('still');
    expect(board.permits('p', 'o')).toBe('none');
    jest.advanceTimersByTime(1000);
    expect(await attempt(board, () => Promise.resolve())).toBe('ok');
    expect(board.permits('p', 'o')).toBe('all');
    expect(board.states()[0]).toMatchObject({ position: 'closed', reason: null });
  });

  it('obeys an operator, both ways, and gives the breaker back', async () => {
    const board = boardOf();
    board.force('p', 'o', 'open');
    expect(await attempt(board, () => Promise.resolve())).toBe('circuit-open');
    expect(board.permits('p', 'o')).toBe('none');
    expect(board.states()[0]).toMatchObject({ position: 'open', reason: 'forced', forced: true });
    board.force('p', 'o', 'closed');
    for (let count = 0; count < 20; count += 1) expect(await attempt(board, fail('unavailable', 'down'))).toBe('down');
    board.force('p', 'o', null);
    expect(board.permits('p', 'o')).toBe('all');
  });

  it('keeps operations apart, but a log-in stands before all of them', async () => {
    const board = boardOf();
    for (let count = 0; count < 3; count += 1) await attempt(board, fail('unavailable'), 'a');
    expect([board.permits('p', 'a'), board.permits('p', 'b'), board.permits('q', 'a')]).toEqual(['none', 'all', 'all']);
    board.force('p', 'login', 'open');
    expect([board.permits('p', 'b'), board.permits('q', 'b')]).toEqual(['none', 'all']);
  });

  it('tells listeners of every change until they leave', async () => {
    const board = boardOf();
    const seen: string[] = [];
    const leave = board.onChange((state) => { seen.push(`${state.operation} ${state.position}`); });
    for (let count = 0; count < 3; count += 1) await attempt(board, fail('unavailable'));
    board.force('p', 'o', null);
    leave();
    board.force('p', 'o', 'open');
    expect(seen[0]).toBe('o open');
    expect(seen.at(-1)).toBe('o closed');
  });
});
