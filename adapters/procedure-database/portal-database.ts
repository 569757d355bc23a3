import type { z } from 'zod';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { CodedName } from '../../src/procedures/procedure.js';
import type { ProcedureDatabasePort, ProcedurePage } from '../../src/procedures/procedure-database-port.js';
import { CursorTrail } from './cursor-trail.js';
import type { G3Client, G3Question } from './g3-client.js';
import { codedNames } from './mapping.js';
import { toG3Procedure, toListed } from './mapping-g3.js';
import { Quirks } from './mapping-values.js';
import { G3_PATHS, PARTY } from './operations.js';
import type { ProcedureOperation } from './operations.js';
import { g3Categories, g3Departments, g3List, g3Record } from './wire-g3.js';

/** More pages than any list has: 10,000 procedures are 50, and a list of agencies is shorter. */
const MOST_PAGES = 500;

const badReply = (operation: ProcedureOperation, code: string): PartyError => new PartyError('bad-reply', { party: PARTY, operation, code });

/** What a page of any list tells: its items and where it ended. */
interface Walked<Item> {
  readonly items: readonly Item[];
  readonly lastId: string | null;
}

/** The procedure database over the new portal's list, with its `lastId` cursor, and its detail. */
export class PortalDatabase implements ProcedureDatabasePort {
  readonly party = PARTY;
  readonly #client: G3Client;
  readonly #pageSize: number;
  readonly #trail = new CursorTrail();

  constructor(client: G3Client, pageSize: number) {
    this.#client = client;
    this.#pageSize = pageSize;
  }

  async listProcedures(cursor: string | null, call: PartyCall): Promise<ProcedurePage> {
    this.#trail.ask(cursor);
    const { items, lastId, total } = await this.#read(this.#listQuestion('list-procedures', cursor), g3List, call);
    const procedures = items.map(toListed).filter((listed) => listed !== null);
    // A catalogue is never empty: taken at its word, an empty first page would withdraw every procedure.
    if (cursor === null && procedures.length === 0) throw badReply('list-procedures', 'empty-catalogue');
    const step = items.length === 0 ? 'ends' : this.#trail.judge(cursor, lastId);
    if (step === 'jumps-back') throw badReply('list-procedures', 'cursor-jumped-back');
    return { procedures, nextCursor: step === 'moves' ? lastId : null, total: total ?? null };
  }

  async readProcedure(reference: string, call: PartyCall): Promise<Awaited<ReturnType<ProcedureDatabasePort['readProcedure']>>> {
    const question = { operation: 'read-procedure', path: G3_PATHS.detail, body: { id: reference }, mayBeUnknown: true } as const;
    const original = await this.#client.ask(question, call);
    if (original === null) return null;
    const parsed = g3Record.safeParse(original);
    if (!parsed.success) throw badReply('read-procedure', 'record-shape');
    if (parsed.data.id !== null && parsed.data.id !== reference) throw badReply('read-procedure', 'other-record');
    return { procedure: toG3Procedure(parsed.data), original };
  }

  /** Gathered from the listed procedures, since no list of fields is public on this wire. */
  async listFields(call: PartyCall): Promise<readonly CodedName[]> {
    const pages = await this.#walk(async (lastId) => {
      const data = await this.#client.ask(this.#listQuestion('list-fields', lastId), call);
      const [list, categories] = [g3List.safeParse(data), g3Categories.safeParse(data)];
      if (!list.success || !categories.success) throw badReply('list-fields', 'list-shape');
      return { items: categories.data.items.flatMap((item) => item.categories ?? []), lastId: list.data.items.length === 0 ? null : list.data.lastId };
    }, 'list-fields');
    const byName = new Map(codedNames(pages, new Quirks()).map((field) => [`${field.code ?? ''} ${field.name}`, field]));
    return [...byName.values()];
  }

  async listAgencies(call: PartyCall): Promise<readonly CodedName[]> {
    const rows = await this.#walk(async (lastId) => {
      const body = { direction: 'asc', order: 'name', agencyLevel: 'level_1', levels: ['MINISTRY', 'PROVINCE'], limit: this.#pageSize, ...(lastId === null ? {} : { lastId }) };
      const page = await this.#read({ operation: 'list-agencies', path: G3_PATHS.departments, body, mayBeUnknown: false }, g3Departments, call);
      return { items: page.rows, lastId: page.rows.length === 0 ? null : page.lastId };
    }, 'list-agencies');
    return codedNames(rows.map(({ code, name }) => ({ code, name })), new Quirks());
  }

  /** The wire has no service for decisions; their number stands in the record. */
  readDecision(): Promise<null> {
    return Promise.resolve(null);
  }

  #listQuestion(operation: ProcedureOperation, lastId: string | null): G3Question {
    return { operation, path: G3_PATHS.list, body: { limit: this.#pageSize, q: '', ...(lastId === null ? {} : { lastId }) }, mayBeUnknown: false };
  }

  async #read<Shape>(question: G3Question, shape: z.ZodType<Shape>, call: PartyCall): Promise<Shape> {
    const parsed = shape.safeParse(await this.#client.ask(question, call));
    if (!parsed.success) throw badReply(question.operation, 'list-shape');
    return parsed.data;
  }

  /** Every page of a short list, until its cursor stops. @throws PartyError where it goes round */
  async #walk<Item>(read: (lastId: string | null) => Promise<Walked<Item>>, operation: ProcedureOperation): Promise<readonly Item[]> {
    const trail = new CursorTrail();
    const all: Item[] = [];
    let cursor: string | null = null;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      trail.ask(cursor);
      const page: Walked<Item> = await read(cursor);
      all.push(...page.items);
      const step = trail.judge(cursor, page.lastId);
      if (step === 'ends') return all;
      if (step === 'jumps-back') break;
      cursor = page.lastId;
    }
    throw badReply(operation, 'cursor-jumped-back');
  }
}
