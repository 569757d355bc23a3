export class QueueUnavailableError extends Error {
  override readonly name = 'QueueUnavailableError';
}

/** Rejects when `work` takes longer; the work itself goes on, for BullMQ offers no way to end it. */
export const withDeadline = async <Result>(what: string, timeoutMs: number, work: Promise<Result>): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_fulfil, reject) => {
    timer = setTimeout(() => reject(new QueueUnavailableError(`${what}: no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
};
