import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ListedProcedure, ProcedureDatabasePort } from '../../src/procedures/procedure-database-port.js';
import type { NationalProcedure } from '../../src/procedures/procedure.js';
import { PartyError } from '../../src/errors/party-error.js';
import { warmed } from './hasty.js';
import { recordedCall } from './sample-dossier.js';

export interface ProcedureControl {
  misbehave(order: object): Promise<void>;
  post(path: string, body?: object): Promise<unknown>;
  /** Calls that arrived since the last reset, by operation. */
  counters(): Promise<Readonly<Record<string, number>>>;
  totals(): Promise<{ readonly public: number; readonly unpublished: number; readonly withdrawn: number }>;
}

export interface Contestant {
  readonly database: ProcedureDatabasePort;
  /** The same at the same sandbox with a deadline of `HASTY_MS`. */
  readonly hasty: ProcedureDatabasePort;
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  readonly control: ProcedureControl;
  close(): Promise<void>;
}

export interface ProcedureDatabaseContract {
  readonly name: string;
  /** Does the list show procedures that are no longer public? */
  readonly listsUnpublished: boolean;
  /** Does it come in pages with a cursor? */
  readonly hasPages: boolean;
  readonly hasSession: boolean;
  readonly hasDecisions: boolean;
  /** Starts adapter and sandbox of `procedures` procedures. */
  readonly start: (procedures: number) => Promise<Contestant>;
}

const failure = async (work: Promise<unknown>): Promise<{ readonly kind: string; readonly code: string }> => {
  const error: unknown = await work.then(() => null, (thrown: unknown) => thrown);
  if (!(error instanceof PartyError)) throw new Error(`expected a PartyError, got ${String(error)}`);
  return { kind: error.kind, code: error.code };
};

const LOST_ANSWERS: [string, object, { kind: string; code: string }][] = [
  ['no answer before the deadline', { kind: 'hang' }, { kind: 'unavailable', code: 'timeout' }],
  ['a slow answer beyond the deadline', { kind: 'slow', delayMs: 5_000 }, { kind: 'unavailable', code: 'timeout' }],
  ['a dripping answer', { kind: 'drip', delayMs: 100 }, { kind: 'unavailable', code: 'timeout' }],
  ['a reset', { kind: 'reset' }, { kind: 'unavailable', code: 'reset' }],
  ['a 503', { kind: '5xx', status: 503 }, { kind: 'unavailable', code: 'http-503' }],
  ['a firewall page with status 200', { kind: 'html' }, { kind: 'unavailable', code: 'html-reply' }],
  ['an empty answer', { kind: 'empty' }, { kind: 'bad-reply', code: 'empty-reply' }],
  ['half a document', { kind: 'truncated' }, { kind: 'bad-reply', code: 'json-invalid' }],
  ['429', { kind: '429', retryAfter: '7' }, { kind: 'rate-limited', code: 'fault-900802' }],
];

/** One conformance suite for every wire of ProcedureDatabasePort, against its sandbox. */
export const procedureDatabaseContract = (contract: ProcedureDatabaseContract): void => {
  describe(`ProcedureDatabasePort: ${contract.name}`, () => {
    let contestant: Contestant;
    const PROCEDURES = 500;
    beforeAll(async () => { contestant = await contract.start(PROCEDURES); });
    beforeEach(async () => { await contestant.control.post('reset'); });
    afterAll(async () => { await contestant.close(); });

    const page = (cursor: string | null = null, database = contestant.database) => database.listProcedures(cursor, recordedCall().call);
    const read = (reference: string, database = contestant.database) => database.readProcedure(reference, recordedCall().call);
    /** The hasty one where the failure will be a timeout, else the patient one. */
    const databaseFor = async (code: string): Promise<ProcedureDatabasePort> =>
      code === 'timeout' ? warmed(contestant.hasty, (hasty) => hasty.listFields(recordedCall().call)) : contestant.database;

    const listAll = async (): Promise<ListedProcedure[]> => {
      const all: ListedProcedure[] = [];
      let cursor: string | null = null;
      do {
        const next = await page(cursor);
        all.push(...next.procedures);
        cursor = next.nextCursor;
      } while (cursor !== null);
      return all;
    };

    const referenceOf = async (code: string): Promise<string> => {
      const found = (await page()).procedures.find((listed) => listed.code === code);
      if (found === undefined) throw new Error(`${code} is not listed`);
      return found.reference;
    };

    describe('the list', () => {
      it('names every procedure once, by its national code, with its name in NFC', async () => {
        const all = await listAll();
        const totals = await contestant.control.totals();
        expect(all).toHaveLength(totals.public + (contract.listsUnpublished ? totals.unpublished : 0));
        expect(new Set(all.map(({ reference }) => reference)).size).toBe(all.length);
        expect(all.filter(({ code, name }) => !/^\d\.\d{6}$/.test(code) || name === '' || name !== name.normalize('NFC'))).toEqual([]);
        expect(all).toContainEqual(expect.objectContaining({ code: '1.001193', name: 'Đăng ký khai sinh' }));
      });

      it('leaves out what was withdrawn, and shows it again when it returns', async () => {
        await contestant.control.post('withdraw', { code: '1.001193' });
        expect((await page()).procedures.some(({ code }) => code === '1.001193')).toBe(false);
        await contestant.control.post('restore', { code: '1.001193' });
        expect((await page()).procedures.some(({ code }) => code === '1.001193')).toBe(true);
      });

      it('never takes an empty answer for an empty catalogue', async () => {
        await contestant.control.misbehave({ kind: 'empty-list', operation: 'list-procedures' });
        expect(await failure(page())).toEqual({ kind: 'bad-reply', code: 'empty-catalogue' });
      });

      it('says how many there are in all', async () => {
        const { total } = await page();
        expect(total).toBe((await listAll()).length);
      });

      if (contract.hasPages) {
        it('goes on from a cursor that was given earlier', async () => {
          const first = await page();
          const again = await page(first.nextCursor);
          expect(first.procedures).toHaveLength(200);
          expect(await page(first.nextCursor)).toEqual(again);
          expect(again.procedures[0]?.reference).not.toBe(first.procedures[0]?.reference);
        });

        it('ends where the cursor does not move', async () => {
          const first = await page();
          await contestant.control.misbehave({ kind: 'cursor-stuck', operation: 'list-procedures' });
          expect((await page(first.nextCursor)).nextCursor).toBeNull();
        });

        it('refuses a cursor that jumps back, instead of going round or calling a part the whole', async () => {
          const first = await page();
          const second = await page(first.nextCursor);
          await contestant.control.misbehave({ kind: 'cursor-back', operation: 'list-procedures' });
          expect(await failure(page(second.nextCursor))).toEqual({ kind: 'bad-reply', code: 'cursor-jumped-back' });
          expect((await page(second.nextCursor)).procedures.length).toBeGreaterThan(0);
        });

        it('ends quietly when a page comes empty later on', async () => {
          const first = await page();
          await contestant.control.misbehave({ kind: 'empty-list', operation: 'list-procedures' });
          expect(await page(first.nextCursor)).toMatchObject({ procedures: [], nextCursor: null });
        });
      }

      it.each(LOST_ANSWERS)('takes %s for what it is', async (_what, order, expected) => {
        const database = await databaseFor(expected.code);
        await contestant.control.misbehave({ operation: 'list-procedures', ...order });
        expect(await failure(page(null, database))).toEqual(expected);
      });
    });

    describe('a record', () => {
      it('is read whole, with what it was read from', async () => {
        const found = await read(await referenceOf('1.001193'));
        expect(found?.procedure).toMatchObject({
          code: '1.001193', name: 'Đăng ký khai sinh', isPublic: true, fields: [{ code: 'G15-HT01', name: 'Hộ tịch' }],
        });
        expect(found?.procedure.steps[0]?.steps).toHaveLength(3);
        expect(found?.procedure.steps[0]?.steps[0]).toContain('<strong>Bước 1:</strong>');
        expect(found?.procedure.components[0]?.components.length).toBeGreaterThan(1);
        expect(JSON.stringify(found?.original)).toContain('Đăng ký khai sinh');
      });

      it('of any of the catalogue is understood, odd ones included', async () => {
        const listed = (await page()).procedures.slice(0, 150);
        const procedures: (NationalProcedure | undefined)[] = [];
        // A few at a time: on a busy machine 150 at once take long.
        for (let from = 0; from < listed.length; from += 10) {
          const found = await Promise.all(listed.slice(from, from + 10).map(({ reference }) => read(reference)));
          procedures.push(...found.map((one) => one?.procedure));
        }
        expect(procedures.map((procedure) => procedure?.code)).toEqual(listed.map(({ code }) => code));
        expect(procedures.map((procedure) => procedure?.name)).toEqual(listed.map(({ name }) => name));
        const quirks = new Set(procedures.flatMap((procedure) => procedure?.quirks ?? []));
        expect([...quirks].sort()).toEqual(expect.arrayContaining(['AMOUNT_UNREADABLE', 'FEES_NULL', 'LEGAL_BASES_NULL', 'METHODS_NULL']));
        const times = procedures.flatMap((procedure) => procedure?.methods.flatMap((method) => method.times) ?? []);
        expect(new Set(times.map(({ unit }) => unit))).toEqual(new Set(['WORKING_DAY', 'DAY', 'HOUR', 'MONTH']));
        const amounts = new Set(times.flatMap(({ fees }) => fees.map(({ amountVnd }) => amountVnd)));
        expect([...amounts]).toEqual(expect.arrayContaining([0, 200_000, 50_000, 1_500_000, null]));
      });

      it('that vanished between list and detail is null', async () => {
        const reference = await referenceOf('1.001193');
        await contestant.control.misbehave({ kind: 'vanish', operation: 'read-procedure' });
        expect(await read(reference)).toBeNull();
        expect(await read(reference)).toBeNull();
      });

      it('that changed between list and detail is given as it is now', async () => {
        const reference = await referenceOf('1.001193');
        await contestant.control.post('change', { code: '1.001193', name: 'Đăng ký khai sinh (mới)', feeText: '8.000', days: 2 });
        const found = await read(reference);
        expect(found?.procedure.name).toBe('Đăng ký khai sinh (mới)');
        expect(found?.procedure.methods[0]?.times[0]).toMatchObject({ amount: 2, fees: [{ amountVnd: 8000, original: '8.000' }] });
        await contestant.control.misbehave({ kind: 'change', operation: 'read-procedure' });
        expect((await read(reference))?.procedure.name).toBe('Đăng ký khai sinh (mới) (sửa đổi lần 2)');
      });

      it('that is no longer public is no longer given as public', async () => {
        const reference = await referenceOf('1.001193');
        await contestant.control.post('unpublish', { code: '1.001193' });
        const found = await read(reference);
        expect(found?.procedure.isPublic ?? false).toBe(false);
        expect(found === null).toBe(!contract.listsUnpublished);
      });

      it('of an unknown reference is null', async () => {
        expect(await read('9.999999')).toBeNull();
      });

      it('of another procedure is refused', async () => {
        const reference = await referenceOf('1.001193');
        await contestant.control.misbehave({ kind: 'other-record', operation: 'read-procedure' });
        expect(await failure(read(reference))).toEqual({ kind: 'bad-reply', code: 'other-record' });
      });

      it('without a name is refused', async () => {
        const reference = await referenceOf('1.001193');
        await contestant.control.misbehave({ kind: 'bad-record', operation: 'read-procedure' });
        expect(await failure(read(reference))).toEqual({ kind: 'bad-reply', code: 'record-shape' });
      });

      it.each(LOST_ANSWERS)('takes %s for what it is', async (_what, order, expected) => {
        const reference = await referenceOf('1.001193');
        const database = await databaseFor(expected.code);
        await contestant.control.misbehave({ operation: 'read-procedure', ...order });
        expect(await failure(read(reference, database))).toEqual(expected);
      });

      it('is read when the caller asks again after a lost answer', async () => {
        const reference = await referenceOf('1.001193');
        await contestant.control.misbehave({ kind: 'reset', operation: 'read-procedure' });
        await failure(read(reference));
        expect((await read(reference))?.procedure.code).toBe('1.001193');
      });
    });

    it('lists fields and agencies with their names', async () => {
      const { call } = recordedCall();
      expect(await contestant.database.listFields(call)).toEqual(expect.arrayContaining([{ code: 'G15-HT01', name: 'Hộ tịch' }, { code: 'G13-DD01', name: 'Đất đai' }]));
      expect(await contestant.database.listAgencies(call)).toContainEqual(expect.objectContaining({ name: 'Bộ Tư pháp' }));
    });

    it('reads the decision of a record where the wire has it', async () => {
      const found = await read(await referenceOf('1.001193'));
      const id = found?.procedure.decisionId ?? null;
      expect(id === null).toBe(!contract.hasDecisions);
      expect(await contestant.database.readDecision('999999', recordedCall().call)).toBeNull();
      if (id !== null) {
        expect(await contestant.database.readDecision(id, recordedCall().call)).toMatchObject({ id, number: found?.procedure.decisionNumber, issuedOn: '2025-06-20' });
      }
    });

    it('journals which record was read, and no secret', async () => {
      const { call, exchanges } = recordedCall();
      await contestant.database.readProcedure(await referenceOf('1.001193'), call);
      const journal = JSON.stringify(exchanges);
      expect(exchanges.at(-1)?.operation).toBe('read-procedure');
      expect(journal).toContain('1.001193');
      expect(journal).not.toContain('Bước 1');
      for (const secret of ['demo-password', 'demo-secret', 'demo-one-stop']) expect(journal).not.toContain(secret);
    });

    it('probes by really asking', async () => {
      expect((await contestant.probe()).ok).toBe(true);
      await contestant.control.misbehave({ kind: '401', operation: contract.hasSession ? 'login' : 'list-procedures' });
      expect(await contestant.probe()).toMatchObject({ ok: false });
    });

    if (contract.hasSession) {
      describe('sessions', () => {
        it('logs in once for forty calls at once, and once more when the session dies under them', async () => {
          await contestant.control.post('expire-sessions');
          const listed = (await page()).procedures.slice(0, 40);
          const before = (await contestant.control.counters())['login'] ?? 0;
          await Promise.all(listed.map(({ reference }) => read(reference)));
          expect((await contestant.control.counters())['login'] ?? 0).toBe(before);
          await contestant.control.post('expire-sessions');
          const found = await Promise.all(listed.map(({ reference }) => read(reference)));
          expect(found.map((record) => record?.procedure.code)).toEqual(listed.map(({ code }) => code));
          expect((await contestant.control.counters())['login']).toBe(before + 1);
        });

        it('replays a call once when its session is refused, and gives up after the second refusal', async () => {
          const reference = await referenceOf('1.001193');
          await contestant.control.misbehave({ kind: 'session-expiry', operation: 'read-procedure' });
          expect((await read(reference))?.procedure.code).toBe('1.001193');
          await contestant.control.misbehave({ kind: 'session-expiry', operation: 'read-procedure', times: 2 });
          expect((await failure(read(reference))).kind).toBe('refused-credentials');
        });

        it('takes "busy" for unavailable, and a refused question for our defect', async () => {
          const reference = await referenceOf('1.001193');
          await contestant.control.misbehave([{ kind: 'busy', operation: 'read-procedure' }, { kind: 'refusal', operation: 'read-procedure' }]);
          expect(await failure(read(reference))).toEqual({ kind: 'unavailable', code: 'party-busy' });
          expect(await failure(read(reference))).toEqual({ kind: 'bad-request', code: 'question-refused' });
        });
      });
    }
  });
};
