/** A stored personal field that no configured key opens: a key is missing, or the row was altered. Holds no content. */
export class SealedFieldError extends Error {
  override readonly name = 'SealedFieldError';
  constructor(reason: 'unknown-key' | 'malformed' | 'altered', options?: { cause?: unknown }) {
    super(`A sealed field cannot be opened: ${reason}`, options);
  }
}
