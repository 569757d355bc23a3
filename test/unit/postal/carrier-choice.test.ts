import { describe, expect, it } from '@jest/globals';
import { chooseCarriers, orderNumberOf } from '../../../src/postal/carrier-choice.js';
import { routeOf } from '../../../src/postal/contact-routing.js';
import type { PlaceAnswer, PlaceLevel, PostalContact } from '../../../src/postal/postal-address.js';
import { scriptedCarrier } from '../../support/scripted-carrier.js';

const WISH = { agencyCodes: ['H42'], named: null, service: null, collects: false } as const;
const parties = (list: readonly { readonly party: string }[]): readonly string[] => list.map(({ party }) => party);

describe('the choice of a carrier', () => {
  const cheap = scriptedCarrier('cheap', { collectsMoney: false, services: [{ code: 'SLOW', vi: 'Thường', en: 'Plain' }] }).port;
  const rich = scriptedCarrier('rich').port;
  const elsewhere = scriptedCarrier('elsewhere', { serves: () => false }).port;

  it('takes those that serve the agency, in the configured order', () => {
    expect(parties(chooseCarriers([cheap, rich, elsewhere], [], WISH))).toEqual(['cheap', 'rich']);
    expect(parties(chooseCarriers([cheap, rich, elsewhere], ['rich', 'gone', 'cheap'], WISH))).toEqual(['rich', 'cheap']);
  });

  it('takes the one that is named, has the service, or collects', () => {
    expect(parties(chooseCarriers([cheap, rich], [], { ...WISH, named: 'rich' }))).toEqual(['rich']);
    expect(parties(chooseCarriers([cheap, rich], [], { ...WISH, service: 'SLOW' }))).toEqual(['cheap']);
    expect(parties(chooseCarriers([cheap, rich], [], { ...WISH, collects: true }))).toEqual(['rich']);
    expect(chooseCarriers([cheap, rich], [], { ...WISH, named: 'elsewhere' })).toEqual([]);
  });
});

describe('the number of a parcel', () => {
  it('is the dossier\'s code, and has a suffix from the second on', () => {
    expect([1, 2, 3].map((sequence) => orderNumberOf('H42-1', sequence, '-{n}'))).toEqual(['H42-1', 'H42-1-2', 'H42-1-3']);
    expect(orderNumberOf('H42-1', 2, '.L{n}')).toBe('H42-1.L2');
  });
});

describe('the route of a parcel', () => {
  const contact: PostalContact = { name: 'A', phone: '0912345678', email: null, address: { epoch: 'TWO_LEVEL', province: 'Ninh Bình', district: null, commune: 'Hoa Lư', street: '9' } };
  const ends = { sender: { contact, field: 'order.sender.address' }, recipient: { contact, field: 'office' } };
  const found: PlaceAnswer = { kind: 'found', place: { provinceCode: '43', districtCode: null, communeCode: '7' } };
  const unknown = (level: PlaceLevel): PlaceAnswer => ({ kind: 'unknown', level, suggestions: ['Hoa Lư'] });
  const answering = (answers: Readonly<Record<string, PlaceAnswer>>) => ({ placeOf: (carrier: string) => Promise.resolve(answers[carrier] ?? found) });
  const needing = (party: string, needsPlaces: readonly PlaceLevel[]) => scriptedCarrier(party, { needsPlaces }).port;

  it('goes with the first carrier that finds both ends', async () => {
    const carriers = [needing('one', ['COMMUNE']), needing('two', ['PROVINCE'])];
    expect(await routeOf(answering({ one: unknown('COMMUNE') }), carriers, ends)).toMatchObject({ carrier: { party: 'two' }, sender: { provinceCode: '43' } });
  });

  it('names the level and the nearest names of the preferred carrier where none does', async () => {
    const carriers = [needing('one', ['COMMUNE']), needing('two', ['PROVINCE'])];
    expect(await routeOf(answering({ one: unknown('COMMUNE'), two: unknown('PROVINCE') }), carriers, ends)).toEqual({ field: 'order.sender.address', carrier: 'one', level: 'COMMUNE', suggestions: ['Hoa Lư'] });
  });

  it('needs no code of a level that the carrier does not need, and each that it does', async () => {
    expect(await routeOf(answering({ one: unknown('COMMUNE') }), [needing('one', [])], ends)).toMatchObject({ sender: { provinceCode: '', communeCode: null } });
    expect(await routeOf(answering({}), [needing('one', ['DISTRICT'])], ends)).toMatchObject({ level: 'DISTRICT', suggestions: [] });
    expect(await routeOf(answering({}), [], ends)).toBeNull();
  });
});
