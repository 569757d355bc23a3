const limitOf = (tookMs) => 4 * tookMs + 20_000;

/** The files that may notice it: those that run its code; of what runs only when it is loaded, those that load it, first those that run others of its file. */
const ableOf = ({ id, fileName }, { tests, idsOf }) => {
  const running = tests.filter(({ run }) => run.has(id));
  if (running.length > 0) return running;
  const loading = tests.filter(({ loaded }) => loaded.has(id));
  const runsOthers = ({ run }) => idsOf.get(fileName).some((other) => run.has(other));
  return [...loading.filter(runsOthers), ...loading.filter((test) => !runsOthers(test))];
};

/** Says which test file notices a change. */
export class Judge {
  #of;
  #noticed = new Map();
  #controls = { done: 0, failed: 0 };

  constructor(of) {
    this.#of = of;
  }

  /** The files that noticed a change of the same source before, then the quickest. */
  #ordered(mutant) {
    const before = this.#noticed.get(mutant.fileName) ?? [];
    const rank = ({ file }) => -before.filter((name) => name === file).length;
    return ableOf(mutant, this.#of).sort((one, other) => rank(one) - rank(other)).slice(0, this.#of.most);
  }

  /** @returns what became of the change, and by which test */
  async verdictOf(mutant, worker) {
    const able = this.#ordered(mutant);
    if (able.length === 0) return { status: 'NoCoverage' };
    for (const { file, tookMs } of able) {
      const { failure, isLate } = await worker.run({ file, change: mutant.id }, limitOf(tookMs));
      if (failure === null) continue;
      this.#noticed.set(mutant.fileName, [...this.#noticed.get(mutant.fileName) ?? [], file]);
      return { status: isLate ? 'Timeout' : 'Killed', by: `${file} ${failure.id}` };
    }
    return { status: 'Survived' };
  }

  async control(worker) {
    const { tests } = this.#of;
    const { file, tookMs } = tests[this.#controls.done % tests.length];
    this.#controls.done += 1;
    const { failure } = await worker.run({ file, change: 'none' }, limitOf(tookMs));
    if (failure === null) return;
    this.#controls.failed += 1;
    console.log(`${file} failed without a change: ${failure.id}: ${failure.failure}`);
  }

  get controls() {
    return this.#controls;
  }
}
