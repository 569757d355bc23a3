const SUCCESS = '000';

export type AccountVerdict = 'answer' | 'not-found' | 'unlisted';

/** Codes for "no such account" are not documented, so configuration lists those that were seen. An unlisted one is neither yes nor no. */
export const accountVerdict = (code: string | null, notFoundCodes: readonly string[]): AccountVerdict => {
  if (code === null || code === SUCCESS) return 'answer';
  return notFoundCodes.includes(code) ? 'not-found' : 'unlisted';
};

/** errorReason of `transaction-sync`, by the field that cannot be read. Source: the table of a production server that takes these pushes. */
export const FIELD_REASONS: Readonly<Record<string, string>> = {
  amount: '002', transType: '003', transactiontime: '004', transactionid: '007', referencenumber: '008', content: '009', bankaccount: '010',
};
export const BODY_REASON = '001';
export const UNEXPECTED_REASON = '005';
export const DONE_REASON = SUCCESS;
