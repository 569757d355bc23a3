/** Text for citizens and officials, in both languages that they read. Holds no personal data. */
export interface BilingualText {
  readonly vi: string;
  readonly en: string;
}

/** One thing wrong with what a caller sent: which field, a stable code, and why. */
export interface InputProblem {
  /** Path from the input's root, such as `dossiers[0].owner.idNumber`. */
  readonly field: string;
  /** Stable upper-case code such as `PERSONAL_ID_SHAPE`. */
  readonly code: string;
  readonly message: BilingualText;
  /** Values that would be legal here, where there is a short list. */
  readonly allowed?: readonly string[];
}

export type GatewayErrorCode = 'BAD_USER_INPUT' | 'NOT_FOUND' | 'FORBIDDEN' | 'UNAUTHENTICATED' | 'CONFLICT' | 'UNAVAILABLE' | 'INTERNAL';

/** Base of what the gateway itself refuses; `code` is the one used in GraphQL, logs and console. */
export abstract class GatewayError extends Error {
  abstract readonly code: GatewayErrorCode;
  readonly text: BilingualText;

  constructor(text: BilingualText, options?: { cause?: unknown }) {
    super(text.en, options);
    this.name = new.target.name;
    this.text = text;
  }
}

export class UserInputError extends GatewayError {
  readonly code = 'BAD_USER_INPUT';
  readonly problems: readonly InputProblem[];
  constructor(problems: readonly InputProblem[]) {
    const fields = problems.map((problem) => problem.field).join(', ');
    super({ en: `Invalid input: ${fields}`, vi: `Dữ liệu không hợp lệ: ${fields}` });
    this.problems = problems;
  }
}

export class NotFoundError extends GatewayError {
  readonly code = 'NOT_FOUND';
  constructor(what: BilingualText = { en: 'Not found', vi: 'Không tìm thấy' }) {
    super(what);
  }
}

export class ForbiddenError extends GatewayError {
  readonly code = 'FORBIDDEN';
  constructor() {
    super({ en: 'This caller may not do that', vi: 'Tài khoản không có quyền thực hiện thao tác này' });
  }
}

export class UnauthenticatedError extends GatewayError {
  readonly code = 'UNAUTHENTICATED';
  constructor() {
    super({ en: 'A valid bearer key is required', vi: 'Cần khoá truy cập hợp lệ' });
  }
}

export class ConflictError extends GatewayError {
  readonly code = 'CONFLICT';
}

/** A dependency of ours (database, queue) does not answer; the caller may repeat with the same key. */
export class UnavailableError extends GatewayError {
  readonly code = 'UNAVAILABLE';
  constructor(options?: { cause?: unknown }) {
    super({ en: 'The gateway cannot store this now; send it again with the same key', vi: 'Hệ thống tạm thời chưa ghi nhận được; vui lòng gửi lại với cùng khoá' }, options);
  }
}

/** A defect of ours. Callers see a reference, never the cause. */
export class InternalError extends GatewayError {
  readonly code = 'INTERNAL';
  constructor(options?: { cause?: unknown }) {
    super({ en: 'Internal error', vi: 'Lỗi hệ thống' }, options);
  }
}
