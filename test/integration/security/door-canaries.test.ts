import { createHash, createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import writeExcel from 'write-excel-file/node';
import { bindCallback } from '../../../src/callbacks/callback-binding.js';
import type { CallbackReceiver } from '../../../src/callbacks/callback-receiver-port.js';
import { verifyHmac } from '../../../adapters/support/callback-keys.js';
import { Browser } from '../../support/browser.js';
import { startCallbackGateway, type CallbackGateway } from '../../support/callback-gateway.js';
import { canariesIn, databaseRows } from '../../support/canaries.js';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';

/** Invented texts; each is found nowhere else. */
const CANARY = {
  typedAsName: 'mat-khau-go-nham-canary', wrongPassword: 'sai bét canary một hai ba', newPassword: 'bốn con ngựa canary trắng', shortPassword: 'canary7', code: 'canary code 917', brokenJson: 'canary-trong-json-hong',
  oidcCode: 'canary-authorization-code', cookie: 'canary-cookie-nobody-gave',
  owner: 'NGUYỄN THỊ CANARY HOA', forgedOwner: 'TRẦN VĂN GIẢ MẠO CANARY', otherOwner: 'LÊ CANARY ĐỔI TÊN', forgedSignature: 'canary-in-a-signature', unreadable: 'canary-khong-doc-duoc',
  cell: 'Bà Canary 036199077999', refusedName: 'Phường của ông Canary từ chối', sheet: 'Danh sach Canary', column: 'canary_cot_la',
};
const CREATE_USER = 'mutation ($key: IdempotencyKey!) { done: createUser(idempotencyKey: $key, user: { name: "thu", role: OPERATOR }, reason: "nhận việc") { ... on UserSecretIssued { secret } } }';
const IMPORT = 'mutation ($key: IdempotencyKey!, $file: String!) { importAgencies(idempotencyKey: $key, contentBase64: $file, reason: "nhập") { __typename ... on AgenciesImported { created refused rows { outcome problems { field code message { vi en } } } } ... on AgencyChangeRefused { problems { field code message { vi en } } } } }';

const SECRET = 'canary-secret-of-the-party';

/** A party that names its messages by the code of a dossier, and sends a citizen's name with it. */
const receiver: CallbackReceiver<{ readonly code: string; readonly owner: string }> = {
  party: 'neighbour', kind: 'notice', method: 'POST', timeWindowMs: null, addresses: null,
  verify: ({ bytes, headers }) => {
    const verifiedBy = verifyHmac([{ id: 'now', secret: SECRET }], { algorithm: 'sha256', encoding: 'hex', signed: bytes, signature: headers['x-signature'] ?? '' });
    if (verifiedBy === null) return { kind: 'refused', reason: 'signature' };
    return { kind: 'verified', verifiedBy, uniqueKey: new URLSearchParams(bytes.toString()).get('code') ?? createHash('sha256').update(bytes).digest('hex'), partyAt: null };
  },
  read: (bytes) => {
    const fields = new URLSearchParams(bytes.toString());
    const [code, owner] = [fields.get('code'), fields.get('owner')];
    return code === null || owner === null ? null : { code, owner };
  },
  reply: (outcome) => ({ status: outcome === 'unverified' ? 401 : outcome === 'unavailable' ? 503 : 200, contentType: 'text/plain', body: outcome }),
};

describe('canaries at the doors of people, parties and operators', () => {
  let gateway: ComposedGateway;
  let callbacks: CallbackGateway;
  const canaries: string[] = [...Object.values(CANARY), SECRET];
  const shown: string[] = [];
  const statuses: Record<string, number> = {};
  const imported: string[] = [];
  let metrics = '';

  const post = async (name: string, path: string, body: string): Promise<void> => {
    const response = await fetch(gateway.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    statuses[name] = response.status;
    shown.push(await response.text());
  };

  const playLogin = async (): Promise<void> => {
    const issued = await gateway.query(bearer(gateway.keys.supervisor), CREATE_USER, { key: randomUUID() });
    const first = String((issued.data?.['done'] as Readonly<Record<string, string>> | undefined)?.['secret']);
    canaries.push(first);
    await post('an unknown name', '/login', JSON.stringify({ name: CANARY.typedAsName, password: CANARY.wrongPassword }));
    await post('a wrong password', '/login', JSON.stringify({ name: 'thu', password: CANARY.wrongPassword, code: CANARY.code }));
    await post('broken JSON', '/login', `{"name":"thu","password":"${CANARY.brokenJson}`);
    await post('a field too many', '/login', JSON.stringify({ name: 'thu', password: CANARY.wrongPassword, secret: CANARY.code }));
    const browser = new Browser(gateway.url);
    const entered = await browser.login('thu', first);
    statuses['the one-time password'] = entered.status;
    const short = await browser.ours('POST', '/password', { currentPassword: first, newPassword: CANARY.shortPassword });
    shown.push(JSON.stringify(short.body));
    statuses['a short password'] = short.status;
    const before = [...browser.cookies.values()];
    statuses['a new password'] = (await browser.ours('POST', '/password', { currentPassword: first, newPassword: CANARY.newPassword })).status;
    canaries.push(...before, ...browser.cookies.values(), browser.csrf);
    statuses['a call of the person'] = (await browser.query('{ caller { client } }')).status;
    const stranger = await fetch(`${gateway.url}/session`, { headers: { cookie: `onestop=${CANARY.cookie}; __Host-onestop=${CANARY.cookie}` } });
    statuses['a cookie nobody gave'] = stranger.status;
    shown.push(await stranger.text());
    shown.push(await (await fetch(`${gateway.url}/login/oidc/callback?code=${CANARY.oidcCode}&state=${CANARY.oidcCode}`)).text());
  };

  const playImport = async (): Promise<void> => {
    const bookOf = async (header: readonly string[]): Promise<string> => {
      const rows = [header, ['000.00.00.H42', 'Tỉnh Ninh Bình', 'PROVINCE', 'PROVINCE', ''], ['H99.1', CANARY.refusedName, CANARY.cell, 'COMMUNE', CANARY.cell]];
      const book = await writeExcel(rows.map((row) => row.map((value) => ({ value }))), { sheet: CANARY.sheet }).toBuffer();
      return Buffer.from(book as unknown as ArrayBuffer).toString('base64');
    };
    const good = await bookOf(['code', 'name_vi', 'kind', 'level', 'phone']);
    for (const file of [good, await bookOf(['code', 'name_vi', 'kind', 'level', CANARY.column]), good.slice(0, -400)]) {
      const answer = await gateway.query(bearer(gateway.keys.operator), IMPORT, { key: randomUUID(), file });
      imported.push(String(answer.data?.['importAgencies']?.['__typename']));
      shown.push(JSON.stringify(answer));
    }
  };

  const playCallbacks = async (): Promise<void> => {
    const notify = async (body: string, signature = createHmac('sha256', SECRET).update(body).digest('hex')): Promise<{ status: number; body: string }> => {
      const response = await fetch(`${callbacks.url}/callbacks/neighbour/notice`, { method: 'POST', body, headers: { 'x-signature': signature } });
      return { status: response.status, body: await response.text() };
    };
    const notice = (code: string, owner: string): string => new URLSearchParams({ code, owner }).toString();
    const answers = [
      await notify(notice('C-1', CANARY.owner)), await notify(notice('C-1', CANARY.owner)), await notify(notice('C-1', CANARY.otherOwner)), await notify(notice('C-2', CANARY.forgedOwner), CANARY.forgedSignature),
      await notify(`x=${CANARY.unreadable}`), await notify(notice('C-3', `${CANARY.owner} ném lỗi`)), await notify(`code=${'C'.repeat(300_000)}${CANARY.unreadable}`),
    ];
    shown.push(...answers.map(({ body }) => body));
    Object.assign(statuses, Object.fromEntries(answers.map(({ status }, index) => [`callback ${index}`, status])));
  };

  beforeAll(async () => {
    gateway = await startComposedGateway({}, { level: 'trace' });
    callbacks = await startCallbackGateway(gateway.test.url, [bindCallback(receiver, ({ owner }) => (owner.includes('ném lỗi') ? Promise.reject(new Error('cannot be applied now')) : Promise.resolve({ outcome: 'applied', code: null })))]);
    await playLogin();
    await playImport();
    await playCallbacks();
    metrics = (await (await fetch(`${gateway.url}/metrics`, { headers: bearer(gateway.keys.operator) })).text()) + (await callbacks.metrics.read());
  }, 90_000);
  afterAll(async () => {
    await callbacks.close();
    await gateway.close();
  });

  it('reach what is behind each door', async () => {
    expect(statuses).toEqual({
      'an unknown name': 401, 'a wrong password': 401, 'broken JSON': 400, 'a field too many': 400, 'the one-time password': 200, 'a short password': 422, 'a new password': 200, 'a call of the person': 200, 'a cookie nobody gave': 401,
      'callback 0': 200, 'callback 1': 200, 'callback 2': 200, 'callback 3': 401, 'callback 4': 200, 'callback 5': 503, 'callback 6': 200,
    });
    expect(imported).toEqual(['AgenciesImported', 'AgencyChangeRefused', 'AgencyChangeRefused']);
    expect(shown.join()).toContain('"created":1,"refused":1');
    const { rows } = await gateway.test.database.query('SELECT (SELECT count(*)::int FROM callbacks) AS callbacks, (SELECT count(*)::int FROM login_events) AS logins, (SELECT count(*)::int FROM sessions) AS sessions');
    expect(rows).toEqual([{ callbacks: 4, logins: 4, sessions: 1 }]);
  });

  it('are in no line of the log, at its most talkative', () => {
    expect(callbacks.log()).toContain('callback');
    expect(gateway.logLines.length).toBeGreaterThan(0);
    expect(canariesIn(gateway.logLines.join('') + callbacks.log(), canaries)).toEqual([]);
  });

  it('are in no answer, and in no metric', () => {
    expect(canaries).toHaveLength(Object.keys(CANARY).length + 5);
    expect(canariesIn(shown.join('\n'), canaries)).toEqual([]);
    expect(metrics).toContain('onestop_callbacks_total');
    expect(canariesIn(metrics, canaries)).toEqual([]);
  });

  it('are legible in no row of the database: sessions, locks, events, the inbox, evidence and all the rest', async () => {
    const rows = await databaseRows(gateway.test.database);
    const tables = new Set(rows.map(({ table }) => table));
    for (const table of ['public.sessions', 'public.login_locks', 'public.login_events', 'public.callbacks', 'public.operator_actions']) expect(tables).toContain(table);
    expect(rows.flatMap(({ table, row }) => canariesIn(row, canaries).map((canary) => `${table}: ${canary}`))).toEqual([]);
  });
});
