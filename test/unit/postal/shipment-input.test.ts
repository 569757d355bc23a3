import { describe, expect, it } from '@jest/globals';
import { parsePickup, parseReturn } from '../../../src/postal/shipment-input.js';
import type { ContactInput, PickupInput } from '../../../src/postal/shipment-input.js';

const contact = (over: Partial<ContactInput> = {}): ContactInput =>
  ({ name: 'Nguyễn Văn An', phone: '0912 345 678', address: { epoch: 'TWO_LEVEL', province: 'Ninh Bình', commune: 'Phường Hoa Lư', street: 'Số 9, ngõ Mẫu' }, ...over });
const pickup = (over: Partial<PickupInput> = {}): PickupInput => ({ dossierCode: 'H42', sender: contact(), returnToo: false, weightGrams: 100, ...over });
const problemsOf = (input: PickupInput): readonly string[] => {
  const parsed = parsePickup(input);
  return parsed.ok ? [] : parsed.problems.map(({ field, code }) => `${field} ${code}`);
};

describe('an order of a pick-up', () => {
  it('is kept in one form: NFC, single spaces, telephone as it is dialled', () => {
    const sender = contact({ name: '  Nguyễn  Văn An '.normalize('NFD'), phone: '+84 912.345.678' });
    expect(parsePickup(pickup({ sender }))).toEqual({ ok: true, value: expect.objectContaining({ sender: expect.objectContaining({ name: 'Nguyễn Văn An'.normalize('NFC'), phone: '0912345678', email: null }), recipient: null }) });
  });

  it('sends the result to where the dossier was fetched, or to another who is named', () => {
    expect(parsePickup(pickup({ returnToo: true }))).toMatchObject({ ok: true, value: { recipient: { name: 'Nguyễn Văn An' } } });
    expect(parsePickup(pickup({ returnToo: true, recipient: contact({ name: 'Trần Thị Bình' }) }))).toMatchObject({ ok: true, value: { recipient: { name: 'Trần Thị Bình' } } });
  });

  it.each<[string, PickupInput, readonly string[]]>([
    ['no name', pickup({ sender: contact({ name: ' ' }) }), ['order.sender.name REQUIRED']],
    ['a name of a page', pickup({ sender: contact({ name: 'x'.repeat(101) }) }), ['order.sender.name LENGTH']],
    ['a telephone of letters', pickup({ sender: contact({ phone: '09123x5678' }) }), ['order.sender.phone PHONE']],
    ['a telephone that is too short', pickup({ sender: contact({ phone: '0912345' }) }), ['order.sender.phone PHONE']],
    ['no e-mail address', pickup({ sender: contact({ email: 'an(at)vn' }) }), ['order.sender.email EMAIL']],
    ['a control character', pickup({ note: 'a\u0007b' }), ['order.note CONTROL_CHARACTER']],
    ['half of a character', pickup({ contents: 'a\ud800' }), ['order.contents LONE_SURROGATE']],
    ['no weight', pickup({ weightGrams: 0 }), ['order.weightGrams WEIGHT']],
    ['a weight in fractions', pickup({ weightGrams: 1.5 }), ['order.weightGrams WEIGHT']],
    ['the weight of a bicycle', pickup({ weightGrams: 30_001 }), ['order.weightGrams WEIGHT']],
    ['a negative price', pickup({ quotedVnd: -1 }), ['order.quotedVnd AMOUNT']],
    ['a district in two levels', pickup({ sender: contact({ address: { ...contact().address, district: 'Hoa Lư' } }) }), ['order.sender.address.district DISTRICT_GONE']],
    ['no district in three levels', pickup({ sender: contact({ address: { ...contact().address, epoch: 'THREE_LEVEL' } }) }), ['order.sender.address.district DISTRICT_NEEDED']],
    ['nothing of another recipient', pickup({ returnToo: true, recipient: contact({ phone: '' }) }), ['order.recipient.phone PHONE']],
  ])('with %s names the field', (_what, input, problems) => {
    expect(problemsOf(input)).toEqual(problems);
  });

  it('names everything that is wrong at once', () => {
    expect(problemsOf(pickup({ weightGrams: 0, sender: contact({ name: '', phone: '1', address: { ...contact().address, street: '' } }) })))
      .toEqual(['order.weightGrams WEIGHT', 'order.sender.name REQUIRED', 'order.sender.phone PHONE', 'order.sender.address.street REQUIRED']);
  });
});

describe('an order of a return', () => {
  it('may leave out the recipient, and collects each fee once', () => {
    expect(parseReturn({ dossierCode: 'H42', weightGrams: 50, collectItemKeys: ['LP1', 'LP1'] })).toMatchObject({ ok: true, value: { recipient: null, collectItemKeys: ['LP1'] } });
  });

  it('collects something, or says nothing of it', () => {
    expect(parseReturn({ dossierCode: 'H42', weightGrams: 50, collectItemKeys: [] })).toMatchObject({ ok: false, problems: [{ field: 'order.collectItemKeys', code: 'COUNT' }] });
  });
});
