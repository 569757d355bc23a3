/** A child that runs test files of a sampled run (sample-worker.js), begun anew whenever something may be left of what it ran. */
import { fork } from 'node:child_process';
import { join } from 'node:path';

/** What was loaded stays in memory. */
const MOST_RUNS = 40;

export class SampleWorker {
  #of;
  #child = null;
  #runs = 0;

  /** @param of `folder` where it runs, `env` of the child */
  constructor(of) {
    this.#of = of;
  }

  /** Runs a test file. @returns what sample-worker.js says, or `{ failure, isLate }` of a child that died or did not end in time */
  async run(order, limitMs) {
    const child = this.#begun();
    const said = await new Promise((resolve) => {
      let stderr = '';
      const onStderr = (text) => { stderr += text; };
      const end = (answer) => {
        clearTimeout(timer);
        child.off('message', end).off('exit', onExit);
        child.stderr.off('data', onStderr);
        resolve(answer);
      };
      const onExit = (code, signal) => end({ failure: { id: 'process', failure: `ended with ${String(code ?? signal)}: ${stderr}` } });
      const timer = setTimeout(() => end({ failure: { id: 'process', failure: 'did not end in time' }, isLate: true }), limitMs);
      child.on('message', end).on('exit', onExit);
      child.stderr.on('data', onStderr);
      child.send(order);
    });
    this.#runs += 1;
    // What failed half-way may have left servers and timers behind.
    if (said.failure !== null || this.#runs >= MOST_RUNS) this.stop();
    return said;
  }

  stop() {
    this.#child?.kill('SIGKILL');
    this.#child = null;
    this.#runs = 0;
  }

  #begun() {
    const { folder, env } = this.#of;
    this.#child ??= fork(join(import.meta.dirname, 'sample-worker.js'), [], { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    return this.#child;
  }
}
