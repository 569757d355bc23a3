import type { FieldCipher } from '../store/field-cipher.js';
import type { DossierContent, Supplement } from './dossier.js';
import type { ReportContent } from './parse-status-report.js';
import { mapPersonalFields, mapPersonalReportFields, mapPersonalStepFields } from './personal-fields.js';
import type { StepContent, TextTransform } from './personal-fields.js';

/** Content as the database gives it back: instants are ISO texts. */
export type Stored<Content> = {
  readonly [Field in keyof Content]: Content[Field] extends Date ? string
    : Content[Field] extends Date | null ? string | null
      : Content[Field] extends readonly (infer Member)[] ? readonly Stored<Member>[]
        : Content[Field];
};

const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

const reviveSupplement = (stored: Stored<Supplement>): Supplement => ({
  ...stored,
  requestedAt: new Date(stored.requestedAt),
  receivedAt: instant(stored.receivedAt),
  previousDueAt: instant(stored.previousDueAt),
  newDueAt: instant(stored.newDueAt),
});

/** Stored content with its instants, its personal fields still sealed. */
export const reviveDossier = (stored: Stored<DossierContent>): DossierContent => ({
  ...stored,
  submittedAt: new Date(stored.submittedAt),
  receivedAt: new Date(stored.receivedAt),
  dueAt: instant(stored.dueAt),
  returnedAt: instant(stored.returnedAt),
  finishedAt: instant(stored.finishedAt),
  refusedAt: instant(stored.refusedAt),
  consultedDatabases: stored.consultedDatabases.map(({ code, consultedAt }) => ({ code, consultedAt: new Date(consultedAt) })),
  supplements: stored.supplements.map(reviveSupplement),
});

export const reviveStep = (stored: Stored<StepContent>): StepContent =>
  ({ ...stored, startedAt: instant(stored.startedAt), dueAt: instant(stored.dueAt) });

export const reviveReport = (stored: Stored<ReportContent>): ReportContent => ({ ...stored, processedAt: new Date(stored.processedAt) });

/** Seals and opens the personal fields of one dossier; a token is bound to the dossier's code and its field. */
export class ContentCodec {
  readonly #cipher: FieldCipher;

  constructor(cipher: FieldCipher) {
    this.#cipher = cipher;
  }

  get keyId(): string {
    return this.#cipher.currentKeyId;
  }

  sealDossier(content: DossierContent): string {
    return JSON.stringify(mapPersonalFields(content, this.#sealing(content.code)));
  }

  sealStep(dossierCode: string, step: StepContent): string {
    return JSON.stringify(mapPersonalStepFields(step, this.#sealing(dossierCode)));
  }

  sealReport(report: ReportContent): string {
    return JSON.stringify(mapPersonalReportFields(report, this.#sealing(report.dossierCode)));
  }

  /** Each of the three throws `SealedFieldError` when a field cannot be opened. */
  openDossier(content: DossierContent): DossierContent {
    return mapPersonalFields(content, this.opening(content.code));
  }

  openStep(dossierCode: string, step: StepContent): StepContent {
    return mapPersonalStepFields(step, this.opening(dossierCode));
  }

  openReport(report: ReportContent): ReportContent {
    return mapPersonalReportFields(report, this.opening(report.dossierCode));
  }

  /** Opens one field by its path. */
  opening(dossierCode: string): TextTransform {
    return (token, path) => this.#cipher.open(token, `${dossierCode}\n${path}`);
  }

  #sealing(dossierCode: string): TextTransform {
    return (text, path) => this.#cipher.seal(text, `${dossierCode}\n${path}`);
  }
}
