import { describe, expect, it } from '@jest/globals';
import { withLifecycle } from '../../../src/commands/lifecycle.js';

const recorder = (): { done: string[]; stop: (what: string) => () => Promise<void> } => {
  const done: string[] = [];
  return { done, stop: (what) => () => {
    done.push(what);
    return Promise.resolve();
  } };
};

describe('life cycle of a command', () => {
  it('stops in reverse order, and goes on past a part that fails to stop', async () => {
    const { done, stop } = recorder();
    await withLifecycle((lifecycle) => {
      lifecycle.onStop('database', stop('database'));
      lifecycle.onStop('broken', () => Promise.reject(new Error('stuck')));
      lifecycle.onStop('server', stop('server'));
      return Promise.resolve();
    });
    expect(done).toEqual(['server', 'database']);
  });

  it('stops what had started when a later part fails, and passes the failure on', async () => {
    const { done, stop } = recorder();
    await expect(withLifecycle((lifecycle) => {
      lifecycle.onStop('database', stop('database'));
      return Promise.reject(new Error('port taken'));
    })).rejects.toThrow('port taken');
    expect(done).toEqual(['database']);
  });

  it('stops a part that came up while the rest was being stopped, and starts no more', async () => {
    const { done, stop } = recorder();
    await withLifecycle(async (lifecycle) => {
      lifecycle.onStop('database', stop('database'));
      await lifecycle.stop();
      lifecycle.onStop('late', stop('late'));
      done.push('never');
    });
    expect(done).toEqual(['database', 'late']);
  });
});
