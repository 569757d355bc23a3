/** What an account is, without the gateway or the number. */
export type LedgerSide = 'CITIZEN' | 'TRANSIT' | 'AGENCY' | 'REFUND_DUE' | 'DISPUTED';

export const ACCOUNT_NAME = /^(CITIZEN|REFUND_DUE|(TRANSIT|DISPUTED)\/[a-z0-9-]+|AGENCY\/\d+)$/;

/** Of a name that `ACCOUNT_NAME` knows. */
export const sideOf = (account: string): LedgerSide => account.split('/')[0] as LedgerSide;

interface KindShape {
  readonly from: readonly LedgerSide[];
  readonly to: readonly LedgerSide[];
}

const ARRIVAL: readonly LedgerSide[] = ['TRANSIT', 'AGENCY'];

/** From where to where each kind of transaction goes. */
export const KIND_SHAPES: ReadonlyMap<string, KindShape> = new Map<string, KindShape>([
  ['PAID', { from: ['CITIZEN'], to: ARRIVAL }],
  ['SURPLUS', { from: ARRIVAL, to: ['REFUND_DUE'] }],
  ['SURPLUS_KEPT', { from: ['REFUND_DUE'], to: ARRIVAL }],
  ['DISPUTED', { from: ['CITIZEN', 'TRANSIT', 'AGENCY', 'REFUND_DUE'], to: ['DISPUTED'] }],
  ['DISPUTE_WON', { from: ['DISPUTED'], to: ARRIVAL }],
  ['DISPUTE_LOST', { from: ['DISPUTED'], to: ['CITIZEN'] }],
  ['REFUND_DECIDED', { from: ARRIVAL, to: ['REFUND_DUE'] }],
  ['REFUND_REFUSED', { from: ['REFUND_DUE'], to: ARRIVAL }],
  ['REFUNDED', { from: ['REFUND_DUE'], to: ['CITIZEN'] }],
  ['PAID_OUT', { from: ['TRANSIT'], to: ['AGENCY'] }],
]);
