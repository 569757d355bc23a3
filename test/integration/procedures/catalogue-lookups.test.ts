import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';

const LOOKUPS = 'query ($id: ID!) { catalogueFields { code name } catalogueAgencies { code name } publicationDecision(id: $id) { id number issuedOn title } }';

interface Lookups {
  readonly catalogueFields: readonly { readonly code: string; readonly name: string }[];
  readonly catalogueAgencies: readonly { readonly code: string; readonly name: string }[];
  readonly publicationDecision: { readonly id: string } | null;
}

describe('lists and decisions of the national procedure database', () => {
  let gateway: ComposedGateway;
  beforeAll(async () => {
    gateway = await startComposedGateway();
  });
  afterAll(() => gateway.close());

  it('are read through, and an unknown decision is null', async () => {
    const { data, codes } = await gateway.query(bearer(gateway.keys.portal), LOOKUPS, { id: 'no-such-decision' });
    expect(codes).toEqual([]);
    const { catalogueFields, catalogueAgencies, publicationDecision } = data as unknown as Lookups;
    expect(catalogueFields.length).toBeGreaterThan(3);
    expect(catalogueAgencies.length).toBeGreaterThan(3);
    expect(publicationDecision).toBeNull();
  });

  it('ask nothing with an id that is none', async () => {
    const { codes } = await gateway.query(bearer(gateway.keys.portal), 'query ($id: ID!) { publicationDecision(id: $id) { id } }', { id: '\u0007' });
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });
});

describe('without a procedure database', () => {
  it('they are not found', async () => {
    const gateway = await startComposedGateway({ PROCEDURE_DATABASE_WIRE: 'off' });
    try {
      expect(await gateway.query(bearer(gateway.keys.portal), '{ catalogueFields { code } }')).toMatchObject({ codes: ['NOT_FOUND'] });
    } finally {
      await gateway.close();
    }
  });
});
