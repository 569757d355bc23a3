/**
 * What mutation testing changes and which tests must notice. An area is a list of parts; a part runs its own tests only, which
 * say what its code is for.
 */
const payments = (...names) => names.map((name) => `src/payments/${name}.ts`);
const unit = (...names) => names.map((name) => `test/unit/${name}.test.ts`);
const deliveries = (...names) => names.map((name) => `src/deliveries/${name}.ts`);

export const AREAS = {
  signatures: [
    { mutate: ['adapters/vnpay/signature.ts'], tests: unit('vnpay/signature') },
    { mutate: ['adapters/vnpay/signed-query.ts'], tests: unit('vnpay/signed-query') },
    { mutate: ['adapters/vnpt-pay/signature.ts'], tests: unit('vnpt-pay/signature') },
    { mutate: ['adapters/payment-platform/signature.ts'], tests: unit('payment-platform/signature') },
    { mutate: ['adapters/bidv/checksum.ts'], tests: unit('bidv/door') },
    { mutate: ['adapters/vietqr/crc.ts', 'adapters/vietqr/tlv.ts'], tests: unit('vietqr/transfer-qr') },
    { mutate: ['adapters/support/callback-keys.ts'], tests: unit('callbacks/callback-keys') },
    { mutate: ['adapters/support/xml-signature.ts'], tests: unit('support/xml-signature') },
  ],
  'payment-rules': [
    { mutate: payments('payment-decision', 'refund'), tests: unit('payments/payment-verdicts', 'payments/payment-decision') },
    { mutate: payments('payment'), tests: unit('payments/payment-moves') },
    { mutate: payments('ledger'), tests: unit('payments/ledger', 'payments/payment-choice') },
    { mutate: payments('gateway-choice', 'payment-reference'), tests: unit('payments/payment-choice') },
    { mutate: payments('payment-input', 'payment-limits'), tests: unit('payments/payment-input', 'payments/payment-choice') },
    { mutate: payments('payment-content'), tests: unit('payments/payment-content') },
  ],
  reconciliation: [
    { mutate: payments('reconciliation-compare', 'reconciliation-day'), tests: unit('payments/reconciliation-compare') },
    { mutate: payments('statement-csv', 'statement-form'), tests: unit('payments/statement-csv') },
    { mutate: payments('ledger-check', 'ledger-check-rules'), tests: unit('payments/ledger-checker', 'payments/ledger-check') },
    { mutate: payments('ledger-check-payment'), tests: unit('payments/ledger-check-payment', 'payments/ledger-check') },
  ],
  'delivery-rules': [
    { mutate: deliveries('retry-policy'), tests: unit('deliveries/decision', 'deliveries/retry-policy') },
    { mutate: deliveries('delivery', 'delivery-input'), tests: unit('deliveries/delivery-moves', 'deliveries/delivery-input') },
  ],
};

/** @param name area and number of the part, such as `signatures.0` */
export const partOf = (name = '') => {
  const [area = '', index = ''] = name.split('.');
  const part = AREAS[area]?.[Number(index)];
  if (part === undefined) throw new Error('Run this as: npm run mutation -- <area>');
  return part;
};
