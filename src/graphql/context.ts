import type { Caller } from '../access/caller.js';

/** What every resolver is given of its call. */
export interface GatewayContext {
  readonly caller: Caller;
  readonly correlationId: string;
  /** W3C traceparent of this call, when tracing is on. */
  readonly traceparent: string | null;
}
