import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { recordOperatorAction } from '../deliveries/party-store.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { personsFact } from './heard-facts.js';
import { refusePost } from './postal-action.js';
import type { PostalCall } from './postal-action.js';
import type { ShipmentBook } from './shipment-book.js';
import type { ShipmentRow } from './shipment-rows.js';
import type { ShipmentStore } from './shipment-store.js';
import type { CorrectedState, FailureReason, ShipmentState } from './shipment.js';

/** What a person found out of a parcel. `failure` for FAILED only. */
export interface Correction {
  readonly state: CorrectedState;
  readonly failure: FailureReason | null;
}

export interface CorrectionDeps {
  readonly store: ShipmentStore;
  readonly book: ShipmentBook;
  readonly now: () => Date;
}

/** Nobody knows yet whether the carrier has it: its delivery finds out, or is repaired. */
const ORDER_OPEN: readonly ShipmentState[] = ['REQUESTED', 'UNKNOWN'];
const FAILURE_NEEDLESS = breach('FAILURE_NEEDLESS', 'Chỉ ghi lý do không thành công cho trạng thái không thành công', 'Only what failed has a reason for it');

/** On a locked parcel: the word is a fact like those of the carrier, behind all that were heard. */
export const correctShipment = async ({ store, book, now }: CorrectionDeps, call: PostalCall, { client, shipment, correction }: { readonly client: pg.PoolClient; readonly shipment: ShipmentRow; readonly correction: Correction }): Promise<void> => {
  const { id, orderNumber, carrier, dossierCode, state, failure } = shipment;
  const { state: means } = correction;
  if (correction.failure !== null && means !== 'FAILED') refusePost('INPUT', { problems: [problemAt('failure', FAILURE_NEEDLESS)] });
  const found = means === 'FAILED' ? correction.failure ?? 'OTHER' : null;
  if (ORDER_OPEN.includes(state) || (state === means && failure === found)) refusePost('STATE');
  // A carrier's clock may be ahead of ours.
  const at = new Date(Math.max(now().getTime(), (await store.lastFactAt(client, id))?.getTime() ?? 0) + 1);
  await book.record(client, carrier, [personsFact(orderNumber, { key: `corrected/${randomUUID()}`, at, means, failure: found })]);
  await recordOperatorAction(client, {
    actor: call.caller.client, role: call.caller.role, reason: call.reason, action: 'correct-shipment', target: `shipment/${orderNumber}`,
    detail: { dossier: dossierCode, from: state, to: means, failure: found },
  });
};
