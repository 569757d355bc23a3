import { createHmac } from 'node:crypto';
import type { Bell } from '../deliveries/bell-port.js';
import { UnavailableError } from '../errors/gateway-error.js';
import { fingerprintOf } from '../store/idempotency.js';
import type { IdempotencyClaim } from '../store/idempotency.js';
import { planAppend } from './append-plan.js';
import type { PlannedAppend } from './append-plan.js';
import { planUpsert } from './acceptance-plan.js';
import type { DossierStates, PlannedWrite, UpsertItem } from './acceptance-plan.js';
import type { ContentCodec } from './content-codec.js';
import type { AppendStepsAnswer, DossierItemAnswer, Refusal, ReportStatusAnswer, StepItemAnswer, UpsertDossiersAnswer } from './dossier-answers.js';
import type { AcceptResponse, DossierAcceptanceStore, ReportResponse, WriteEnvelope } from './dossier-acceptance-store.js';
import type { DossierRegistryPort } from './dossier-registry-port.js';
import type { DossierSettings } from './dossier-settings.js';
import { DELIVERY_MAX_AGE_MS } from './dossier-settings.js';
import type { ParseOutcome } from './parse-context.js';
import type { ParsedDossier } from './parse-dossier.js';
import type { ReportContent } from './parse-status-report.js';
import type { ParsedStep } from './parse-steps.js';
import { personIndexOf } from './person-index.js';
import { planReport } from './report-plan.js';

/** Who asks for a write, under which key, in which call. */
export interface WriteCommand {
  readonly client: string;
  readonly key: string;
  readonly correlationId: string;
  readonly traceparent: string | null;
  /** Whether a dossier of that agency exists for this caller. */
  readonly sees: (agencyCode: string) => boolean;
  /** The input as it came, for the fingerprint. */
  readonly input: unknown;
}

export interface AcceptanceDeps {
  readonly store: DossierAcceptanceStore;
  readonly codec: ContentCodec;
  readonly registry: Pick<DossierRegistryPort, 'party' | 'maxStepsPerBatch'>;
  readonly bell: Bell;
  readonly settings: DossierSettings;
}

/** Each try sees all that was committed before it; losing this often in a row means that something is writing in a loop. */
const MAX_TRIES = 25;
const REPORT = 'reportNationalDossierStatus';
/** Matches no stored revision: the first call only asks for the state. */
const ASK_REVISION = -1;

/**
 * Judges what was parsed against what is stored, and writes content, deliveries and the answer in one statement. Optimistic: it
 * judges against what it believes is stored, and the statement writes nothing when that is out of date.
 */
export class DossierAcceptance {
  readonly #deps: AcceptanceDeps;

  constructor(deps: AcceptanceDeps) {
    this.#deps = deps;
  }

  async upsertDossiers(command: WriteCommand, outcomes: readonly ParseOutcome<ParsedDossier>[]): Promise<UpsertDossiersAnswer> {
    const items = outcomes.map((outcome): UpsertItem => ({ outcome, digest: outcome.ok ? this.#digest(outcome.parsed) : null }));
    const envelope = this.#envelope(command, 'upsertDossiers');
    const seal = this.#sealer();
    // A dossier is new more often than not: the first try says so, and costs no look-up when it is right.
    let states: DossierStates = new Map();
    for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
      const { answers, writes } = planUpsert(items, states, command.client);
      const written = await this.#accept(envelope, answers, writes.map(seal));
      if (written.outcome === 'changed') states = hidden(written.state, command);
      else if (isOther(envelope, written)) return { kind: 'conflict', key: command.key };
      else return { kind: 'answered', items: withIds(written.response), keyExpiresAt: written.expiresAt };
    }
    throw new UnavailableError();
  }

  async appendSteps(command: WriteCommand, dossierCode: string, outcomes: readonly ParseOutcome<ParsedStep>[]): Promise<AppendStepsAnswer> {
    const envelope = this.#envelope(command, 'appendSteps');
    const seal = this.#sealer();
    let plan: PlannedAppend = { answers: [], write: { code: dossierCode, expected: ASK_REVISION, steps: [] } };
    for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
      const row = plan.write !== null && 'version' in plan.write ? seal(plan.write) : plan.write;
      const written = await this.#accept(envelope, plan.answers, row === null ? [] : [row]);
      if (written.outcome === 'changed') {
        const state = written.state.get(dossierCode);
        if (state === undefined || state.client !== command.client || !command.sees(state.agencyCode)) return { kind: 'not-found', dossierCode };
        plan = planAppend(outcomes, state);
      } else if (isOther(envelope, written)) return { kind: 'conflict', key: command.key };
      else return { kind: 'answered', ...stepsWithIds(written.response), keyExpiresAt: written.expiresAt };
    }
    throw new UnavailableError();
  }

  async reportStatus(command: WriteCommand, report: ReportContent): Promise<ReportStatusAnswer> {
    const envelope = this.#envelope(command, REPORT);
    const item = { dossierCode: report.dossierCode, nationalCode: report.nationalCode, status: report.status, processedAt: report.processedAt, content: this.#deps.codec.sealReport(report) };
    let expected = '0';
    for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
      const written = await this.#deps.store.acceptReport<readonly Refusal[] | null>(envelope, { expected, answer: null, item });
      if (written.outcome === 'changed') {
        const refusal = planReport(report, written.state, command.client);
        if (refusal !== null) return this.refuseReport(command, refusal);
        expected = written.state.id;
      } else if (isOther(envelope, written)) return { kind: 'conflict', key: command.key };
      else {
        if (written.outcome === 'stored') this.#deps.bell.ring(envelope.party);
        return reportAnswerOf(written.response, written.expiresAt);
      }
    }
    throw new UnavailableError();
  }

  /** Keeps a refusal as the answer under its key, as every answer is kept; gives what was answered before where there is such an answer. */
  async refuseReport(command: WriteCommand, refusal: Refusal): Promise<ReportStatusAnswer> {
    const envelope = this.#envelope(command, REPORT);
    const written = await this.#accept(envelope, [refusal], []);
    if (written.outcome === 'changed' || isOther(envelope, written)) return { kind: 'conflict', key: command.key };
    return reportAnswerOf(written.response, written.expiresAt);
  }

  /** Without items only the answer is kept, and with it the record that the call was made. */
  async #accept<Answer>(envelope: WriteEnvelope, answer: Answer, items: readonly object[]) {
    const body = { stepsPerDelivery: this.#deps.registry.maxStepsPerBatch, answer, items };
    const written = await this.#deps.store.acceptDossiers(envelope, body);
    if (written.outcome === 'stored' && items.length > 0) this.#deps.bell.ring(envelope.party);
    return written;
  }

  #envelope(command: WriteCommand, operation: string): WriteEnvelope {
    const { settings, registry, codec } = this.#deps;
    return {
      client: command.client, key: command.key, operation,
      fingerprint: fingerprintOf(settings.fingerprintKey, operation, command.input),
      keepMs: settings.idempotencyKeepMs, party: registry.party, maxAgeMs: DELIVERY_MAX_AGE_MS,
      correlationId: command.correlationId, traceparent: command.traceparent, keyId: codec.keyId,
    };
  }

  /** Parsing builds content in a fixed field order, so its JSON is canonical. */
  #digest({ content }: ParsedDossier): string {
    return createHmac('sha256', this.#deps.settings.fingerprintKey).update(JSON.stringify(content)).digest('hex');
  }

  /** Rows for the statement. Sealing costs more than the rest of a write, so a second try uses what the first one sealed. */
  #sealer(): (write: PlannedWrite) => object {
    const sealed = new Map<object, unknown>();
    const once = <Value>(of: object, make: () => Value): Value => {
      if (!sealed.has(of)) sealed.set(of, make());
      return sealed.get(of) as Value;
    };
    const { codec, settings } = this.#deps;
    return ({ steps, content, ...write }) => ({
      code: write.code, expected: write.expected, flags: write.flags, lastStepStatus: write.lastStepStatus, lastStepAt: write.lastStepAt,
      ...(content === null ? {} : {
        version: write.version, digest: write.digest, status: content.status, agencyCode: content.agencyCode, procedureCode: content.procedureCode,
        content: once(content, () => codec.sealDossier(content)), persons: [personIndexOf(settings.fingerprintKey, content.owner.idNumber)],
      }),
      steps: steps.map((parsed) => once(parsed, () => {
        const { dossierCode, status, processedAt, ...rest } = parsed.step;
        return { status, processedAt, content: codec.sealStep(dossierCode, rest) };
      })),
    });
  }
}

/** A dossier that the caller sent and that has since gone to an agency outside its scope is another's. */
const hidden = (states: DossierStates, { sees }: WriteCommand): DossierStates =>
  new Map([...states].map(([code, state]) => [code, sees(state.agencyCode) ? state : { ...state, client: '' }]));

const isOther = (claim: IdempotencyClaim, written: { readonly outcome: string; readonly operation?: string; readonly fingerprint?: string }): boolean =>
  written.outcome === 'known' && (written.operation !== claim.operation || written.fingerprint !== claim.fingerprint);

/** A report that was refused left its refusal, one that was taken left its ids. */
const reportAnswerOf = (response: AcceptResponse<readonly Refusal[]> | ReportResponse<readonly Refusal[] | null>, keyExpiresAt: Date): ReportStatusAnswer => {
  const [refusal] = response.answer ?? [];
  if (refusal !== undefined) return refusal;
  const { reportId, deliveryId } = response as ReportResponse<null>;
  return { kind: 'report-accepted', reportId, deliveryId, keyExpiresAt };
};

const withIds = ({ answer, stored }: AcceptResponse<readonly DossierItemAnswer[]>): readonly DossierItemAnswer[] => {
  const byCode = new Map(stored.map((item) => [item.code, item]));
  return answer.map((item) => {
    const ids = item.kind === 'accepted' ? byCode.get(item.dossierCode) : undefined;
    return ids === undefined ? item : { ...item, stepIds: ids.stepIds.map(String), deliveryIds: ids.deliveryIds.map(String) } as DossierItemAnswer;
  });
};

const stepsWithIds = ({ answer, stored }: AcceptResponse<readonly (StepItemAnswer | Refusal)[]>) => {
  const [{ stepIds, deliveryIds } = { stepIds: [], deliveryIds: [] }] = stored;
  let next = 0;
  const items = answer.map((item) => (item.kind === 'step-accepted' ? { ...item, stepId: String(stepIds[next++]) } : item));
  return { items, deliveryIds: deliveryIds.map(String) };
};
