import type { AccountDirectory } from '../bank-accounts/account-directory-port.js';
import type { ApplyAnswer, ApplyContext } from '../callbacks/callback-binding.js';
import type { Queryable } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { BankCredit } from './bank-credit-port.js';
import type { CreditStore } from './credit-store.js';
import type { UnmatchedReason } from './credit.js';
import { creditContext } from './payment-content.js';
import { isNumberTaken } from './money-number-store.js';
import type { WordAnswer } from './payment-decision.js';
import type { BeneficiaryAccount, GatewayWord, PaymentGateway, PaymentNotice } from './payment-gateway-port.js';
import { isReference, referencesIn } from './payment-reference.js';
import type { PaymentRow } from './payment-rows.js';
import type { PaymentStore } from './payment-store.js';
import type { PaymentBook } from './payment-words.js';

export interface NoticeDeps {
  readonly store: PaymentStore;
  readonly credits: CreditStore;
  readonly book: PaymentBook;
  readonly accounts: AccountDirectory;
  readonly byParty: ReadonlyMap<string, PaymentGateway>;
  readonly cipher: FieldCipher;
  readonly now: () => Date;
}

/** `unknown-order`: no payment of ours has this reference. The others are those of the decision. */
export type NoticeCode = WordAnswer | 'unknown-order';

/** With the dossier: what the message says of people is held, and erased, with it. */
const answer = (code: NoticeCode, payment: Pick<PaymentRow, 'dossierCode'> | null): ApplyAnswer =>
  ({ outcome: code === 'confirmed' || code === 'already' ? 'applied' : 'refused', code, ...(payment === null ? {} : { dossierCode: payment.dossierCode }) });

/** A bank that only tells hears "confirmed". */
const creditAnswer = ({ reference }: BankCredit, code: NoticeCode, payment: PaymentRow | null): ApplyAnswer => answer(reference === null ? 'confirmed' : code, payment);

/** What a credit fits, and why it does not. */
type Match = { readonly payment: PaymentRow } | { readonly reason: UnmatchedReason; readonly payment: PaymentRow | null; readonly reference: string | null };

/** Applies verified callbacks, in the transaction that marks them as applied. */
export class PaymentNotices {
  readonly #deps: NoticeDeps;

  constructor(deps: NoticeDeps) {
    this.#deps = deps;
  }

  /** Of a gateway about one payment. A paying notice of a payment that is not ours, or not of that merchant, is kept for a person. */
  async notice(party: string, notice: PaymentNotice, context: ApplyContext): Promise<ApplyAnswer> {
    const { book, store, now } = this.#deps;
    const { client, callbackId, receivedAt } = context;
    const locked = isReference(notice.reference) ? await store.lockWhole(client, notice.reference) : null;
    const own = locked?.payment.gateway === party ? locked : null;
    if (own !== null && this.#merchantOf(own.payment) === notice.merchant) {
      const { decision } = await book.hearLocked(client, own, { word: notice, hearing: { source: 'callback', actor: `party/${party}`, now: now(), callbackId } });
      // Another transaction than the one that paid it.
      if (decision.kind === 'record' && decision.reason === 'other-transaction' && !notice.secondGoesBack) await this.#keepNotice(client, party, { notice, reason: 'paid-already', receivedAt });
      return answer(decision.answer, own.payment);
    }
    if (notice.says === 'paid' || notice.says === 'disputed') await this.#keepNotice(client, party, { notice, reason: own === null ? 'unknown-order' : 'merchant', receivedAt });
    return answer('unknown-order', own?.payment ?? null);
  }

  /**
   * Of a bank about money on an account. A bank that only tells hears "confirmed" whatever we made of it; one that named the payment
   * in a field of its own, and so asks, hears the truth.
   */
  async credit(party: string, credit: BankCredit, context: ApplyContext): Promise<ApplyAnswer> {
    const { client } = context;
    const { bankReference, amountVnd } = credit;
    if (!(await this.#deps.credits.claim(client, { bank: party, bankReference, amountVnd }))) return creditAnswer(credit, 'already', null);
    const match = await this.#match(client, credit);
    if (!('reason' in match)) return this.#book(party, { credit, payment: match.payment }, context);
    await this.#keep(client, party, { credit, reason: match.reason, reference: match.reference });
    return creditAnswer(credit, match.reason === 'unknown-order' ? 'unknown-order' : 'state', match.payment);
  }

  async #book(party: string, { credit, payment: { id, reference } }: { readonly credit: BankCredit; readonly payment: PaymentRow }, { client, callbackId }: ApplyContext): Promise<ApplyAnswer> {
    const { book, store, credits, byParty, now } = this.#deps;
    const { bankReference, amountVnd } = credit;
    // The payment first: the order in which persons lock.
    const payment = await store.lock(client, reference);
    if (payment === null) throw new RangeError(`Payment ${reference} is gone`);
    if (await isNumberTaken(client, byParty, { payment, number: bankReference })) {
      await this.#keep(client, party, { credit, reason: 'paid-already', reference });
      return creditAnswer(credit, 'already', payment);
    }
    const word: GatewayWord = { says: 'paid', code: 'credit', text: null, amountVnd, gatewayTransaction: bankReference, bankCode: null, paidAt: credit.at };
    const heard = await book.hear(client, reference, { word, hearing: { source: 'callback', actor: `party/${party}`, now: now(), callbackId } });
    await credits.attach(client, { bank: party, bankReference, paymentId: id });
    const code = heard?.decision.answer ?? 'unknown-order';
    // A person who settled it by this very number was before the bank.
    const isKnown = heard?.decision.kind === 'move' || (heard?.decision.reason === 'repeat' && payment.gatewayTransaction === bankReference);
    if (!isKnown) await this.#keep(client, party, { credit, reason: unmatchedBy(code), reference });
    return creditAnswer(credit, code, payment);
  }

  #merchantOf({ gateway, gatewayData, orderData: { agencyCodes } }: PaymentRow): string | null {
    return this.#deps.byParty.get(gateway)?.merchantOf({ agencyCodes, gatewayData }) ?? null;
  }

  async #match(client: Queryable, credit: BankCredit): Promise<Match> {
    const { store, accounts } = this.#deps;
    const named = credit.reference === null ? referencesIn(credit.content) : [credit.reference];
    const found = (await Promise.all(named.map((reference) => store.find(client, reference)))).flatMap((payment) => (payment === null ? [] : [payment]));
    const [payment, ...others] = found;
    if (payment === undefined) return { reason: named.length === 0 ? 'no-reference' : 'unknown-order', payment: null, reference: named[0] ?? null };
    // Two references in one transfer: a person reads it.
    if (others.length > 0) return { reason: 'no-reference', payment: null, reference: null };
    if (payment.moneyGoes !== 'direct') return { reason: 'not-direct', payment, reference: payment.reference };
    const usable = await accounts.byId(payment.accountId);
    return usable === null || isInto(usable.account, credit, accounts) ? { payment } : { reason: 'account', payment, reference: payment.reference };
  }

  async #keepNotice(client: Queryable, party: string, { notice, reason, receivedAt }: { readonly notice: PaymentNotice; readonly reason: UnmatchedReason; readonly receivedAt: Date }): Promise<void> {
    const { credits, cipher } = this.#deps;
    const bankReference = notice.gatewayTransaction ?? notice.reference;
    // The dossier that it names is for people: who begins a payment at the national portal gives it a reference that we do not know.
    const contentSealed = notice.dossierCode === null ? null : cipher.seal(notice.dossierCode, creditContext(party, bankReference));
    const isNew = await credits.keep(client, {
      party, bankReference, reference: notice.reference, amountVnd: notice.amountVnd, contentSealed,
      keyId: cipher.currentKeyId, accountIndex: null, reason, at: notice.paidAt ?? receivedAt,
    });
    if (isNew && notice.dossierCode !== null && reason === 'unknown-order') await credits.tell(client, { dossierCode: notice.dossierCode, party });
  }

  async #keep(client: Queryable, party: string, { credit, reason, reference }: { readonly credit: BankCredit; readonly reason: UnmatchedReason; readonly reference: string | null }): Promise<void> {
    const { credits, cipher, accounts } = this.#deps;
    const { bankReference, amountVnd, content, accountNumber, at } = credit;
    await credits.keep(client, {
      party, bankReference, reference, amountVnd, reason, at, keyId: cipher.currentKeyId, contentSealed: cipher.seal(content, creditContext(party, bankReference)),
      accountIndex: accountNumber === null ? null : accounts.indexOf(accountNumber),
    });
  }
}

const isInto = ({ bankBin, number }: BeneficiaryAccount, credit: BankCredit, accounts: AccountDirectory): boolean =>
  (credit.bankBin === null || credit.bankBin === bankBin) && (credit.accountNumber === null || accounts.indexOf(number).equals(accounts.indexOf(credit.accountNumber)));

const unmatchedBy = (code: NoticeCode): UnmatchedReason => {
  if (code === 'already') return 'paid-already';
  return code === 'amount' || code === 'unknown-order' ? code : 'state';
};
