import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';
import { eventually } from '../../support/eventually.js';

let gateway: ComposedGateway;

/** In Vietnam, the hour that is half a day away: no nightly sync begins behind the first. */
const farHour = new Date(Date.now() + (7 + 12) * 3_600_000).toISOString().slice(11, 13);

beforeAll(async () => {
  gateway = await startComposedGateway({ PROCEDURE_SYNC_AT: `${farHour}:30` }, { worker: true });
});
afterAll(() => gateway.close());

describe('a fresh install with a procedure database', () => {
  it('fills its catalogue by itself, and says so in its metrics', async () => {
    const SYNCS = '{ procedureSyncs { nodes { kind state requestedBy read failed } } procedures(filter: { text: "1.001193" }) { nodes { code name } } }';
    const answer = await eventually('the first sync', async () => {
      const { data } = await gateway.query(bearer(gateway.keys.leader), SYNCS);
      return (data as unknown as { procedureSyncs: { nodes: { state: string }[] } }).procedureSyncs.nodes[0]?.state === 'COMPLETE' ? data : null;
    }, { timeoutMs: 90_000, everyMs: 200 });
    expect(answer).toMatchObject({ procedureSyncs: { nodes: [{ kind: 'FULL', requestedBy: 'schedule', failed: 0 }] }, procedures: { nodes: [{ code: '1.001193', name: 'Đăng ký khai sinh' }] } });
    const metrics = await (await fetch(`${gateway.url}/metrics`, { headers: bearer(gateway.keys.operator) })).text();
    expect(metrics).toContain('onestop_procedure_syncs{kind="full",state="complete"} 1');
    expect(metrics).toMatch(/onestop_procedure_sync_age_seconds\{kind="full"\} \d/);
  }, 120_000);
});
