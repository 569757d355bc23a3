import type { ItemisedAnswer, PartyAnswer, PartyCall } from '../../src/deliveries/party-call.js';
import type { DossierRegistryPort, DossierSubmission, SharedListPort, StatusReport, TechnicalIdPort } from '../../src/dossiers/dossier-registry-port.js';
import type { DossierContent, DossierStep } from '../../src/dossiers/dossier.js';
import type { FieldLimits } from '../../src/dossiers/field-limits.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import { redactText } from '../support/journal-redaction.js';
import type { PartyLogger } from '../support/party-logger.js';
import { probed } from '../support/party-probe.js';
import type { NationalPortalSettings } from './config.js';
import { G1Client } from './g1-client.js';
import { G2Client } from './g2-client.js';
import { toDossierItem, toStatusItem, toStepItem } from './mapping.js';
import { PARTY } from './operations.js';
import { portalLookups } from './portal-lookups.js';
import type { PortalAnswer, PortalClient, PortalRequest } from './portal-client.js';
import { readItemAnswers } from './step-answers.js';
import { WIRE_LIMITS } from './wire-limits.js';

const ACCEPTED: PartyAnswer = { kind: 'accepted' };

const personalOf = ({ owner, supplements }: DossierContent): readonly string[] => {
  const values = [owner.name, owner.idNumber, owner.technicalId, owner.phone, owner.email, owner.fax, owner.otherInfo];
  for (const supplement of supplements) values.push(supplement.requestedBy, supplement.receivedBy);
  return values.filter((value) => value !== null);
};

const toPartyAnswer = ({ judgement, reply }: PortalAnswer, personal: readonly string[]): PartyAnswer =>
  judgement === 'success' ? ACCEPTED : { kind: 'rejected', code: reply.code ?? 'text', text: redactText(reply.text, personal) };

/** The dossier registry of the national portal, over either wire generation. */
class NationalPortalRegistry implements DossierRegistryPort {
  readonly party = PARTY;
  readonly maxStepsPerBatch: number;
  readonly #client: PortalClient;

  constructor(client: PortalClient, maxStepsPerBatch: number) {
    this.#client = client;
    this.maxStepsPerBatch = maxStepsPerBatch;
  }

  async upsertDossier(submission: DossierSubmission, call: PartyCall): Promise<PartyAnswer> {
    const personal = personalOf(submission.content);
    const content = { fields: {}, data: [toDossierItem(submission)], personal };
    const first = submission.knownToRegistry ? 'update' : 'insert';
    const answer = await this.#client.ask({ ...content, service: first }, call);
    // "exists" on an insert and "does not exist" on an update both mean: the other one, once.
    if (answer.judgement !== 'exists' && answer.judgement !== 'missing') return toPartyAnswer(answer, personal);
    const second = await this.#client.ask({ ...content, service: first === 'insert' ? 'update' : 'insert' }, call);
    if (second.judgement === 'exists' || second.judgement === 'missing') {
      throw new PartyError('bad-reply', { party: PARTY, operation: 'upsert-dossier', code: 'exists-and-does-not' });
    }
    return toPartyAnswer(second, personal);
  }

  async appendSteps(steps: readonly DossierStep[], call: PartyCall): Promise<ItemisedAnswer> {
    if (steps.length > this.maxStepsPerBatch) throw new RangeError(`at most ${this.maxStepsPerBatch} steps a call`);
    if (steps.length === 0) return { items: new Map() };
    const answer = await this.#client.ask(stepRequest(steps), call);
    const single = toPartyAnswer(answer, personalOfSteps(steps));
    const perItem = readItemAnswers(steps, answer.reply.rows ?? [], single);
    if (perItem !== null) return { items: perItem };
    if (single.kind === 'accepted' || steps.length === 1) return { items: new Map(steps.map((step) => [step.id, single])) };
    return this.#oneByOne(steps, call);
  }

  /** A plain "no" to several steps names none: each is sent alone, in order, so that a bad one harms no other. */
  async #oneByOne(steps: readonly DossierStep[], call: PartyCall): Promise<ItemisedAnswer> {
    const items = new Map<string, PartyAnswer>();
    for (const step of steps) {
      try {
        const answer = await this.#client.ask(stepRequest([step]), call);
        items.set(step.id, toPartyAnswer(answer, personalOfSteps([step])));
      } catch (error) {
        // What was answered is kept; this step and the later ones got no answer. The next send meets the same error alone.
        if (items.size === 0) throw error;
        break;
      }
    }
    return { items };
  }

  async findDossier(dossierCode: string, call: PartyCall): Promise<{ readonly held: boolean }> {
    const answer = await this.#client.ask({ service: 'find', fields: { mahoso: dossierCode }, data: null, personal: [] }, call);
    if (answer.judgement === 'missing') return { held: false };
    if (answer.judgement !== 'success') {
      throw new PartyError('bad-request', { party: PARTY, operation: 'find-dossier', code: 'question-refused' });
    }
    if (answer.reply.rows === null) throw new PartyError('bad-reply', { party: PARTY, operation: 'find-dossier', code: 'no-result-list' });
    return { held: answer.reply.rows.length > 0 };
  }

  async reportStatus(report: StatusReport, call: PartyCall): Promise<PartyAnswer> {
    const personal = report.ownerTechnicalId === null ? [] : [report.ownerTechnicalId];
    const answer = await this.#client.ask({ service: 'status', fields: { type: '2', data: toStatusItem(report) }, data: null, personal }, call);
    return toPartyAnswer(answer, personal);
  }
}

const personalOfSteps = (steps: readonly DossierStep[]): readonly string[] => steps.map((step) => step.officialName);

const stepRequest = (steps: readonly DossierStep[]): PortalRequest =>
  ({ service: 'progress', fields: {}, data: steps.map(toStepItem), personal: personalOfSteps(steps) });

export interface NationalPortalParts {
  readonly circuits: CircuitBoard;
  readonly logger: PartyLogger;
}

/** What the composition root gets of this party. */
export interface NationalPortal {
  readonly registry: DossierRegistryPort;
  readonly technicalIds: TechnicalIdPort;
  readonly sharedLists: SharedListPort;
  readonly fieldLimits: FieldLimits;
  /** Really logs in. Never rejects; `detail` is one line for an operator, without secrets. */
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

/** Joins settings to a working adapter. Nothing is sent before the first call. */
export const createNationalPortal = (settings: NationalPortalSettings, parts: NationalPortalParts): NationalPortal => {
  const wire = settings.NATIONAL_PORTAL_WIRE;
  const client = wire === 'g1' ? new G1Client(settings, parts.circuits) : new G2Client(settings, parts.circuits);
  parts.logger.info({ party: PARTY, wire }, 'party ready');
  return {
    registry: new NationalPortalRegistry(client, settings.NATIONAL_PORTAL_STEPS_PER_BATCH),
    ...portalLookups(client),
    fieldLimits: WIRE_LIMITS,
    probe: () => probed(async (call) => {
      await client.probe(call);
      return `logged in over ${wire}`;
    }),
    close: () => client.close(),
  };
};
