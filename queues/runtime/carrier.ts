import type { Queue, Worker} from 'bullmq';
import { type Processor, type QueueOptions, type WorkerOptions } from 'bullmq';

/** The queues' carrier, whichever it is: makes BullMQ's objects on it and says whether it answers. */
export interface Carrier {
  readonly kind: 'redis' | 'postgres';
  createQueue(name: string, options: CarrierQueueOptions): Queue;
  createWorker(name: string, processor: Processor, options: CarrierWorkerOptions): Worker;
  /** Whether a command has a chance now; false answers at once instead of waiting for a time-out. */
  isReady(): boolean;
  ping(): Promise<void>;
  onError(listener: (error: Error) => void): void;
  close(): Promise<void>;
}

export type CarrierQueueOptions = Omit<QueueOptions, 'connection' | 'prefix'>;
export type CarrierWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix'>;

/** In braces: a Redis Cluster keeps all keys of one tag on one node, which BullMQ's scripts need. */
export const KEY_PREFIX = '{onestop}';
