import type { PartyCall } from '../../src/deliveries/party-call.js';

const PROBE_CALL: PartyCall = { correlationId: 'probe', signal: new AbortController().signal, journal: () => undefined, traceparent: null };

/** Really asks a party; whatever `check` throws becomes `detail`, one line for an operator without secrets. Never rejects. */
export const probed = async (check: (call: PartyCall) => Promise<string>): Promise<{ readonly ok: boolean; readonly detail: string }> => {
  try {
    return { ok: true, detail: await check(PROBE_CALL) };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : 'unexpected error' };
  }
};
