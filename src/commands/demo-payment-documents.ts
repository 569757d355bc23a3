/** What a made-up birth certificate costs. */
export const demoFees = (): readonly Readonly<Record<string, unknown>>[] => [{ key: 'LP-HOTICH', kind: 'CHARGE', name: 'Lệ phí hộ tịch', amountVnd: 8_000 }];

export const DECLARE_FEES = `mutation Declare($key: IdempotencyKey!, $code: ID!, $fees: [FeeInput!]!) {
  declareFees(idempotencyKey: $key, dossierCode: $code, fees: $fees) {
    __typename
    ... on FeesDeclared { fees { key amountVnd openPayment paidBy } }
    ... on PaymentActionRefused { code message { vi en } problems { field code } }
    ... on IdempotencyConflict { message { vi en } }
  }
}`;

export const OPEN_PAYMENT = `mutation Open($key: IdempotencyKey!, $code: ID!) {
  openPayment(idempotencyKey: $key, payment: { dossierCode: $code, payer: { name: "Nguyễn Thị Minh Hoạ" } }) {
    __typename
    ... on PaymentOpened { payment { reference gateway amountVnd state expiresAt payUrl } }
    ... on PaymentAlreadyOpen { references message { vi en } }
    ... on NoUsableAccount { message { vi en } }
    ... on NoGateway { message { vi en } }
    ... on PaymentActionRefused { code message { vi en } problems { field code } }
    ... on IdempotencyConflict { message { vi en } }
  }
}`;

export const MONEY = `query Money($reference: ID!) {
  payment(reference: $reference) { reference gateway amountVnd state stateLabel { vi en } payUrl gatewayTransaction paidAt }
  receipt(paymentReference: $reference) { state stateLabel { vi en } pattern serial number text pdfUrl }
}`;
