/** Loaded into a gateway under test: on SIGUSR2 it collects all garbage and prints what is still held, in bytes. */
process.on('SIGUSR2', () => {
  for (let again = 0; again < 3; again += 1) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.stderr.write(`held-memory ${String(heapUsed + external)}\n`);
});
