import { setMaxListeners } from 'node:events';

/**
 * Listens for the end of a caller. One drain signal serves hundreds of calls at once, which Node takes for a leak at eleven.
 * @returns a function that stops listening; where the signal has ended already, `onAbort` runs at once
 */
export const listenForAbort = (signal: AbortSignal, onAbort: () => void): (() => void) => {
  if (signal.aborted) {
    onAbort();
    return () => undefined;
  }
  setMaxListeners(0, signal);
  signal.addEventListener('abort', onAbort);
  return () => { signal.removeEventListener('abort', onAbort); };
};
