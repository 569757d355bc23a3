import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer, startComposedGateway } from '../../support/composed-gateway.js';
import type { ComposedGateway } from '../../support/composed-gateway.js';
import { eventually } from '../../support/eventually.js';
import { PortalClient, dossierInput } from '../../support/portal-client.js';
import { CITIZEN } from '../../support/postal-stage.js';
import type { Found } from '../../support/postal-stage.js';

let gateway: ComposedGateway;
let postUrl: string;

const OFFICE = { ...CITIZEN, name: 'Bộ phận Một cửa', phone: '02293871234' };

beforeAll(async () => {
  gateway = await startComposedGateway({ POSTAL_CARRIERS: 'vnpost', POSTAL_POLL_SECONDS: '1', VNPOST_TRACKING_LAG_MS: '0', VNPOST_IN_FLIGHT_MS: '200', VNPOST_DEADLINE_MS: '2000', VNPOST_PAGE_SIZE: '3' }, { worker: true });
  postUrl = new URL(gateway.environment['VNPOST_URL'] ?? '').origin;
  const { database } = gateway.test;
  await control('pace', { stepMs: null });
  await database.query('INSERT INTO postal_offices (agency_code, contact, actor, role, reason) VALUES ($1, $2, $3, $3, $3)', ['000.12.34.H42', JSON.stringify({ ...OFFICE, address: { ...OFFICE.address, district: null } }), 'test']);
  await database.query(`INSERT INTO postal_place_lists (carrier) VALUES ('vnpost') ON CONFLICT DO NOTHING`);
  await database.query(`INSERT INTO postal_places (carrier, epoch, level, path, name, code, source) VALUES ('vnpost', 'TWO_LEVEL', 'PROVINCE', 'ninh binh', 'Ninh Bình', '43', 'FILE')`);
});
afterAll(() => gateway.close());

const control = async (path: string, body?: object): Promise<unknown> => {
  const response = await fetch(`${postUrl}/control/${path}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  if (!response.ok && response.status !== 404) throw new Error(`${path}: ${String(response.status)} ${await response.text()}`);
  return response.status === 404 || response.status === 204 ? null : response.json();
};
const ask = async (document: string, variables: object, key = gateway.keys.portal): Promise<Found> => {
  const { data, codes } = await gateway.query(bearer(key), document, variables);
  return Object.values(data ?? {})[0] ?? { codes };
};
const ordered = async (number: number): Promise<string> => {
  const dossier = dossierInput(number);
  await new PortalClient(`${gateway.url}/graphql`, gateway.keys.portal).upsert([dossier]);
  const answer = await ask('mutation ($key: IdempotencyKey!, $order: PickupInput!) { orderPickup(idempotencyKey: $key, order: $order) { __typename ... on ShipmentSaved { shipment { number carrier } } ... on ShipmentActionRefused { code problems { field code } } ... on ShipmentAddressUnknown { field level suggestions } } }',
    { key: randomUUID(), order: { dossierCode: dossier.code, sender: CITIZEN } });
  expect(answer).toMatchObject({ __typename: 'ShipmentSaved', shipment: { number: dossier.code, carrier: 'vnpost' } });
  return dossier.code;
};
const until = (number: string, state: string): Promise<Found> => eventually(`${number} to be ${state}`, async () => {
  const found = await ask('query ($number: ID!) { shipment(number: $number) { state failure orderedAt events { source code means moved } } }', { number });
  return found['state'] === state ? found : null;
}, { timeoutMs: 45_000 });

describe('the public post', () => {
  it('takes an order once, also after a lost answer, and is followed to the door', async () => {
    await control('misbehave', { kind: 'reset', operation: 'create' });
    const number = await ordered(700);
    await until(number, 'ORDERED');
    expect(await control('parcels')).toHaveLength(1);
    await control('progress', { orderNumber: number, path: 'second-try' });
    const delivered = await until(number, 'DELIVERED');
    expect((delivered['events'] as readonly Found[]).filter(({ moved }) => moved).map(({ means }) => means)).toEqual(expect.arrayContaining(['ORDERED', 'COLLECTED', 'FAILED', 'DELIVERED']));
  });

  it('is heard right where it repeats a page, repeats events, tells them out of order, and shows a code that nobody listed', async () => {
    const number = await ordered(701);
    await until(number, 'ORDERED');
    for (const kind of ['repeat-page', 'duplicate-events', 'reorder-events']) await control('misbehave', { kind, operation: 'tracking' });
    await control('progress', { orderNumber: number, codes: [1, 2, 98, 3, 5] });
    const found = await until(number, 'IN_TRANSIT');
    expect(found['events']).toEqual(expect.arrayContaining([expect.objectContaining({ code: '98', means: null, moved: false })]));
    const { rows } = await gateway.test.database.query<{ twice: number }>('SELECT count(*)::int AS twice FROM (SELECT 1 FROM shipment_events GROUP BY order_number, key HAVING count(*) > 1) AS t');
    expect(rows).toEqual([{ twice: 0 }]);
  });

  it('is among the figures and the health of the gateway', async () => {
    const metrics = await (await fetch(`${gateway.url}/metrics`, { headers: bearer(gateway.keys.operator) })).text();
    expect(metrics).toMatch(/^onestop_shipments_open\{carrier="vnpost",state="IN_TRANSIT"\} 1$/m);
    expect(metrics).toMatch(/^onestop_postal_feed_age_seconds\{carrier="vnpost"\} [\d.e-]+$/m);
    expect(metrics).toMatch(/^onestop_shipment_facts_total\{carrier="vnpost",source="FEED",outcome="added"\} \d+$/m);
    expect(JSON.stringify(await (await fetch(`${gateway.url}/health/ready`)).json())).toContain('"post"');
    for (const canary of ['Canary', '0987654321']) expect(gateway.logLines.join(' ')).not.toContain(canary);
  });
});
