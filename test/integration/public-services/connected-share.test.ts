import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Caller } from '../../../src/access/caller.js';
import { readShares } from '../../../src/public-services/connected-share.js';
import { CONNECTION_MOVES, CONNECTION_STATES } from '../../../src/public-services/public-service.js';
import type { ConnectionState } from '../../../src/public-services/public-service.js';
import type { PublicServiceModule } from '../../../src/public-services/public-service-module.js';
import { LEVEL_MEANINGS, REGISTERED_LEVELS } from '../../../src/public-services/service-level.js';
import type { RegisteredLevel } from '../../../src/public-services/service-level.js';
import { bearer, startComposedGateway } from '../../support/composed-gateway.js';
import type { ComposedGateway } from '../../support/composed-gateway.js';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import { createPublicServiceModule } from '../../../src/public-services/public-service-module.js';

const SUPERVISOR: Caller = { client: 'su', role: 'supervisor', agencyScope: null };
const AGENCIES = ['000.12.34.H42', '000.12.35.H42', '000.12.36.H42'];
const SERVICES = 12;
const START = Date.parse('2026-01-01T00:00:00+07:00');
/** Months of a year, so that changes fall into any of them. */
const SPAN_MS = 300 * 86_400_000;

interface Change {
  /** From 1, as the register numbers them. */
  readonly service: number;
  readonly to: ConnectionState;
  readonly level: RegisteredLevel;
  readonly at: number;
}

interface Figure { readonly online: number; readonly connected: number }

let gateway: ComposedGateway;
let services: PublicServiceModule;

const agencyOf = (service: number): string => AGENCIES[service % AGENCIES.length] ?? '';
const isOnline = (level: RegisteredLevel): boolean => LEVEL_MEANINGS[level].current !== 'INFORMATION';
const procedureOf = (service: number): string => `1.00${String(3_000 + service)}`;
const call = () => ({ caller: SUPERVISOR, correlationId: 'c', idempotencyKey: randomUUID(), reason: 'kiểm thử' });
const draftOf = (service: number, level: RegisteredLevel) => ({ procedureCode: procedureOf(service), agencyCode: agencyOf(service), level });

/** Starts over with services that have no history. */
const clear = async (): Promise<void> => {
  await gateway.test.database.query('TRUNCATE public_services, public_service_states RESTART IDENTITY');
  await services.register.import(call(), { rows: Array.from({ length: SERVICES }, (_, index) => draftOf(index + 1, 'FULL')), file: null, dryRun: false });
};

beforeAll(async () => {
  gateway = await startComposedGateway();
  const settings = { tenantAgencyCodes: ['H42'], fingerprintKey: Buffer.alloc(32, 1), keepHours: 1 };
  services = createPublicServiceModule({
    database: gateway.test.database, agencies: createAgencyModule({ database: gateway.test.database, settings }), settings: { ...settings, targetPercent: 50, portalOrigins: [] }, accounts: null,
  });
});
afterAll(async () => {
  await services.close();
  await gateway.close();
});

/** The figure before a moment, counted as one reads a list from its beginning. */
const recount = (changes: readonly Change[], before: number, seen: (agencyCode: string) => boolean = () => true): Figure => {
  const last = new Map<number, Change>();
  for (const change of changes) if (change.at < before && change.at >= (last.get(change.service)?.at ?? 0)) last.set(change.service, change);
  const online = [...last.values()].filter(({ service, level }) => isOnline(level) && seen(agencyOf(service)));
  return { online: online.length, connected: online.filter(({ to }) => to === 'CONNECTED').length };
};

// A day is drawn apart from the time in it: equal and neighbouring moments come often.
const moments = fc.record({ day: fc.nat(300), ms: fc.oneof(fc.constant(0), fc.constant(86_399_999), fc.nat(5), fc.nat(86_399_999)) }).map(({ day, ms }) => START + day * 86_400_000 + ms);
const changes = fc.array(fc.record({
  service: fc.integer({ min: 1, max: SERVICES }), to: fc.constantFrom(...CONNECTION_STATES), level: fc.constantFrom(...REGISTERED_LEVELS), at: moments,
}), { maxLength: 120 });

describe('the connected share', () => {
  it('of any moment and any agencies is what a recount of any history gives', async () => {
    await clear();
    await fc.assert(fc.asyncProperty(changes, fc.array(moments, { minLength: 1, maxLength: 20 }), fc.subarray(AGENCIES), async (history, asked, scope) => {
      await gateway.test.database.query('TRUNCATE public_service_states');
      await gateway.test.database.query({
        text: `INSERT INTO public_service_states (service_id, to_state, service_level, at, actor)
               SELECT service, "to", level, to_timestamp(at / 1000.0), 'x' FROM jsonb_to_recordset($1) AS c (service bigint, "to" text, level text, at numeric, place integer) ORDER BY place`,
        values: [JSON.stringify(history.map((change, place) => ({ ...change, place })))],
      });
      // The very moments of changes, too: what happens at a moment is not before it.
      const at = [...asked, ...history.map((change) => change.at), START + SPAN_MS * 2];
      const points = await readShares(gateway.test.database, at.map((moment) => new Date(moment)), { agencyCodes: null, underCodes: null });
      expect(points.map(({ online, connected }) => ({ online, connected }))).toEqual(at.map((moment) => recount(history, moment)));
      for (const [index, { agencies }] of points.entries()) {
        for (const agencyCode of AGENCIES) {
          const { online = 0, connected = 0 } = agencies.find((agency) => agency.agencyCode === agencyCode) ?? {};
          expect({ online, connected }).toEqual(recount(history, at[index] ?? 0, (code) => code === agencyCode));
        }
      }
      const scoped = await readShares(gateway.test.database, at.map((moment) => new Date(moment)), { agencyCodes: scope, underCodes: null });
      expect(scoped.map(({ online, connected }) => ({ online, connected }))).toEqual(at.map((moment) => recount(history, moment, (code) => scope.includes(code))));
    }), { numRuns: 40 });
  }, 60_000);

  it('follows any sequence of moves and new levels through the register, and never changes what it said of the past', async () => {
    const orders = fc.array(fc.record({
      service: fc.integer({ min: 1, max: SERVICES }), order: fc.oneof(fc.record({ to: fc.constantFrom(...CONNECTION_STATES) }), fc.record({ level: fc.constantFrom(...REGISTERED_LEVELS) })),
    }), { minLength: 1, maxLength: 25 });
    await fc.assert(fc.asyncProperty(orders, async (sequence) => {
      await clear();
      const model = new Map<number, { readonly state: ConnectionState; readonly level: RegisteredLevel }>(Array.from({ length: SERVICES }, (_, index) => [index + 1, { state: 'NOT_READY', level: 'FULL' }]));
      const said: { readonly at: Date; readonly figure: Figure }[] = [];
      for (const { service, order } of sequence) {
        const known = model.get(service) ?? { state: 'NOT_READY', level: 'FULL' };
        if ('level' in order) {
          await services.register.save(call(), draftOf(service, order.level));
          model.set(service, { ...known, level: order.level });
        } else {
          const { kind } = await services.register.move(call(), { procedureCode: procedureOf(service), agencyCode: agencyOf(service), to: order.to, override: true });
          expect([known.state, order.to, kind]).toEqual([known.state, order.to, CONNECTION_MOVES[known.state].includes(order.to) ? 'done' : 'refused']);
          if (kind === 'done') model.set(service, { ...known, state: order.to });
        }
        const online = [...model.values()].filter(({ level }) => isOnline(level));
        said.push({ at: await nextMillisecond(), figure: { online: online.length, connected: online.filter(({ state }) => state === 'CONNECTED').length } });
      }
      const points = await readShares(gateway.test.database, said.map(({ at }) => at), { agencyCodes: null, underCodes: null });
      expect(points.map(({ online, connected }) => ({ online, connected }))).toEqual(said.map(({ figure }) => figure));
    }), { numRuns: 12 });
  }, 60_000);

  it('is shown by month against the target, each agency for itself', async () => {
    await clear();
    await gateway.test.database.query('TRUNCATE public_service_states');
    const rows: readonly (readonly [service: number, to: ConnectionState, level: RegisteredLevel, at: string])[] = [
      [1, 'NOT_READY', 'FULL', '2026-01-31T23:59:59+07:00'], [2, 'CONNECTED', '3', '2026-02-01T00:00:00+07:00'], [3, 'CONNECTED', '2', '2026-02-02T00:00:00+07:00'], [2, 'SUSPENDED', '3', '2026-03-15T12:00:00+07:00'],
    ];
    for (const values of rows) await gateway.test.database.query('INSERT INTO public_service_states (service_id, to_state, service_level, at, actor) VALUES ($1, $2, $3, $4, \'x\')', [...values]);
    const { data } = await gateway.query(bearer(gateway.keys.leader), '{ connectedShare(fromMonth: "2026-01", untilMonth: "2026-03") { targetPercent months { month total { online connected percent meetsTarget } agencies { agencyCode share { online connected } } } } }');
    const of = (online: number, connected: number, percent: number, meetsTarget: boolean) => ({ online, connected, percent, meetsTarget });
    const one = (agency: number, online: number, connected: number) => ({ agencyCode: agencyOf(agency), share: { online, connected } });
    expect(data?.['connectedShare']).toEqual({ targetPercent: 50, months: [
      { month: '2026-01', total: of(1, 0, 0, false), agencies: [one(1, 1, 0)] },
      { month: '2026-02', total: of(2, 1, 50, true), agencies: [one(1, 1, 0), one(2, 1, 1)] },
      { month: '2026-03', total: of(2, 0, 0, false), agencies: [one(1, 1, 0), one(2, 1, 0)] },
    ] });
  });

  it('keeps a history that nobody changes', async () => {
    await clear();
    await expect(gateway.test.database.query('UPDATE public_service_states SET actor = \'y\'')).rejects.toThrow('only added to');
    await expect(gateway.test.database.query('DELETE FROM public_service_states')).rejects.toThrow('only added to');
  });
});

/** A whole millisecond by the database's clock after which nothing has happened yet: moments of ours have no microseconds. */
const nextMillisecond = async (): Promise<Date> => {
  const clock = async (): Promise<Date> => (await gateway.test.database.query<{ now: Date }>('SELECT clock_timestamp() AS now')).rows[0]?.now ?? new Date(0);
  const next = (await clock()).getTime() + 1;
  while ((await clock()).getTime() < next);
  return new Date(next);
};
