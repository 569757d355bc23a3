import { describe, expect, it } from '@jest/globals';
import { askBody, initBody } from '../../../adapters/payment-platform/mapping.js';
import { sign, verify } from '../../../adapters/payment-platform/signature.js';
import { sampleOrder } from '../../contract/sample-payment.js';
import { CONFIRM, fixture, OLD_SECRET, SECRET, signedConfirm, verified } from './samples.js';
import type { WorkedExamples } from './samples.js';

const examples = fixture<WorkedExamples>('worked-examples');
const terms = { version: '1.0.6', partnerCode: 'G17TEST', serverIp: '10.0.0.1', serviceSuffix: '.01', feeWord: '1', chargeWord: '2' };
const order = sampleOrder({ reference: 'G17260101000001', amountVnd: 50_000, dossierCode: '000.00.00.G17-260101-0001', createdAt: new Date('2026-01-01T03:30:00Z') });

describe('the signature of the payment platform', () => {
  it.each(['init', 'confirm', 'query', 'bill'] as const)('is that of the worked example of %s', (name) => {
    const { text, hash } = examples[name];
    expect(sign(text.split('|'), examples.secret)).toBe(hash);
    expect(verify(text.split('|'), hash, [{ id: 'now', secret: examples.secret }])).toBe('now');
  });

  it('of what we send is that of the worked examples, too', () => {
    expect(initBody(order, terms, SECRET).MaXacThuc).toBe(examples.init.hash);
    expect(askBody('QUERY', order, { ...terms, secret: SECRET }).MaXacThuc).toBe(examples.query.hash);
    expect(askBody('GET_BILL', order, { ...terms, secret: SECRET }).MaXacThuc).toBe(examples.bill.hash);
  });

  it('is refused after a change of any one bit of it', () => {
    const { text, hash } = examples.confirm;
    const bytes = Buffer.from(hash, 'hex');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verify(text.split('|'), changed.toString('hex'), [{ id: 'now', secret: SECRET }])).toBeNull();
    }
  });

  it('is refused after a change of any one bit of what it covers', () => {
    const { text, hash } = examples.confirm;
    const bytes = Buffer.from(text);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verify(changed.toString('latin1').split('|'), hash, [{ id: 'now', secret: SECRET }])).toBeNull();
    }
  });

  it('is not moved from one field to the next: a bar stands in none but the last', () => {
    const keys = [{ id: 'now', secret: SECRET }] as const;
    expect(verify(['a', 'b', 'c'], sign(['a', 'b', 'c'], SECRET), keys)).toBe('now');
    expect(verify(['a|b', 'c'], sign(['a', 'b', 'c'], SECRET), keys)).toBeNull();
    expect(verify(['a', 'b|c'], sign(['a', 'b|c'], SECRET), keys)).toBe('now');
    expect(verified(signedConfirm({ MaNganHang: 'A|B' }))).toEqual({ kind: 'refused', reason: 'signature' });
  });

  it('is taken in either case, and in no other spelling', () => {
    const { text, hash } = examples.confirm;
    const keys = [{ id: 'now', secret: SECRET }] as const;
    expect(verify(text.split('|'), hash.toUpperCase(), keys)).toBe('now');
    for (const other of ['', `${hash}0`, `${hash} `, hash.slice(2), Buffer.from(hash, 'hex').toString('base64')]) expect(verify(text.split('|'), other, keys)).toBeNull();
  });
});

describe('a callback is verified', () => {
  it('as the worked example, under the current secret and under the one before it', () => {
    expect(verified(JSON.stringify(fixture('confirm-paid')))).toMatchObject({ kind: 'verified', verifiedBy: 'G17TEST', partyAt: new Date('2026-01-01T03:32:15Z') });
    expect(verified(signedConfirm({}, OLD_SECRET))).toMatchObject({ kind: 'verified', verifiedBy: 'G17TEST-previous' });
    expect(verified(signedConfirm({ SoTien: '50000' })).kind).toBe('verified');
  });

  it('with the secret of its own partner code only', () => {
    expect(verified(signedConfirm({ MaDoiTac: 'H42.05.PP' }, 'SECRET-OF-ANOTHER'))).toMatchObject({ kind: 'verified', verifiedBy: 'H42-05-PP' });
    expect(verified(signedConfirm({ MaDoiTac: 'H42.05.PP' }))).toEqual({ kind: 'refused', reason: 'signature' });
    expect(verified(signedConfirm({}, 'SECRET-OF-ANOTHER'))).toEqual({ kind: 'refused', reason: 'signature' });
  });

  it.each([
    ['no signature', JSON.stringify({ ...CONFIRM, MaXacThuc: undefined }), 'signature'], ['an empty one', JSON.stringify({ ...CONFIRM, MaXacThuc: '' }), 'signature'],
    ['a changed amount', JSON.stringify({ ...CONFIRM, SoTien: 1 }), 'signature'], ['a strange partner', signedConfirm({ MaDoiTac: 'NOBODY' }), 'partner'],
    ['another kind of message', signedConfirm({ LoaiBanTin: 'QUERY' }), 'type'], ['a signed amount with a fraction', signedConfirm({ SoTien: 50000.5 }), 'shape'],
    ['a signed negative amount', signedConfirm({ SoTien: -1 }), 'shape'], ['a field twice', JSON.stringify(CONFIRM).replace('{', '{"MaLoi":"99",'), 'shape'],
    ['no code', signedConfirm({ MaLoi: '' }), 'shape'], ['a list', '[]', 'shape'], ['no JSON', 'MaLoi=00', 'shape'], ['nothing', '', 'shape'],
    ['a signed reference that is too long', signedConfirm({ MaThamChieu: 'A'.repeat(61) }), 'shape'],
  ])('and refused with %s', (_name, bytes, reason) => {
    expect(verified(bytes)).toEqual({ kind: 'refused', reason });
  });

  it('under the literal that is configured', () => {
    expect(verified(signedConfirm({ LoaiBanTin: 'RESULT' }), { PAYMENT_PLATFORM_CONFIRM_TYPES: 'CONFIRM,RESULT' }).kind).toBe('verified');
  });

  it('as the same message where only its time differs, and as another where it says something else', () => {
    const keyOf = (changes: Readonly<Record<string, unknown>>): string => {
      const verification = verified(signedConfirm(changes));
      return verification.kind === 'verified' ? `${verification.uniqueKey} ${String(verification.sameness)}` : verification.reason;
    };
    expect(keyOf({ ThoiGianGD: '20260101154511' })).toBe(keyOf({}));
    const others = [{}, { SoTien: 50_001 }, { MaLoi: '01' }, { MaGiaoDich: 'PP2' }, { MaThamChieu: 'OG1' }].map(keyOf);
    expect(new Set(others).size).toBe(others.length);
    expect(Math.max(...others.map((key) => key.indexOf(' ')))).toBeLessThanOrEqual(200);
  });
});
