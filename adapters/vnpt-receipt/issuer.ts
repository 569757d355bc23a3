import type { PartyAnswer, PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { IssueAnswer, IssuedReceipt, ReceiptIssuer, ReceiptOrder } from '../../src/receipts/receipt-port.js';
import { nearestEntry } from '../support/agency-entries.js';
import type { Answer, Question, ReceiptClient } from './client.js';
import type { ReceiptAccount, VnptReceiptSettings } from './config.js';
import { codeText } from './errors.js';
import { adjustArgs, adjustmentXml, cancelArgs, lookUpArgs, numberOnPage, personalOf, publishArgs, readIssued, readPdf, receiptXml, unconfirmArgs } from './mapping.js';
import type { PayableOrder } from './mapping.js';
import { PARTY } from './operations.js';
import type { ReceiptOperation } from './operations.js';

type Rejected = Extract<IssueAnswer, { kind: 'rejected' }>;

const rejected = (code: string): Rejected => ({ kind: 'rejected', code, text: codeText(code) });
const NO_PAYER: Rejected = { kind: 'rejected', code: 'no-payer', text: 'Không còn thông tin người nộp tiền' };
const NO_ADJUSTING: Rejected = { kind: 'rejected', code: 'adjust-off', text: 'Chưa cấu hình loại điều chỉnh biên lai' };

const isPayable = <Order extends ReceiptOrder>(order: Order): order is Order & PayableOrder => order.payer !== null;

/** E-receipts of VNPT Invoice. The key is the party's fkey: it takes each once. */
export class VnptReceiptIssuer implements ReceiptIssuer {
  readonly party = PARTY;
  readonly inFlightMs: number;
  readonly #settings: VnptReceiptSettings;
  readonly #client: ReceiptClient;

  constructor(settings: VnptReceiptSettings, client: ReceiptClient) {
    this.#settings = settings;
    this.#client = client;
    this.inFlightMs = settings.VNPT_RECEIPT_IN_FLIGHT_MS;
  }

  serves(agencyCodes: readonly string[]): boolean {
    return nearestEntry(this.#settings.VNPT_RECEIPT_ACCOUNTS, agencyCodes) !== null;
  }

  async issue(order: ReceiptOrder, call: PartyCall): Promise<IssueAnswer> {
    const account = this.#accountOf(order.agencyCodes, 'issue-receipt');
    if (!isPayable(order)) return NO_PAYER;
    const answer = await this.#ask({
      operation: 'issue-receipt', method: 'publish', table: 'publish', account, args: publishArgs(receiptXml(order, account), account), personal: personalOf(order),
    }, call);
    return this.#issued(answer, order, call);
  }

  async adjust(order: ReceiptOrder & { readonly adjusts: string }, call: PartyCall): Promise<IssueAnswer> {
    const account = this.#accountOf(order.agencyCodes, 'adjust-receipt');
    const type = this.#settings.VNPT_RECEIPT_ADJUST_TYPE;
    if (type === '') return NO_ADJUSTING;
    if (!isPayable(order)) return NO_PAYER;
    const answer = await this.#ask({
      operation: 'adjust-receipt', method: 'adjust', table: 'adjust', account, args: adjustArgs(adjustmentXml(order, account, type), order.adjusts, account), personal: personalOf(order),
    }, call);
    return this.#issued(answer, order, call);
  }

  async find(key: string, agencyCodes: readonly string[], call: PartyCall): Promise<IssuedReceipt | null> {
    const account = this.#accountOf(agencyCodes, 'find-receipt');
    const { verdict, result } = await this.#ask({ operation: 'find-receipt', method: 'view', table: 'lookUp', account, args: lookUpArgs(key, account), personal: [] }, call);
    if (verdict === 'none') return null;
    // The page's layout is the tenant's; what is sure is that it is of this key, and under which form and series we issue.
    return { pattern: account.pattern, serial: account.serial, number: numberOnPage(result, this.#settings.VNPT_RECEIPT_NUMBER_LABEL) };
  }

  async download(key: string, agencyCodes: readonly string[], call: PartyCall): Promise<Buffer | null> {
    const account = this.#accountOf(agencyCodes, 'download-receipt');
    const { verdict, result } = await this.#ask({ operation: 'download-receipt', method: 'pdf', table: 'lookUp', account, args: lookUpArgs(key, account), personal: [] }, call);
    if (verdict === 'none') return null;
    const pdf = readPdf(result);
    if (pdf === null) throw new PartyError('bad-reply', { party: PARTY, operation: 'download-receipt', code: 'no-pdf' });
    return pdf;
  }

  async cancel(key: string, agencyCodes: readonly string[], call: PartyCall): Promise<PartyAnswer> {
    const account = this.#accountOf(agencyCodes, 'cancel-receipt');
    const about = { operation: 'cancel-receipt', table: 'cancel', account, personal: [] } as const;
    // Marked as paid it cannot be cancelled. Whatever this says but a refused log-in, the next one decides: it may be unmarked already.
    await this.#ask({ ...about, method: 'unconfirm', table: 'unconfirm', args: unconfirmArgs(key, account) }, call);
    const { verdict, code } = await this.#ask({ ...about, method: 'cancel', args: cancelArgs(key, account) }, call);
    return verdict === 'ok' || verdict === 'already' ? { kind: 'accepted' } : rejected(code);
  }

  /** Asks each tenant for a receipt that nobody issued: only a good log-in is told that there is none. @throws PartyError */
  async check(call: PartyCall): Promise<string> {
    const accounts = this.#settings.VNPT_RECEIPT_ACCOUNTS;
    for (const account of accounts) await this.#ask({ operation: 'find-receipt', method: 'pdf', table: 'lookUp', account, args: lookUpArgs('PROBE', account), personal: [] }, call);
    return `${accounts.length} log-in(s) accepted`;
  }

  async #issued({ verdict, code, result }: Answer, { key, agencyCodes }: ReceiptOrder, call: PartyCall): Promise<IssueAnswer> {
    if (verdict === 'ok') return { kind: 'issued', receipt: readIssued(result, key) ?? await this.#confirmed(key, agencyCodes, call), already: false };
    if (verdict === 'already') return { kind: 'issued', receipt: await this.#fetch(key, agencyCodes, call), already: true };
    return rejected(code);
  }

  /** An "OK" of another form counts where the party has a receipt under our key. A repeat is told so; this may fail. @throws PartyError */
  async #confirmed(key: string, agencyCodes: readonly string[], call: PartyCall): Promise<IssuedReceipt> {
    const found = await this.find(key, agencyCodes, call);
    if (found === null) throw new PartyError('bad-reply', { party: PARTY, operation: 'issue-receipt', code: 'other-receipt' });
    return found;
  }

  /** What is issued is issued, whether or not its number can be had now. */
  async #fetch(key: string, agencyCodes: readonly string[], call: PartyCall): Promise<IssuedReceipt | null> {
    try {
      return await this.find(key, agencyCodes, call);
    } catch (error) {
      if (error instanceof PartyError) return null;
      throw error;
    }
  }

  #ask({ account, ...question }: Omit<Question, 'tenant'> & { readonly account: ReceiptAccount }, call: PartyCall): Promise<Answer> {
    const tenant = account.url === undefined || account.url === '' ? this.#settings.VNPT_RECEIPT_URL : account.url;
    return this.#client.ask({ ...question, tenant }, call);
  }

  #accountOf(agencyCodes: readonly string[], operation: ReceiptOperation): ReceiptAccount {
    const account = nearestEntry(this.#settings.VNPT_RECEIPT_ACCOUNTS, agencyCodes);
    if (account === null) throw new PartyError('refused-credentials', { party: PARTY, operation, code: 'no-account' });
    return account;
  }
}
