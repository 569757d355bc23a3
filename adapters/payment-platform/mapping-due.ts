import type { DueAnswer } from '../../src/payments/due-port.js';
import { toWallClock } from '../support/wall-clock.js';
import { parseStrictJson } from '../support/strict-json.js';
import { descriptionOf } from './mapping.js';
import { receiptInfo } from './mapping-receipt-info.js';
import type { ReceiptTerms } from './mapping-receipt-info.js';
import { dueQuestion } from './wire.js';

export interface DueTerms extends ReceiptTerms {
  /** Whether the payer is named. */
  readonly payer: boolean;
}

/** The dossier that is asked for; null where the bytes are not what was agreed. */
export const dueDossierOf = (bytes: Buffer): string | null => {
  try {
    const parsed = dueQuestion.safeParse(parseStrictJson(bytes.toString('utf8')));
    return parsed.success ? parsed.data.MaHoSo.normalize('NFC') : null;
  } catch {
    return null;
  }
};

export const dueFailure = (words: string): object => ({ error_code: -1, message: words });

/** 1 has to pay, 0 nothing to pay, -1 not known. The two ids are of the portal's own transaction, which a question does not begin. */
export const dueReply = (answer: DueAnswer, terms: DueTerms, now: Date): object => {
  if (answer.kind === 'unknown') return dueFailure('Không tìm thấy hồ sơ');
  if (answer.kind === 'nothing-due') return { error_code: 0, message: 'Hồ sơ không có khoản phải thu' };
  const { bill } = answer;
  const info = receiptInfo({ ...bill, payer: terms.payer ? bill.payer : null, description: descriptionOf(bill.dossierCode) }, terms);
  return { error_code: 1, message: { transaction_id: '', client_id: '', MaTraCuuTT: `${bill.dossierCode}${toWallClock(now)}`, ...info } };
};
