/** What a bank's app reads from a VietQR code. Written by itself: the adapter must not be its own witness. */
export interface ScannedCode {
  readonly bin: string;
  readonly account: string;
  readonly amountVnd: number;
  readonly purpose: string;
}

const checksum = (text: string): string => {
  let register = 0xffff;
  for (const unit of Buffer.from(text)) {
    for (let mask = 0x80; mask > 0; mask >>= 1) {
      const carry = ((register & 0x8000) !== 0) !== ((unit & mask) !== 0);
      register = ((register << 1) & 0xffff) ^ (carry ? 0x1021 : 0);
    }
  }
  return register.toString(16).padStart(4, '0').toUpperCase();
};

/** The value of one tag at this level, or an empty text. */
const valueOf = (text: string, tag: string): string => {
  for (let rest = text; rest.length >= 4;) {
    const length = Number(rest.slice(2, 4));
    if (rest.startsWith(tag)) return rest.slice(4, 4 + length);
    rest = rest.slice(4 + length);
  }
  return '';
};

/** Null for a code that an app refuses: a wrong checksum, no NAPAS account, no amount. */
export const scanCode = (qr: string): ScannedCode | null => {
  const napas = valueOf(qr, '38');
  const beneficiary = valueOf(napas, '01');
  const amountVnd = Number(valueOf(qr, '54'));
  const code = { bin: valueOf(beneficiary, '00'), account: valueOf(beneficiary, '01'), amountVnd, purpose: valueOf(valueOf(qr, '62'), '08') };
  const isWhole = checksum(qr.slice(0, -4)) === qr.slice(-4) && valueOf(napas, '00') === 'A000000727' && valueOf(napas, '02') === 'QRIBFTTA';
  return isWhole && code.account !== '' && Number.isSafeInteger(amountVnd) && amountVnd > 0 ? code : null;
};
