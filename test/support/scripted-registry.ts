import type { DossierStep } from '../../src/dossiers/dossier.js';
import type { DossierRegistryPort, DossierSubmission, SharedListPort, StatusReport, TechnicalIdPort } from '../../src/dossiers/dossier-registry-port.js';
import type { ItemisedAnswer, PartyAnswer } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import { PARTY } from './scripted-party.js';

const ACCEPTED: PartyAnswer = { kind: 'accepted' };
export const refusal = (code = '7', text = 'không hợp lệ'): PartyAnswer => ({ kind: 'rejected', code, text });
export const lost = (operation: string): PartyError => new PartyError('outcome-unknown', { party: PARTY, operation, code: 'timeout' });

/** A registry of dossiers outside the gateway, which a test scripts and which keeps what reached it, in order. */
export class ScriptedRegistry implements DossierRegistryPort, TechnicalIdPort, SharedListPort {
  readonly party = PARTY;
  readonly maxStepsPerBatch = 10;
  readonly arrived: string[] = [];
  readonly submissions: DossierSubmission[] = [];
  readonly reports: StatusReport[] = [];
  readonly held = new Set<string>();
  asked = 0;
  /** What becomes of the n-th submission (from 1): an answer, or an error that is thrown after the registry took it. */
  onUpsert: (submission: DossierSubmission, nth: number) => PartyAnswer | PartyError = () => ACCEPTED;
  /** Answer to each step; undefined: none is given for it. */
  onStep: (step: DossierStep) => PartyAnswer | undefined = () => ACCEPTED;
  technicalId: string | null = null;
  listsAway = false;

  upsertDossier(submission: DossierSubmission): Promise<PartyAnswer> {
    this.submissions.push(submission);
    const answer = this.onUpsert(submission, this.submissions.length);
    if (answer instanceof PartyError || answer.kind === 'accepted') {
      this.held.add(submission.content.code);
      this.arrived.push(`${submission.content.code} ${submission.content.status} ${submission.content.note ?? '-'}`);
    }
    return answer instanceof PartyError ? Promise.reject(answer) : Promise.resolve(answer);
  }

  appendSteps(steps: readonly DossierStep[]): Promise<ItemisedAnswer> {
    const items = new Map<string, PartyAnswer>();
    for (const step of steps) {
      const answer = this.onStep(step);
      if (answer !== undefined) items.set(step.id, answer);
      if (answer?.kind === 'accepted') this.arrived.push(`step ${step.content}`);
    }
    return Promise.resolve({ items });
  }

  findDossier(dossierCode: string): Promise<{ held: boolean }> {
    this.asked += 1;
    return Promise.resolve({ held: this.held.has(dossierCode) });
  }

  reportStatus(report: StatusReport): Promise<PartyAnswer> {
    this.reports.push(report);
    return Promise.resolve(ACCEPTED);
  }

  findTechnicalId(): Promise<string | null> {
    return Promise.resolve(this.technicalId);
  }

  listAgencies() {
    return this.listsAway
      ? Promise.reject(new PartyError('unavailable', { party: PARTY, operation: 'list-agencies', code: 'connection-refused' }))
      : Promise.resolve([{ code: 'H42', name: 'Tỉnh Ninh Bình', group: '1' }]);
  }

  listFields() {
    return Promise.resolve([{ code: 'G15-HT01', name: 'Hộ tịch', group: 'G15' }]);
  }
}
