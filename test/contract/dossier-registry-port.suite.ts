import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DossierRegistryPort, SharedListPort, TechnicalIdPort } from '../../src/dossiers/dossier-registry-port.js';
import { PartyError } from '../../src/errors/party-error.js';
import type { CircuitBoard } from '../../adapters/support/circuit-board.js';
import { eventually } from '../support/eventually.js';
import { warmed } from './hasty.js';
import type { SandboxControl } from './sandbox-control.js';
import { CANARIES, dossierCode, recordedCall, sampleDossier, sampleStep, submissionOf } from './sample-dossier.js';

export interface Contestant {
  readonly registry: DossierRegistryPort;
  /** The same at the same sandbox with a deadline of `HASTY_MS`. */
  readonly hasty: DossierRegistryPort;
  readonly technicalIds: TechnicalIdPort;
  readonly sharedLists: SharedListPort;
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  readonly circuits: CircuitBoard;
  readonly control: SandboxControl;
  stop(): Promise<void>;
}

export interface RegistryContract {
  readonly name: string;
  /** Starts adapter and sandbox; breakers as given. */
  readonly start: (options?: { readonly consecutiveFailures?: number }) => Promise<Contestant>;
}

const failure = async (work: Promise<unknown>): Promise<PartyError> => {
  const error: unknown = await work.then(() => null, (thrown: unknown) => thrown);
  if (!(error instanceof PartyError)) throw new Error(`expected a PartyError, got ${String(error)}`);
  return error;
};

const LOST_ANSWERS: [string, object, string][] = [
  ['no answer before the deadline', { kind: 'hang' }, 'timeout'],
  ['a dripping answer', { kind: 'drip', delayMs: 100 }, 'timeout'],
  ['a reset after acceptance', { kind: 'reset-after' }, 'reset'],
  ['a reset before acceptance', { kind: 'reset-before' }, 'reset'],
  ['a 5xx after acceptance', { kind: '5xx-after' }, 'http-502'],
  ['a 5xx before acceptance', { kind: '5xx-before', status: 503 }, 'http-503'],
  ['a firewall page with status 200', { kind: 'html' }, 'html-reply'],
  ['"busy, try later"', { kind: 'busy' }, 'party-busy'],
];

/** One conformance suite for every adapter of DossierRegistryPort (and the look-up ports beside it), against its sandbox. */
export const dossierRegistryContract = ({ name, start }: RegistryContract): void => {
  describe(`DossierRegistryPort: ${name}`, () => {
    let contestant: Contestant;
    beforeEach(async () => { contestant = await start(); });
    afterEach(async () => { await contestant.stop(); });

    const upsert = (number: number, known = false) =>
      contestant.registry.upsertDossier(submissionOf(sampleDossier(number), known), recordedCall().call);
    /** The hasty one where the failure will be a timeout, else the patient one. */
    const registryFor = async (code: string): Promise<DossierRegistryPort> =>
      code === 'timeout' ? warmed(contestant.hasty, (hasty) => hasty.findDossier(dossierCode(9_999), recordedCall().call)) : contestant.registry;

    describe('upsertDossier', () => {
      it('inserts a new dossier', async () => {
        expect(await upsert(1)).toEqual({ kind: 'accepted' });
        expect(await contestant.control.dossier(dossierCode(1))).toMatchObject({ inserts: 1, updates: 0, status: '2' });
      });

      it('updates where the dossier is known, without an insert', async () => {
        await upsert(1);
        expect(await upsert(1, true)).toEqual({ kind: 'accepted' });
        expect(await contestant.control.dossier(dossierCode(1))).toMatchObject({ inserts: 1, updates: 1 });
        expect(await contestant.control.requests('DongBoHoSoMC')).toHaveLength(2);
      });

      it('turns "already exists" into one update', async () => {
        await upsert(1);
        expect(await upsert(1)).toEqual({ kind: 'accepted' });
        expect(await contestant.control.dossier(dossierCode(1))).toMatchObject({ inserts: 1, updates: 1 });
      });

      it.each([0, 3, -3, '0', '3', '-3', '03'])('understands "đã tồn tại" under code %p, decomposed and in capitals', async (code) => {
        await contestant.control.misbehave({ kind: 'exists', code, message: 'HỒ SƠ ĐÃ TỒN TẠI'.normalize('NFD') });
        expect(await upsert(1)).toEqual({ kind: 'accepted' });
        expect(await contestant.control.dossier(dossierCode(1))).toMatchObject({ inserts: 1, updates: 1 });
      });

      it('inserts once where the portal says that the updated dossier does not exist', async () => {
        expect(await upsert(1, true)).toEqual({ kind: 'accepted' });
        expect(await contestant.control.dossier(dossierCode(1))).toMatchObject({ inserts: 1, updates: 0 });
        expect(await contestant.control.requests('DongBoHoSoMC')).toHaveLength(2);
      });

      it.each([['00'], ['0'], [0]])('reads code %p as success', async (code) => {
        await contestant.control.misbehave({ kind: 'codes', code });
        expect(await upsert(1)).toEqual({ kind: 'accepted' });
      });

      it('understands decomposed Vietnamese', async () => {
        await contestant.control.misbehave({ kind: 'nfd', times: 2 });
        expect(await upsert(1)).toEqual({ kind: 'accepted' });
        expect(await upsert(1)).toEqual({ kind: 'accepted' });
      });

      it('gives a refusal as a value, with the party\'s words and no personal data', async () => {
        const message = `Mã ${dossierCode(1)} của ${CANARIES[0]} (CCCD ${CANARIES[1]}, ${CANARIES[3]}, ${CANARIES[2]}) sai mẫu`;
        await contestant.control.misbehave({ kind: 'refusal', code: -7, message });
        const answer = await upsert(1);
        expect(answer).toMatchObject({ kind: 'rejected', code: '-7' });
        const text = answer.kind === 'rejected' ? answer.text : '';
        expect(text).toContain(dossierCode(1));
        expect(text).toContain('sai mẫu');
        for (const canary of CANARIES) expect(text).not.toContain(canary);
        expect(await contestant.control.dossier(dossierCode(1))).toBeNull();
      });

      it('has a missing required field refused by the portal, in its own words', async () => {
        const content = sampleDossier(1, { processingUnit: '' });
        const answer = await contestant.registry.upsertDossier(submissionOf(content), recordedCall().call);
        expect(answer).toEqual({ kind: 'rejected', code: '-1', text: 'Trường DonViXuLy là bắt buộc' });
      });

      it.each(LOST_ANSWERS)('takes %s for an unknown outcome', async (_what, order, code) => {
        const registry = await registryFor(code);
        await contestant.control.misbehave({ service: 'DongBoHoSoMC', ...order });
        const error = await failure(registry.upsertDossier(submissionOf(sampleDossier(1)), recordedCall().call));
        expect({ kind: error.kind, code: error.code }).toEqual({ kind: 'outcome-unknown', code });
      });

      it('repeats safely after a lost answer: one dossier, one insert', async () => {
        await contestant.control.misbehave({ kind: 'reset-after' });
        await failure(upsert(1));
        expect(await upsert(1)).toEqual({ kind: 'accepted' });
        expect(await contestant.control.dossier(dossierCode(1))).toMatchObject({ inserts: 1, updates: 1 });
      });

      it.each([['empty', 'empty-reply'], ['truncated', 'json-invalid']])('takes an %s answer for a bad reply', async (kind, code) => {
        await contestant.control.misbehave({ kind });
        const error = await failure(upsert(1));
        expect({ kind: error.kind, code: error.code }).toEqual({ kind: 'bad-reply', code });
      });

      it('takes an unfinished call that the caller ended for an unknown outcome', async () => {
        await contestant.control.misbehave({ kind: 'hang' });
        const { call, abort } = recordedCall();
        const pending = failure(contestant.registry.upsertDossier(submissionOf(sampleDossier(1)), call));
        await eventually('the call at the portal', async () => (await contestant.control.requests('DongBoHoSoMC')).length > 0);
        abort.abort();
        const error = await pending;
        expect({ kind: error.kind, code: error.code }).toEqual({ kind: 'outcome-unknown', code: 'aborted' });
      });

      it('hands Retry-After on, in milliseconds', async () => {
        await contestant.control.misbehave({ kind: '429', retryAfter: '7' });
        expect(await failure(upsert(1))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 7000 });
      });

      it('journals the exchange with declared fields legible and every personal value masked', async () => {
        const { call, exchanges } = recordedCall();
        await contestant.registry.upsertDossier(submissionOf(sampleDossier(1)), call);
        const journal = JSON.stringify(exchanges);
        expect(exchanges.map((exchange) => exchange.operation)).toEqual(['login', 'upsert-dossier']);
        expect(journal).toContain(dossierCode(1));
        for (const secret of [...CANARIES, 's3cr3t', 'demo-password', 'demo-secret', 'demo-one-stop']) expect(journal).not.toContain(secret);
        expect(journal).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}/);
      });
    });

    describe('sessions', () => {
      it('logs in once for 50 concurrent calls, and once more when the session dies under them', async () => {
        await Promise.all(Array.from({ length: 50 }, (_unused, index) => upsert(index + 1)));
        expect((await contestant.control.counters()).logins).toBe(1);
        await contestant.control.post('expire-sessions');
        const answers = await Promise.all(Array.from({ length: 50 }, (_unused, index) => upsert(index + 101)));
        expect(answers.every((answer) => answer.kind === 'accepted')).toBe(true);
        expect((await contestant.control.counters()).logins).toBe(2);
      });

      it('replays a call once after a new log-in', async () => {
        await upsert(1);
        await contestant.control.misbehave({ kind: 'session-expiry', service: 'DongBoHoSoMC' });
        expect(await upsert(2)).toEqual({ kind: 'accepted' });
        expect((await contestant.control.counters()).logins).toBe(2);
        expect(await contestant.control.dossier(dossierCode(2))).toMatchObject({ inserts: 1 });
      });

      it('gives up when the session is refused twice', async () => {
        await contestant.control.misbehave({ kind: 'session-expiry', service: 'DongBoHoSoMC', times: 2 });
        expect(await failure(upsert(1))).toMatchObject({ kind: 'refused-credentials' });
        expect((await contestant.control.counters()).logins).toBe(2);
      });

      it('treats 401 like a refused session', async () => {
        await contestant.control.misbehave({ kind: '401', service: 'DongBoHoSoMC' });
        expect(await upsert(1)).toEqual({ kind: 'accepted' });
      });

      it('reports a refused log-in as refused credentials, and a broken one as unavailable', async () => {
        await contestant.control.misbehave({ kind: '401', service: 'login' });
        expect(await failure(upsert(1))).toMatchObject({ kind: 'refused-credentials', operation: 'login' });
        for (const kind of ['html', 'empty', 'truncated', '5xx-before', 'reset-before']) {
          await contestant.control.misbehave({ kind, service: 'login' });
          expect(await failure(upsert(1))).toMatchObject({ kind: 'unavailable', operation: 'login' });
        }
        expect(await contestant.control.dossier(dossierCode(1))).toBeNull();
      });

      it('probes by really logging in', async () => {
        expect((await contestant.probe()).ok).toBe(true);
        await contestant.control.misbehave({ kind: '401', service: 'login' });
        expect(await contestant.probe()).toMatchObject({ ok: false });
        expect((await contestant.control.counters()).logins).toBe(2);
      });
    });

    describe('appendSteps', () => {
      const append = (ids: readonly string[], number = 1, registry = contestant.registry) =>
        registry.appendSteps(ids.map((id) => sampleStep(id, number)), recordedCall().call);
      const accepted = { kind: 'accepted' };

      it('sends a batch in one call, in order', async () => {
        await upsert(1);
        const { items } = await append(['1', '2', '3']);
        expect([...items]).toEqual([['1', accepted], ['2', accepted], ['3', accepted]]);
        const arrivals = await contestant.control.get<{ kind: string; processedAt: string }[]>(`arrivals?dossierCode=${dossierCode(1)}`);
        expect(arrivals.filter((arrival) => arrival.kind === 'step').map((arrival) => arrival.processedAt))
          .toEqual(['20260315090001', '20260315090002', '20260315090003']);
        expect(await contestant.control.requests('CapNhatTienDoHoSoMC')).toHaveLength(1);
      });

      it('understands a decomposed answer', async () => {
        await upsert(1);
        await contestant.control.misbehave({ kind: 'nfd' });
        expect([...(await append(['1'])).items]).toEqual([['1', accepted]]);
      });

      it('refuses more steps than a batch holds, before sending', async () => {
        await expect(append(Array.from({ length: 11 }, (_unused, index) => String(index)))).rejects.toThrow(RangeError);
        expect((await contestant.control.counters()).requests).toBe(0);
      });

      it('has steps of a dossier that is not held refused', async () => {
        const { items } = await append(['1'], 9);
        expect(items.get('1')).toMatchObject({ kind: 'rejected' });
      });

      it('isolates a bad step when the batch is refused as a whole', async () => {
        await upsert(1);
        const steps = [sampleStep('1', 1), sampleStep('2', 1, { content: '' }), sampleStep('3', 1)];
        const { items } = await contestant.registry.appendSteps(steps, recordedCall().call);
        expect([...items.values()].map((answer) => answer.kind)).toEqual(['accepted', 'rejected', 'accepted']);
        expect(await contestant.control.dossier(dossierCode(1))).toMatchObject({ steps: 2 });
      });

      it('stops at the first step without an answer and leaves it and the later ones to be sent again', async () => {
        await upsert(1);
        await contestant.control.misbehave([{ kind: 'refusal', message: 'Dữ liệu không hợp lệ' }, { kind: 'nfd' }, { kind: 'reset-after' }]);
        const { items } = await append(['1', '2', '3']);
        expect([...items]).toEqual([['1', accepted]]);
        expect(await contestant.control.dossier(dossierCode(1))).toMatchObject({ steps: 2 });
      });

      it('reads an answer per step', async () => {
        await upsert(1);
        await contestant.control.misbehave({ kind: 'item-refusal', service: 'CapNhatTienDoHoSoMC' });
        const { items } = await append(['1', '2', '3']);
        expect([...items.values()].map((answer) => answer.kind)).toEqual(['rejected', 'accepted', 'accepted']);
        expect(await contestant.control.dossier(dossierCode(1))).toMatchObject({ steps: 2 });
      });

      it.each(LOST_ANSWERS)('takes %s for an unknown outcome', async (_what, order, code) => {
        await upsert(1);
        const registry = await registryFor(code);
        await contestant.control.misbehave({ service: 'CapNhatTienDoHoSoMC', ...order });
        const error = await failure(append(['1', '2'], 1, registry));
        expect({ kind: error.kind, code: error.code, operation: error.operation }).toEqual({ kind: 'outcome-unknown', code, operation: 'append-steps' });
      });
    });

    describe('findDossier', () => {
      const find = (number: number, registry = contestant.registry) => registry.findDossier(dossierCode(number), recordedCall().call);

      it('says whether the dossier is held', async () => {
        await upsert(1);
        expect(await find(1)).toEqual({ held: true });
        expect(await find(2)).toEqual({ held: false });
      });

      it.each(LOST_ANSWERS)('takes %s for unavailable: a question is harmless', async (_what, order, code) => {
        const registry = await registryFor(code);
        await contestant.control.misbehave({ service: 'TraCuuHoSo', ...order });
        expect(await failure(find(1, registry))).toMatchObject({ kind: 'unavailable' });
      });

      it('never takes a refusal for an answer', async () => {
        await contestant.control.misbehave({ kind: 'refusal', code: -5 });
        expect(await failure(find(1))).toMatchObject({ kind: 'bad-request' });
      });

      it('takes a success without a list for a bad reply', async () => {
        await contestant.control.misbehave({ kind: 'refusal', code: 0, message: 'Thành công' });
        expect(await failure(find(1))).toMatchObject({ kind: 'bad-reply', code: 'no-result-list' });
      });
    });

    describe('reportStatus', () => {
      it('sends "refused at intake" as 11', async () => {
        const answer = await contestant.registry.reportStatus({
          nationalCode: 'G22.99-260315-0001', dossierCode: dossierCode(1), ownerTechnicalId: CANARIES[5], status: 'REFUSED_AT_INTAKE',
          content: 'Không thuộc thẩm quyền', processedAt: new Date('2026-03-15T03:00:00Z'), documents: [],
        }, recordedCall().call);
        expect(answer).toEqual({ kind: 'accepted' });
        expect(await contestant.control.get('arrivals')).toMatchObject([{ kind: 'status', status: '11', processedAt: '20260315100000' }]);
      });
    });

    describe('look-ups', () => {
      it('finds a technical id, and null for a person whom the portal does not know', async () => {
        expect(await contestant.technicalIds.findTechnicalId('036199012345', recordedCall().call)).toBe('TECH-543210991630');
        expect(await contestant.technicalIds.findTechnicalId('036199012340', recordedCall().call)).toBeNull();
      });

      it('keeps neither id legible in the journal', async () => {
        const { call, exchanges } = recordedCall();
        await contestant.technicalIds.findTechnicalId('036199012345', call);
        const journal = JSON.stringify(exchanges);
        expect(journal).toContain('find-technical-id');
        expect(journal).not.toContain('036199012345');
        expect(journal).not.toContain('TECH-543210991630');
      });

      it('lists agencies and fields', async () => {
        const agencies = await contestant.sharedLists.listAgencies(recordedCall().call);
        expect(agencies).toContainEqual({ code: '000.00.00.H42', name: 'UBND tỉnh Ninh Bình', group: '1' });
        const fields = await contestant.sharedLists.listFields(recordedCall().call);
        expect(fields).toContainEqual({ code: 'G15-HT01', name: 'Hộ tịch', group: 'G15' });
      });
    });

    describe('breaker', () => {
      it('opens on failures of the party, keeps calls off the wire, and closes again by hand', async () => {
        await contestant.stop();
        contestant = await start({ consecutiveFailures: 3 });
        await upsert(1);
        await contestant.control.misbehave({ kind: '5xx-before', service: 'DongBoHoSoMC', times: 3 });
        for (let number = 0; number < 3; number += 1) await failure(upsert(2));
        const { requests } = await contestant.control.counters();
        expect(await failure(upsert(2))).toMatchObject({ kind: 'unavailable', code: 'circuit-open' });
        expect((await contestant.control.counters()).requests).toBe(requests);
        expect(contestant.circuits.permits(contestant.registry.party, 'upsert-dossier')).toBe('none');
        expect(contestant.circuits.permits(contestant.registry.party, 'append-steps')).toBe('all');
        contestant.circuits.force(contestant.registry.party, 'upsert-dossier', 'closed');
        expect(await upsert(2)).toEqual({ kind: 'accepted' });
      });

      it('does not open on refusals, throttling or refused sessions', async () => {
        await contestant.stop();
        contestant = await start({ consecutiveFailures: 3 });
        await contestant.control.misbehave([{ kind: 'refusal', times: 5 }, { kind: '429', times: 5 }, { kind: '401', times: 10 }]);
        for (let number = 0; number < 5; number += 1) await upsert(1);
        for (let number = 0; number < 10; number += 1) await failure(upsert(1));
        expect(await upsert(1)).toEqual({ kind: 'accepted' });
      });
    });

    it('takes a refused connection for unavailable', async () => {
      await contestant.stop();
      expect(await failure(upsert(1))).toMatchObject({ kind: 'unavailable', operation: 'login' });
    });
  });
};
