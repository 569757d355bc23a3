import type { Notice, NoticeFlaw, NoticeRequest } from '../support/sandbox-notice.js';
import { wireOrder } from './sandbox-api.js';
import type { SandboxParcel } from './sandbox-ledger.js';

/** Was good once. */
export const OLD_SECRET = 'an-old-secret-of-the-webhook';

/** Where the secret stands: the document has it in both places, clients rely on one. */
export const SECRET_PLACES = ['both', 'header', 'body'] as const;
export type SecretPlace = (typeof SECRET_PLACES)[number];

const requestOf = (parcel: SandboxParcel, { secret, place }: { readonly secret: string; readonly place: SecretPlace }, flaw: NoticeFlaw | null): NoticeRequest => {
  const own = flaw === 'unsigned' ? '' : flaw === 'old-key' ? OLD_SECRET : secret;
  const data = flaw === 'altered' ? wireOrder(parcel, { ORDER_STATUS: 501 }) : wireOrder(parcel, flaw === 'other-amount' ? { MONEY_TOTAL: parcel.feeVnd + 1_000 } : {});
  return {
    method: 'POST', path: 'webhook', headers: { 'content-type': 'application/json', ...(place === 'body' || own === '' ? {} : { authorization: own }) },
    body: JSON.stringify({ DATA: data, TOKEN: place === 'header' ? '0333333333' : own }),
  };
};

/** Tells of the parcel as it was when this was made, however late it goes out. */
export const webhookNotice = (parcel: SandboxParcel, parts: { readonly secret: string; readonly place: SecretPlace }): Notice =>
  ({ operation: 'webhook', key: parcel.reference, build: (flaw) => requestOf(parcel, parts, flaw) });
