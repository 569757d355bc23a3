import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OLD_SECRET } from '../../adapters/my-vnpost/sandbox-webhook.js';
import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import type { CarrierClaim, ShipmentOrder } from '../../src/postal/postal-carrier-port.js';
import { eventually } from '../support/eventually.js';
import { listen, receiverDoor } from './callback-listener.js';
import type { Heard, Listener } from './callback-listener.js';
import { startMyVnpost } from './my-vnpost-harness.js';
import type { MyVnpostContestant, MyVnpostStart } from './my-vnpost-harness.js';
import { recordedCall } from './sample-dossier.js';
import { sampleShipment } from './sample-shipment.js';

const SECRET = 'demo-secret-of-the-path-1';

describe('webhooks of MyVNPost, from its sandbox over HTTP', () => {
  let party: MyVnpostContestant;
  let door: Listener;
  let heard: Heard<CarrierClaim>[];

  const receiver = (): CallbackReceiver<CarrierClaim> => {
    const { claims } = party.party;
    if (claims === null) throw new Error('no webhooks are taken');
    return claims;
  };
  const start = async (options: MyVnpostStart = {}): Promise<void> => {
    heard = [];
    door = await listen('my-vnpost', { webhook: (request) => receiverDoor(receiver(), { heard, code: () => ['applied', 'taken'] })(request) });
    party = await startMyVnpost({ ...options, sandbox: { webhookRetryMs: 30, callbackAddress: door.address, ...options.sandbox } });
  };
  const ordered = async (): Promise<ShipmentOrder> => {
    const order = sampleShipment();
    await party.carrier.create(order, recordedCall().call);
    await isHeard(1);
    heard.length = 0;
    return order;
  };
  const isHeard = (count: number): Promise<unknown> => eventually(`${count} webhook(s)`, () => heard.length === count);
  const sent = (): Promise<readonly { readonly taken: boolean; readonly attempt: number; readonly mischief: string | null }[]> => party.control.get('notices');

  afterEach(async () => {
    await party.close();
    await door.close();
  });

  it('tell of each step as a claim, and 200 ends them', async () => {
    await start();
    const order = await ordered();
    await party.move(order.orderNumber, [70, 91], { cause: 'Người nhận đi vắng' });
    await isHeard(2);
    const [first, second] = heard.map(({ message }) => message).sort((one, other) => Number(one?.code) - Number(other?.code));
    expect(first).toMatchObject({ claimed: true, orderNumber: order.orderNumber, carrierNumber: 'E100000001VN', code: '70', means: 'COLLECTED', place: 'Bưu cục Hoa Lư' });
    expect(second).toMatchObject({ claimed: true, code: '91', means: 'FAILED', failure: 'OTHER', text: 'Phát không thành công: Người nhận đi vắng' });
    await eventually('the end of tries', async () => (await sent()).length === 3 && (await sent()).every(({ taken, attempt }) => taken && attempt === 1));
  });

  it('name an event as the answer to a question does', async () => {
    await start();
    const order = await ordered();
    await party.live(order.orderNumber, 'DELIVERED');
    await isHeard(2);
    const answers = await party.carrier.questions?.ask([{ ...order, carrierNumber: null }], recordedCall().call);
    const [event] = answers?.get(order.orderNumber)?.events ?? [];
    expect(heard.map(({ message }) => message?.key)).toContain(event?.key);
  });

  it('may come twice, and are one message', async () => {
    await start();
    const order = await ordered();
    await party.control.post('misbehave-notices', { kind: 'twice' });
    await party.move(order.orderNumber, [70]);
    await isHeard(2);
    expect(heard[0]).toEqual(heard[1]);
  });

  it('may be here before the answer to the order, late, lost, and out of order', async () => {
    await start();
    await party.control.post('misbehave-notices', { kind: 'early' });
    const order = sampleShipment();
    await party.carrier.create(order, recordedCall().call);
    expect(heard).toHaveLength(1);
    await party.control.post('misbehave-notices', [{ kind: 'late', delayMs: 80 }, { kind: 'lost' }]);
    await party.move(order.orderNumber, [70, 91, 100]);
    await isHeard(3);
    expect(heard.map(({ message }) => message?.code)).toEqual(['20', '100', '70']);
    await party.move(order.orderNumber, [110, 120], { reversed: true });
    await isHeard(5);
    const times = heard.toSorted((one, other) => Number(one.message?.at) - Number(other.message?.at)).map(({ message }) => message?.code);
    expect(times).toEqual(['20', '70', '100', '110', '120']);
  });

  it('are repeated until they are taken', async () => {
    await start();
    const order = await ordered();
    door.breakNext(2);
    await party.move(order.orderNumber, [70]);
    await isHeard(1);
    await eventually('the third try', async () => (await sent()).at(-1)?.taken === true);
  });

  it.each(['unsigned', 'old-key'])('without a good secret in their path (%s) are refused', async (kind) => {
    await start();
    const order = await ordered();
    await party.control.post('misbehave-notices', { kind });
    await party.move(order.orderNumber, [70]);
    await isHeard(1);
    expect(heard[0]).toEqual({ verification: 'secret', uniqueKey: null, message: null });
  });

  it('under the secret before count as long as that is configured', async () => {
    await start({ env: { MY_VNPOST_WEBHOOK_SECRETS: `now:${SECRET},before:${OLD_SECRET}` } });
    const order = await ordered();
    await party.control.post('misbehave-notices', { kind: 'old-key' });
    await party.move(order.orderNumber, [70]);
    await isHeard(1);
    expect(heard[0]).toMatchObject({ verification: 'verified', message: { code: '70' } });
  });

  it('that lie about what happened are claims, and the answer to a question says how it is', async () => {
    await start();
    const order = await ordered();
    await party.control.post('misbehave-notices', { kind: 'altered' });
    await party.move(order.orderNumber, [70]);
    await isHeard(1);
    expect(heard[0]?.message).toMatchObject({ claimed: true, means: 'DELIVERED' });
    const answers = await party.carrier.questions?.ask([{ ...order, carrierNumber: null }], recordedCall().call);
    expect(answers?.get(order.orderNumber)?.events).toMatchObject([{ code: '70', means: 'COLLECTED' }]);
  });

  it('are held to a signature where a key is given', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    const folder = mkdtempSync(join(tmpdir(), 'my-vnpost-'));
    writeFileSync(join(folder, 'key.pem'), publicKey);
    await start({ sandbox: { signingKey: privateKey }, env: { MY_VNPOST_WEBHOOK_KEY_FILE: join(folder, 'key.pem') } });
    const order = await ordered();
    await party.control.post('misbehave-notices', [{ kind: 'altered' }]);
    await party.move(order.orderNumber, [70, 100]);
    await eventually('both', () => heard.length >= 2);
    expect(heard.slice(0, 2).map(({ verification, message }) => [verification, message?.code ?? null])).toEqual(expect.arrayContaining([['signature', null], ['verified', '100']]));
    rmSync(folder, { recursive: true });
  });

  it('are taken by address alone where no secret is configured, and by nobody where neither is', async () => {
    await start({ env: { MY_VNPOST_WEBHOOK_SECRETS: '', MY_VNPOST_WEBHOOK_ADDRESSES: '203.0.113.0/24' } });
    const bytes = readFileSync('test/fixtures/my-vnpost/webhook-failed.json');
    expect(receiver().addresses).toEqual(['203.0.113.0/24']);
    const verified = receiver().verify({ bytes, headers: {}, peer: { address: '203.0.113.9', certificate: null } });
    expect(verified).toMatchObject({ kind: 'verified', verifiedBy: 'address', uniqueKey: '0b6f7a52-6a2c-4a55-9a06-3d9d5a3b7f10/91/16/03/2026 08:30:00', partyAt: new Date('2026-03-16T01:30:00Z') });
    expect(receiver().read(bytes)).toMatchObject({ claimed: true, code: '91', text: 'Phát không thành công: Người nhận đi vắng', at: new Date('2026-03-16T01:30:00Z') });
    expect(JSON.stringify(receiver().read(bytes))).not.toContain('0912345678');
    await party.close();
    party = await startMyVnpost({ env: { MY_VNPOST_WEBHOOK_SECRETS: '' } });
    expect([party.party.claims, party.carrier.pushesEvents]).toEqual([null, false]);
  });

  it.each(['', '{', '[]', '{"Data":"{}"}', '{"Data":{"Id":"a"}}', '{"Data":"{\\"Id\\":\\"a\\",\\"OrderStatusId\\":100,\\"OrderCode\\":\\"\\"}"}'])('that are %s are nothing', async (text) => {
    await start();
    const request = { bytes: Buffer.from(text), headers: {}, peer: { address: '127.0.0.1', certificate: null }, pathSecret: SECRET };
    expect(receiver().verify(request)).toEqual({ kind: 'refused', reason: 'shape' });
    expect(receiver().read(request.bytes)).toBeNull();
  });
});
