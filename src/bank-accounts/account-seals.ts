import type { FieldCipher } from '../store/field-cipher.js';
import type { BeneficiaryAccount } from '../payments/payment-gateway-port.js';
import type { SealedBankAccount } from './bank-account.js';

export type SealedField = 'number' | 'holder' | 'contact';

const contextOf = (id: string, field: SealedField): string => `bank-account/${id}/${field}`;
const noticeContextOf = (id: string): string => `bank-account-notice/${id}/to`;

/** Seals and opens what of an account must not be read by chance. Each field is bound to its row. */
export class AccountSeals {
  readonly #cipher: FieldCipher;

  constructor(cipher: FieldCipher) {
    this.#cipher = cipher;
  }

  get keyId(): string {
    return this.#cipher.currentKeyId;
  }

  seal(id: string, field: SealedField, text: string): string {
    return this.#cipher.seal(text, contextOf(id, field));
  }

  /** @throws SealedFieldError */
  open(id: string, field: SealedField, sealed: string): string {
    return this.#cipher.open(sealed, contextOf(id, field));
  }

  sealNotice(id: string, contact: string): string {
    return this.#cipher.seal(contact, noticeContextOf(id));
  }

  openNotice(id: string, sealed: string): string {
    return this.#cipher.open(sealed, noticeContextOf(id));
  }

  beneficiaryOf({ id, bankBin, bankCode, numberSealed, holderSealed }: Pick<SealedBankAccount, 'id' | 'bankBin' | 'bankCode' | 'numberSealed' | 'holderSealed'>): BeneficiaryAccount {
    return { bankBin, bankCode, number: this.open(id, 'number', numberSealed), holderName: this.open(id, 'holder', holderSealed) };
  }
}
