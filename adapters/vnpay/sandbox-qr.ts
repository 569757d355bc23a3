import type { SandboxOrder } from './sandbox-ledger.js';

const field = (id: string, value: string): string => `${id}${String(value.length).padStart(2, '0')}${value}`;

/** CRC-16/CCITT-FALSE, as EMVCo's payload ends with it. */
const crc = (text: string): string => {
  let sum = 0xffff;
  for (const byte of Buffer.from(text, 'ascii')) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) sum = ((sum & 0x8000) === 0 ? sum << 1 : (sum << 1) ^ 0x1021) & 0xffff;
  }
  return sum.toString(16).toUpperCase().padStart(4, '0');
};

/** A payload in the form of VNPAY-QR: what a banking app reads of this order. */
export const qrContentOf = ({ tmnCode, ref, amount }: SandboxOrder): string => {
  const merchant = field('26', field('00', 'A000000775') + field('01', tmnCode));
  const payload = `${field('00', '01')}${field('01', '12')}${merchant}${field('53', '704')}${field('54', String(amount / 100))}${field('58', 'VN')}${field('62', field('01', ref))}6304`;
  return payload + crc(payload);
};
