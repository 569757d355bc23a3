import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { RequestHandler } from 'express';
import type { QueueRuntime } from './queue-runtime.js';

/** Bull Board, read-only: what operators may do to a delivery is in GraphQL, where it is checked and recorded. */
export const createQueueBoard = (runtime: QueueRuntime, basePath: string): RequestHandler => {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(basePath);
  createBullBoard({
    queues: runtime.queues().map((queue) => new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false })),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Onestop Gateway', hideRedisDetails: true } },
  });
  return serverAdapter.getRouter() as RequestHandler;
};
