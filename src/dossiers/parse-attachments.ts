import type { DossierDocument, DossierFee, DossierResult, OtherAttachment, Supplement } from './dossier.js';
import type { DocumentInput, FeeInput, OtherAttachmentInput, ResultInput, SupplementInput } from './dossier-input.js';
import type { FieldLimits } from './field-limits.js';
import type { InputReader } from './input-reader.js';
import { breach } from './rule-breach.js';

const MAX_QUANTITY = 10_000;

/** Readers of what hangs on a dossier; each takes the member and its path. */
export class AttachmentParser {
  readonly #reader: InputReader;
  readonly #limits: FieldLimits;

  constructor(reader: InputReader, limits: FieldLimits) {
    this.#reader = reader;
    this.#limits = limits;
  }

  document(input: DocumentInput, path: string): DossierDocument {
    return {
      id: this.#reader.text(`${path}.id`, input.id, { max: this.#limits.code }),
      name: this.#reader.text(`${path}.name`, input.name, { cutAt: this.#limits.documentName }),
      componentCode: this.#code(`${path}.componentCode`, input.componentCode),
      fileReference: this.#reader.fileReference(`${path}.fileReference`, input.fileReference),
      deleted: input.deleted,
      digitised: input.digitised,
      reuse: input.reuse,
      fromNationalStore: input.fromNationalStore,
      replacesResultCode: this.#code(`${path}.replacesResultCode`, input.replacesResultCode),
    };
  }

  fee(input: FeeInput, path: string): DossierFee {
    return {
      name: this.#reader.text(`${path}.name`, input.name),
      code: this.#reader.text(`${path}.code`, input.code, { max: this.#limits.code }),
      amountVnd: this.#reader.amountVnd(`${path}.amountVnd`, input.amountVnd),
      collectionCode: this.#code(`${path}.collectionCode`, input.collectionCode),
      kindCode: this.#code(`${path}.kindCode`, input.kindCode),
    };
  }

  otherAttachment(input: OtherAttachmentInput, path: string): OtherAttachment {
    if (input.quantity < 0 || input.quantity > MAX_QUANTITY) {
      this.#reader.refuse(`${path}.quantity`, breach('QUANTITY', 'Số lượng không hợp lệ', `A quantity lies between 0 and ${String(MAX_QUANTITY)}`));
    }
    return {
      name: this.#reader.text(`${path}.name`, input.name, { cutAt: this.#limits.attachmentName }),
      quantity: input.quantity,
      kindCode: this.#reader.text(`${path}.kindCode`, input.kindCode, { max: this.#limits.code }),
    };
  }

  supplement(input: SupplementInput, path: string): Supplement {
    const reader = this.#reader;
    return {
      id: reader.text(`${path}.id`, input.id, { max: this.#limits.code }),
      requestedBy: reader.text(`${path}.requestedBy`, input.requestedBy),
      content: reader.text(`${path}.content`, input.content, { multiline: true }),
      requestedAt: reader.instant(`${path}.requestedAt`, input.requestedAt, 'past'),
      receivedBy: reader.optionalText(`${path}.receivedBy`, input.receivedBy),
      receivedInfo: reader.optionalText(`${path}.receivedInfo`, input.receivedInfo, { multiline: true }),
      receivedAt: reader.optionalInstant(`${path}.receivedAt`, input.receivedAt, 'past'),
      completed: input.completed,
      documents: reader.list(`${path}.documents`, input.documents, (member, at) => this.otherAttachment(member, at)),
      fees: reader.list(`${path}.fees`, input.fees, (member, at) => this.fee(member, at)),
      previousDueAt: reader.optionalInstant(`${path}.previousDueAt`, input.previousDueAt, 'any'),
      newDueAt: reader.optionalInstant(`${path}.newDueAt`, input.newDueAt, 'any'),
    };
  }

  result(input: ResultInput, path: string): DossierResult {
    const reference = input.fileReference ?? null;
    return {
      id: this.#reader.text(`${path}.id`, input.id, { max: this.#limits.code }),
      name: this.#reader.text(`${path}.name`, input.name, { cutAt: this.#limits.attachmentName }),
      componentCode: this.#code(`${path}.componentCode`, input.componentCode),
      fileReference: reference === null ? null : this.#reader.fileReference(`${path}.fileReference`, reference),
      resultCode: this.#code(`${path}.resultCode`, input.resultCode),
    };
  }

  #code(path: string, value: string | null | undefined): string | null {
    return this.#reader.optionalText(path, value, { max: this.#limits.code });
  }
}
