import { join } from 'node:path';
import { eventually } from './eventually.js';
import type { GatewayProcess } from './gateway-process.js';

/** Environment of a process whose held memory is to be asked for. */
export const HELD_MEMORY = { NODE_OPTIONS: `--expose-gc --import=${join(import.meta.dirname, 'held-memory-probe.js')}` } as const;

const readings = (gateway: GatewayProcess): readonly number[] => [...gateway.output().matchAll(/^held-memory (\d+)$/gm)].map(([, bytes]) => Number(bytes));

/** Megabytes that a process still holds after a full collection: unlike what it has of the system, the same on each machine. */
export const heldMegabytes = async (gateway: GatewayProcess): Promise<number> => {
  const before = readings(gateway).length;
  gateway.kill('SIGUSR2');
  return (await eventually('the held memory', () => readings(gateway)[before], { timeoutMs: 30_000 })) / 1_048_576;
};
