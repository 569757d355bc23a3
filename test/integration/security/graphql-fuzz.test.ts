import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildClientSchema, getIntrospectionQuery, type GraphQLSchema, type IntrospectionQuery } from 'graphql';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';

/** Runs of each property; a night's run sets it to some ten thousands. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 60);
const TIMEOUT_MS = 20_000 + RUNS * 100;
const TOKENS = ['{', '}', '(', ')', '[', ']', ':', '!', '$', '@', '...', '|', '&', '=', '"', '"""', '#', ',', '-', '0', '1e999', '\\u0000', '\n', 'on', 'fragment', 'query', 'mutation', 'subscription', 'schema', 'type', 'null', 'true', '@skip(if: true)', '@include(if: $a)', '$a', '__typename', '__schema', '__type(name: "Query")'];

interface Answer { readonly status: number; readonly type: string; readonly correlationId: string; readonly text: string }

describe('the GraphQL door', () => {
  let gateway: ComposedGateway;
  let words: string[];
  beforeAll(async () => {
    gateway = await startComposedGateway({ RATE_LIMIT_CLIENT: '0', RATE_LIMIT_TOTAL: '0' });
    const answer = await gateway.query(bearer(gateway.keys.operator), getIntrospectionQuery());
    const schema: GraphQLSchema = buildClientSchema(answer.data as unknown as IntrospectionQuery);
    words = [...TOKENS, ...Object.values(schema.getTypeMap()).flatMap((type) => ('getFields' in type ? [type.name, ...Object.keys(type.getFields())] : [type.name]))];
  }, 60_000);
  afterAll(() => gateway.close());

  const send = (body: Buffer, headers: Readonly<Record<string, string>>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const call = request(`${gateway.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': body.length, ...headers } }, (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, type: reply.headers['content-type'] ?? '', correlationId: String(reply.headers['x-correlation-id']), text: Buffer.concat(chunks).toString('utf8') }));
      });
      call.on('error', reject);
      call.end(body);
    });

  /** What every answer is, whatever was asked. */
  const isWellFormed = ({ status, type, correlationId, text }: Answer): boolean => {
    const body = JSON.parse(text) as { data?: unknown; errors?: { message: unknown; extensions?: { code?: unknown } }[] };
    const hasShape = body.errors === undefined ? body.data !== undefined : body.errors.length > 0 && body.errors.every(({ message, extensions }) =>
      typeof message === 'string' && typeof extensions?.code === 'string' && extensions.code !== 'INTERNAL');
    return status < 500 && type.includes('json') && /^[0-9a-f-]{36}$/.test(correlationId) && hasShape && !/\.[jt]s:\d+|node_modules|^\s+at /m.test(text);
  };
  const check = async (body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<void> => {
    for (const role of ['portal', 'operator'] as const) {
      const answer = await send(body, { ...bearer(gateway.keys[role]), ...headers });
      if (!isWellFormed(answer)) throw new Error(`${role} got ${answer.status} ${answer.text.slice(0, 300)} … ${answer.text.slice(-600)}`);
    }
  };

  it('answers any bytes with the typed shape', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), (bytes) => check(Buffer.from(bytes))), { numRuns: RUNS });
    expect((await send(Buffer.alloc(0), bearer(gateway.keys.portal))).status).toBe(400);
  }, TIMEOUT_MS);

  it('answers any JSON with the typed shape', async () => {
    const part = fc.oneof(fc.jsonValue(), fc.constantFrom(null, '', '{ caller { client } }', [], {}, 1));
    const body = fc.oneof(fc.jsonValue(), fc.record({ query: part, variables: part, operationName: part, extensions: part }, { requiredKeys: [] }));
    await fc.assert(fc.asyncProperty(body, (value) => check(Buffer.from(JSON.stringify(value)))), { numRuns: RUNS });
    expect.assertions(0);
  }, TIMEOUT_MS);

  it('answers documents of the schema\'s own words, well-formed and not, with the typed shape', async () => {
    const word = fc.nat().map((index) => words[index % words.length] ?? '');
    const loose = fc.array(word, { maxLength: 60 }).map((parts) => parts.join(' '));
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof({ maxDepth: 12 }, word, fc.tuple(word, fc.array(tie('tree'), { minLength: 1, maxLength: 4 })).map(([head, below]) => `${head} { ${below.join(' ')} }`)),
    }));
    const document = fc.oneof(loose, fc.array(tree, { minLength: 1, maxLength: 5 }).map((parts) => `{ ${parts.join(' ')} }`));
    await fc.assert(fc.asyncProperty(document, (query) => check(Buffer.from(JSON.stringify({ query })))), { numRuns: RUNS });
    expect.assertions(0);
  }, TIMEOUT_MS);

  it('answers any variables of any mutation with the typed shape, and stores what is wrong nowhere', async () => {
    const calls = [
      ['mutation ($a: IdempotencyKey!, $b: [DossierInput!]!) { upsertDossiers(idempotencyKey: $a, dossiers: $b) { __typename } }', 'array'],
      ['mutation ($a: IdempotencyKey!, $b: StatusReportInput!) { reportNationalDossierStatus(idempotencyKey: $a, report: $b) { __typename } }', 'object'],
      ['mutation ($a: IdempotencyKey!, $b: AgencyInput!) { saveAgency(idempotencyKey: $a, agency: $b, reason: "fuzz") { __typename } }', 'object'],
      ['query ($a: String, $b: DossierFilter) { dossiers(after: $a, filter: $b) { nodes { code } } }', 'object'],
      ['query ($a: String, $b: Int!) { events(after: $a, first: $b) { nodes { id } } }', 'number'],
      ['query ($a: ID!, $b: Int) { delivery(id: $a) { id } deliveries(first: $b) { nodes { id } } }', 'number'],
      ['mutation ($a: IdempotencyKey!, $b: String!) { pauseParty(idempotencyKey: $a, party: $b, reason: $b) { __typename } }', 'string'],
      ['mutation ($a: IdempotencyKey!, $b: String!) { importAgencies(idempotencyKey: $a, contentBase64: $b, reason: $b) { __typename } }', 'string'],
    ] as const;
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const value = fc.oneof(fc.jsonValue(), text, fc.integer(), fc.array(fc.dictionary(fc.constantFrom('code', 'owner', 'status', 'fees', 'steps', 'nameVi', '__proto__'), fc.jsonValue()), { maxLength: 3 }));
    await fc.assert(fc.asyncProperty(fc.constantFrom(...calls), fc.oneof(text, fc.uuid(), fc.jsonValue()), value, ([query], a, b) => check(Buffer.from(JSON.stringify({ query, variables: { a, b } })))), { numRuns: RUNS });
    const { rows } = await gateway.test.database.query('SELECT (SELECT count(*) FROM dossiers) + (SELECT count(*) FROM status_reports) AS n');
    expect(rows).toEqual([{ n: '0' }]);
  }, TIMEOUT_MS);

  it('takes more problems than it lists for the caller\'s fault', async () => {
    const steps = Array.from({ length: 60 }, () => 0);
    const { status, text } = await send(Buffer.from(JSON.stringify({ query: 'mutation ($a: IdempotencyKey!, $b: [StepInput!]!) { appendSteps(idempotencyKey: $a, dossierCode: "x", steps: $b) { __typename } }', variables: { a: 'k', b: steps } })), bearer(gateway.keys.portal));
    const { errors } = JSON.parse(text) as { errors: { extensions: { code: string; problems: { code: string }[] } }[] };
    expect(status).toBe(200);
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['BAD_USER_INPUT']));
    expect(errors.at(-1)?.extensions.problems).toMatchObject([{ code: 'TOO_MANY' }]);
  });

  it('has no defect to log after all that', () => {
    expect(gateway.logLines.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });
});
