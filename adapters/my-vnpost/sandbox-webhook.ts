import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import type { Notice, NoticeFlaw, NoticeRequest } from '../support/sandbox-notice.js';
import { wireOrder, written } from './sandbox-api.js';
import type { SandboxParcel } from './sandbox-ledger.js';

export interface WebhookParts {
  /** Stands at the end of the path. */
  readonly secret: string;
  /** RSA, in PEM; null leaves a signature that nobody can check. */
  readonly signingKey: string | null;
}

/** Was good once. */
export const OLD_SECRET = 'an-old-secret-of-the-path';
const UNKNOWN_SIGNATURE_BYTES = 256;

const signatureOf = (text: string, key: string | null): string =>
  (key === null ? randomBytes(UNKNOWN_SIGNATURE_BYTES) : sign('sha256', Buffer.from(text, 'utf8'), createPrivateKey(key))).toString('base64');

const pathOf = (flaw: NoticeFlaw | null, secret: string): string => {
  if (flaw === 'unsigned') return 'webhook';
  return `webhook/${flaw === 'old-key' ? OLD_SECRET : secret}`;
};

const requestOf = (parcel: SandboxParcel, { secret, signingKey }: WebhookParts, flaw: NoticeFlaw | null): NoticeRequest => {
  const honest = wireOrder(parcel, flaw === 'other-amount' ? { CodFreight: 1_000 } : {});
  const sendDate = written(Date.now());
  const signature = signatureOf(`${JSON.stringify(honest)}${sendDate}`, signingKey);
  // A stranger's favourite lie.
  const data = flaw === 'altered' ? { ...honest, OrderStatusId: 100 } : honest;
  const body = { Data: JSON.stringify(data), SendDate: sendDate, SignData: flaw === 'unsigned' ? '' : signature };
  return { method: 'POST', path: pathOf(flaw, secret), headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
};

/** Tells of the parcel as it was when this was made, however late it goes out. */
export const webhookNotice = (parcel: SandboxParcel, parts: WebhookParts): Notice =>
  ({ operation: 'webhook', key: parcel.orderCode, build: (flaw) => requestOf(parcel, parts, flaw) });
