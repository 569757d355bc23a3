import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Above every port that needs a privilege, and below those that systems give by themselves, also with the bus of a Redis Cluster (10,000 above). */
const [FIRST, BEHIND] = [10_000, 22_000];

const isFree = (port: number): Promise<boolean> => new Promise((resolve) => {
  const probe = createServer().once('error', () => { resolve(false); }).listen(port, '127.0.0.1', () => { probe.close(() => { resolve(true); }); });
});

/**
 * A port of the loopback interface on which nobody listens, nor at the given offsets from it. None that the system would give to another
 * connection or listener in the moment before it is used, nor while a server that was killed is away from it.
 */
export const freePort = async (...offsets: readonly number[]): Promise<number> => {
  for (;;) {
    const port = randomInt(FIRST, BEHIND);
    const free = await Promise.all([0, ...offsets].map((offset) => isFree(port + offset)));
    if (free.every(Boolean)) return port;
  }
};
