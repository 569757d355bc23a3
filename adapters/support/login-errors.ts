import { PartyError } from '../../src/errors/party-error.js';
import type { PartyErrorKind } from '../../src/errors/party-error.js';

/**
 * A failed log-in means that the business call was never sent, whatever the log-in itself was answered. So a garbled answer is
 * repeated like an outage, and a log-in that the party calls nonsense stops the whole party and not one delivery.
 */
const KIND_FOR_CALLER: Readonly<Record<PartyErrorKind, PartyErrorKind>> = {
  unavailable: 'unavailable',
  'rate-limited': 'rate-limited',
  'outcome-unknown': 'unavailable',
  'bad-reply': 'unavailable',
  'bad-request': 'refused-credentials',
  'refused-credentials': 'refused-credentials',
};

/** The error of a log-in as the caller of a business operation must see it. */
export const asLoginError = (error: unknown): unknown => {
  if (!(error instanceof PartyError)) return error;
  const { party, operation, code, retryAfterMs } = error;
  return new PartyError(KIND_FOR_CALLER[error.kind], {
    party, operation, code, cause: error.cause, ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
};
