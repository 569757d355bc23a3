import type { HeldReceipt, ReceiptLedger } from './sandbox-ledger.js';
import { readAdjustment, readInvoices } from './sandbox-rules.js';
import type { SentReceipt } from './sandbox-rules.js';

/** One tenant's log-ins, and the form and series that it may issue. */
export interface SandboxLogin {
  readonly account: string;
  readonly accountPassword: string;
  readonly username: string;
  readonly password: string;
  readonly pattern: string;
  readonly serial: string;
}

type Args = Readonly<Record<string, unknown>>;

const textIn = (args: Args, name: string): string => {
  const value = args[name];
  return typeof value === 'string' ? value.trim() : '';
};

/** Enough of a PDF for a reader to open: one empty page, the key in a comment. */
const pdfOf = ({ key }: HeldReceipt): string => Buffer.from([
  '%PDF-1.4', `% ${key}`, '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj', '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]>>endobj', 'trailer<</Root 1 0 R>>', '%%EOF', '',
].join('\n')).toString('base64');

const pageOf = ({ pattern, serial, number, state }: HeldReceipt): string =>
  `<html><body><h1>BIÊN LAI THU PHÍ, LỆ PHÍ</h1><p>Mẫu số: <b>${pattern}</b></p><p>Ký hiệu: <b>${serial}</b></p><p>Số (No.): <b>${number}</b></p>${state === 'cancelled' ? '<p>ĐÃ HUỶ</p>' : ''}</body></html>`;

/** The office behind the services: judges log-ins, XML and keys, and keeps the ledger. */
export class ReceiptOffice {
  readonly defects: string[] = [];
  readonly #ledger: ReceiptLedger;
  readonly #logins: readonly SandboxLogin[];
  readonly #methods: Readonly<Record<string, (args: Args) => string>>;

  constructor(ledger: ReceiptLedger, logins: readonly SandboxLogin[]) {
    this.#ledger = ledger;
    this.#logins = logins;
    this.#methods = {
      ImportAndPublishInv: (args) => this.#publish(args), AdjustInv: (args) => this.#adjust(args), UnConfirmPaymentFkey: (args) => this.#unconfirm(args),
      cancelInv: (args) => this.#cancel(args), getInvViewFkey: (args) => this.#show(args, pageOf), downloadInvPDFFkeyNoPay: (args) => this.#show(args, pdfOf),
    };
  }

  /** Result text of a method. */
  answer(method: string, args: unknown): string {
    return this.#methods[method]?.(typeof args === 'object' && args !== null ? (args as Args) : {}) ?? 'ERR:5';
  }

  #publish(args: Args): string {
    const login = this.#staff(args, textIn(args, 'password'));
    if (login === null) return 'ERR:1';
    const sent = readInvoices(textIn(args, 'xmlInvData'));
    return sent === null ? 'ERR:3' : this.#issue(args, login, { sent, adjusts: null });
  }

  #adjust(args: Args): string {
    const login = this.#staff(args, textIn(args, 'pass'));
    if (login === null) return 'ERR:1';
    const sent = readAdjustment(textIn(args, 'xmlInvData'));
    const original = this.#ledger.find(textIn(args, 'fkey'));
    if (sent === null || !/^[234]$/.test(sent.type)) return 'ERR:3';
    if (original === null) return 'ERR:2';
    if (original.state === 'cancelled') return 'ERR:8';
    return this.#issue(args, login, { sent, adjusts: original.key });
  }

  #issue(args: Args, { pattern, serial }: SandboxLogin, { sent, adjusts }: { readonly sent: SentReceipt; readonly adjusts: string | null }): string {
    if (textIn(args, 'pattern') !== pattern || textIn(args, 'serial') !== serial) return 'ERR:20';
    if (this.#ledger.find(sent.key) !== null) return 'ERR:13';
    const { key, totalVnd, dossierCode } = sent;
    const { number } = this.#ledger.issue({ key, pattern, serial, totalVnd, dossierCode, adjusts });
    return `OK:${pattern};${serial}-${key}_${Number(number)}`;
  }

  #unconfirm(args: Args): string {
    if (!this.#isService(args)) return 'ERR:1';
    const receipt = this.#ledger.find(textIn(args, 'lstFkey'));
    if (receipt === null) return 'ERR:6';
    if (!receipt.isConfirmed) return 'ERR:13';
    this.#ledger.keep({ ...receipt, isConfirmed: false });
    return 'OK:';
  }

  #cancel(args: Args): string {
    if (this.#staff(args, textIn(args, 'userPass'), 'userName') === null) return 'ERR:1';
    const receipt = this.#ledger.find(textIn(args, 'fkey'));
    if (receipt === null) return 'ERR:2';
    if (receipt.state === 'cancelled' || this.#ledger.adjusted(receipt.key)) return 'ERR:8';
    if (receipt.isConfirmed) return 'ERR:9';
    this.#ledger.keep({ ...receipt, state: 'cancelled' });
    return 'OK:';
  }

  #show(args: Args, form: (receipt: HeldReceipt) => string): string {
    if (!this.#isService(args)) return 'ERR:1';
    const receipt = this.#ledger.find(textIn(args, 'fkey'));
    return receipt === null ? 'ERR:6' : form(receipt);
  }

  #staff(args: Args, password: string, usernameField = 'username'): SandboxLogin | null {
    return this.#logins.find((login) => login.account === textIn(args, 'Account') && login.accountPassword === textIn(args, 'ACpass')
      && login.username === textIn(args, usernameField) && login.password === password) ?? null;
  }

  #isService(args: Args): boolean {
    return this.#logins.some(({ username, password }) => username === textIn(args, 'userName') && password === textIn(args, 'userPass'));
  }
}
