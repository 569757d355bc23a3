import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { parseObject } from '../support/sandbox-request.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import type { CatalogueEntry, SandboxCatalogue } from './sandbox-catalogue.js';
import type { MischiefKind } from './sandbox-mischief.js';
import { FIELDS } from './sandbox-vocabulary.js';
import { portalItem, portalRecord } from './sandbox-wire-forms.js';
import { textOf } from './sandbox-wires.js';
import type { Incoming, SandboxCall, SandboxWire } from './sandbox-wires.js';

const BASE = '/api/v1/';
const OPERATIONS: Readonly<Record<string, string>> = {
  'submitting/formality/list-all-public-formality-by-citizen': 'list-procedures',
  'submitting/formality/list-all-formality-by-citizen': 'list-procedures',
  'configuring/formality/get-formality-by-citizen': 'read-procedure',
  'configuring/citizen/department/list-with-location': 'list-agencies',
};
/** The server refuses more (national-portal.md §5.3). */
const LARGEST_PAGE = 200;

const badRequest = (message: string): WireAnswer => jsonAnswer(400, { code: 'BAD_REQUEST', message });
const ok = (data: unknown): WireAnswer => jsonAnswer(201, { code: 'OK', data });

/** G3: the new portal's list with its cursor, and its detail. It knows public procedures only. */
export class SandboxG3 implements SandboxWire {
  readonly name = 'g3';
  readonly #catalogue: SandboxCatalogue;
  readonly #agencyCode: string;
  #firstCursor = '';

  constructor(catalogue: SandboxCatalogue, agencyCode: string) {
    this.#catalogue = catalogue;
    this.#agencyCode = agencyCode;
  }

  receive(request: SandboxHttpRequest): Incoming | null {
    if (!request.path.startsWith(BASE)) return null;
    const path = request.path.slice(BASE.length);
    const operation = Object.hasOwn(OPERATIONS, path) ? OPERATIONS[path] : undefined;
    if (operation === undefined || request.method !== 'POST') return { kind: 'answered', answer: jsonAnswer(404, { code: 'NOT_FOUND' }) };
    const fields = parseObject(request.body);
    if (fields === null) return { kind: 'answered', answer: badRequest('invalid JSON') };
    return { kind: 'call', wire: this, call: { operation, fields, entry: operation === 'read-procedure' ? this.#catalogue.byId(textOf(fields['id'])) : null } };
  }

  answer(call: SandboxCall, twist: MischiefKind | null): WireAnswer {
    if (call.operation === 'list-procedures') return this.#list(call.fields, twist);
    return call.operation === 'list-agencies' ? this.#departments(call.fields) : this.#detail(call, twist);
  }

  refusedSession(): WireAnswer {
    return jsonAnswer(403, { code: 'FORBIDDEN' });
  }

  refusal(message: string): WireAnswer {
    return jsonAnswer(200, { code: 'FAILED', message });
  }

  expire(): void {
    this.#firstCursor = '';
  }

  #list(fields: Readonly<Record<string, unknown>>, twist: MischiefKind | null): WireAnswer {
    const { limit = LARGEST_PAGE } = fields;
    if (typeof limit !== 'number' || limit < 1 || limit > LARGEST_PAGE) return badRequest('limit');
    const asked = textOf(fields['lastId']);
    const from = asked === '' ? -1 : (this.#catalogue.byId(asked)?.index ?? Number.MAX_SAFE_INTEGER);
    const page = twist === 'empty-list' ? [] : this.#publicAfter(from, limit);
    const last = page.at(-1)?.id ?? asked;
    if (asked === '') this.#firstCursor = last;
    const traps: Partial<Record<MischiefKind, string>> = { 'cursor-stuck': asked, 'cursor-back': this.#firstCursor };
    const lastId = (twist === null ? undefined : traps[twist]) ?? last;
    return ok({ items: page.map(portalItem), lastId, total: this.#catalogue.totals().public });
  }

  #publicAfter(index: number, limit: number): readonly CatalogueEntry[] {
    const page: CatalogueEntry[] = [];
    const entries = this.#catalogue.entries();
    for (let at = index + 1; at < entries.length && page.length < limit; at += 1) {
      const entry = entries[at];
      if (entry?.state === 'public') page.push(entry);
    }
    return page;
  }

  #detail({ entry }: SandboxCall, twist: MischiefKind | null): WireAnswer {
    if (entry === null || entry.state !== 'public' || twist === 'missing') return badRequest('formality not found');
    if (twist === 'bad-record') return ok({ ...portalRecord(entry, this.#agencyCode), name: null });
    const shown = twist === 'other-record' ? (this.#catalogue.entries()[entry.index + 1] ?? entry) : entry;
    return ok(portalRecord(shown, this.#agencyCode));
  }

  #departments(fields: Readonly<Record<string, unknown>>): WireAnswer {
    const ministries = [...new Map(FIELDS.map(({ ministry }) => [...ministry] as const))]
      .map(([code, name]) => ({ id: `dep-${code}`, code: code.split('.').at(-1) ?? code, name, level: 'MINISTRY', hasChild: true }));
    const asked = textOf(fields['lastId']);
    const from = asked === '' ? 0 : ministries.findIndex(({ id }) => id === asked) + 1;
    const rows = ministries.slice(from, from + (typeof fields['limit'] === 'number' ? fields['limit'] : LARGEST_PAGE));
    return ok({ rows, lastId: rows.at(-1)?.id ?? asked });
  }
}
