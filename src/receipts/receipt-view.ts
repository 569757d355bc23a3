import type { BilingualText } from '../errors/gateway-error.js';
import type { ReceiptRow } from './receipt-queries.js';
import type { ReceiptPersonReason, ReceiptState } from './receipt.js';

const LABELS: Readonly<Record<ReceiptState, BilingualText>> = {
  OWED: { vi: 'Chờ phát hành', en: 'To be issued' },
  ISSUED: { vi: 'Đã phát hành', en: 'Issued' },
  REFUSED: { vi: 'Bị từ chối phát hành', en: 'Refused' },
  CANCELLING: { vi: 'Đang huỷ', en: 'Being cancelled' },
  CANCELLED: { vi: 'Đã huỷ', en: 'Cancelled' },
};

const PERSON_REASONS: Readonly<Record<ReceiptPersonReason, BilingualText>> = {
  refused: { vi: 'Đơn vị phát hành từ chối; cần sửa và phát hành lại', en: 'The issuer refused; put it right and have it issued again' },
  'cancel-refused': { vi: 'Đơn vị phát hành không cho huỷ biên lai; tiền đã hoàn', en: 'The issuer did not cancel it; the money went back' },
  'adjust-refused': { vi: 'Đơn vị phát hành không cho điều chỉnh; một phần tiền đã hoàn', en: 'The issuer did not adjust it; a part of the money went back' },
  'adjusted-before': { vi: 'Biên lai đã từng điều chỉnh; cần huỷ thủ công', en: 'It was adjusted before; a person must cancel it' },
  'paid-again': { vi: 'Số tiền đã thu lại lớn hơn số trên biên lai', en: 'More is paid now than the receipt says' },
};

/** The payer is on the paper only. `pdfUrl` null where there is no paper, or none for this caller. */
export const viewReceipt = (receipt: ReceiptRow, pdfUrl: string | null) => {
  const { key, reference, dossierCode, agencyCode, issuer, state, adjustsKey, totalVnd, pattern, serial, number, deliveryId, code, text, personReason, createdAt, issuedAt, stateAt } = receipt;
  return {
    key, paymentReference: reference, dossierCode, agencyCode, issuer, state, stateLabel: LABELS[state], adjusts: adjustsKey, totalVnd, pattern, serial, number, deliveryId, code, text,
    person: personReason === null ? null : { code: personReason, message: PERSON_REASONS[personReason] }, createdAt, issuedAt, stateAt, pdfUrl,
  };
};
