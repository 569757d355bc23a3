import type { DeliveryOperation, SendResult, Settled, Unsendable } from '../deliveries/delivery-operation.js';
import type { LeasedDelivery } from '../deliveries/delivery.js';
import type { PartyAnswer, PartyCall } from '../deliveries/party-call.js';
import { reviveStep } from './content-codec.js';
import type { ContentCodec } from './content-codec.js';
import type { DossierStep } from './dossier.js';
import type { LoadedStep, StepOutcome } from './dossier-delivery-store.js';
import { DELIVERY_MAX_AGE_MS } from './dossier-settings.js';
import { openOr } from './upsert-operation.js';
import type { DossierDeliveryDeps } from './upsert-operation.js';

export interface StepsContent {
  /** Steps without a final answer; the others are never sent again. */
  readonly pending: readonly DossierStep[];
  /** Steps of the batch that an earlier send got refused. */
  readonly refused: number;
}

const openStep = (row: LoadedStep, codec: ContentCodec): DossierStep => ({
  id: row.id, dossierCode: row.dossier_code, status: row.status, processedAt: row.processed_at,
  ...codec.openStep(row.dossier_code, reviveStep(row.content)),
});

const openBatch = (rows: readonly LoadedStep[], codec: ContentCodec): StepsContent | Unsendable => {
  // A registry refuses steps of a dossier that it does not hold; they wait for the dossier's correction.
  if (!rows.some((row) => row.known)) return { unsendable: 'prerequisite-missing', broughtBy: 'upsert-dossier' };
  return openOr(() => ({
    pending: rows.filter((row) => row.national_state === 'PENDING').map((row) => openStep(row, codec)),
    refused: rows.filter((row) => row.national_state === 'REJECTED').length,
  }));
};

/** The delivery is finished when each step has its answer, and accepted only when none was refused. */
export const batchResult = ({ pending, refused }: StepsContent, items: ReadonlyMap<string, PartyAnswer>): SendResult => {
  const answers = pending.map((step) => items.get(step.id));
  if (answers.some((answer) => answer === undefined)) return { kind: 'partial', items };
  const first = answers.find((answer) => answer?.kind === 'rejected');
  if (first?.kind === 'rejected') return { kind: 'rejected', code: first.code, text: first.text, items };
  if (refused === 0) return { kind: 'accepted', items };
  return { kind: 'rejected', code: 'STEPS_REFUSED', text: `${String(refused)} steps were refused by an earlier send`, items };
};

const send = async (content: StepsContent, call: PartyCall, deps: DossierDeliveryDeps): Promise<SendResult> => {
  if (content.pending.length === 0) return batchResult(content, new Map());
  const { items } = await deps.registry.appendSteps(content.pending, call);
  return batchResult(content, items);
};

const stepOutcomes = ({ delivery, items }: Settled): readonly StepOutcome[] =>
  [...items].map(([stepId, answer]) => ({
    dossierCode: delivery.subjectKey, stepId,
    state: answer.kind === 'accepted' ? 'ACKNOWLEDGED' : 'REJECTED',
    reason: answer.kind === 'rejected' ? answer.code : null,
    text: answer.kind === 'rejected' ? answer.text : null,
  }));

const byBatch = (rows: readonly LoadedStep[]): ReadonlyMap<string, readonly LoadedStep[]> => {
  const batches = new Map<string, LoadedStep[]>();
  for (const row of rows) {
    const batch = batches.get(row.batch_id);
    if (batch === undefined) batches.set(row.batch_id, [row]);
    else batch.push(row);
  }
  return batches;
};

export const createStepsOperation = (deps: DossierDeliveryDeps): DeliveryOperation<StepsContent> => ({
  party: deps.registry.party,
  name: 'append-steps',
  effect: 'unsafe',
  whenUnknown: {
    act: 'repeat',
    afterMs: deps.askAfterMs,
    because: 'the wire has no step id and no question about steps; a step stored twice harms less than a lost one, which stops the dossier\'s clock',
  },
  maxAgeMs: DELIVERY_MAX_AGE_MS,
  async load(deliveries: readonly LeasedDelivery[]) {
    const rows = await deps.store.stepBatches(deliveries.map((each) => each.subjectKey), deliveries.map((each) => each.subjectId));
    const batches = byBatch(rows);
    return new Map(deliveries.flatMap((delivery) => {
      const batch = batches.get(delivery.subjectId);
      return batch === undefined ? [] : [[delivery.id, openBatch(batch, deps.codec)] as const];
    }));
  },
  send: (content, call) => send(content, call, deps),
  settled: (client, settled) =>
    deps.store.settleSteps(client, settled.flatMap(stepOutcomes), settled.filter((each) => each.items.size === 0)),
});
