import { describe, expect, it } from '@jest/globals';
import { SealedFieldError } from '../../../src/errors/sealed-field-error.js';
import { openShipment, sealShipment } from '../../../src/postal/shipment-content.js';
import type { ShipmentContent } from '../../../src/postal/shipment-content.js';
import { FieldCipher } from '../../../src/store/field-cipher.js';

const cipher = new FieldCipher([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
const CONTENT: ShipmentContent = {
  sender: { name: 'Trần Thị Bưởi', phone: '0912345678', email: null, address: { epoch: 'TWO_LEVEL', province: 'Ninh Bình', district: null, commune: 'Phường Hoa Lư', street: '5 Tràng An' } },
  recipient: { name: 'Bộ phận một cửa', phone: '02293888888', email: 'motcua@example.gov.vn', address: { epoch: 'THREE_LEVEL', province: 'Ninh Bình', district: 'Hoa Lư', commune: 'Trường Yên', street: '1' } },
  contents: 'Giấy khai sinh (bản chính)', note: null,
};

describe('the sealed content of a parcel', () => {
  it('opens as it was, and shows nothing of it before', () => {
    const token = sealShipment(cipher, 'H42.12-260101-0001', CONTENT);
    expect(openShipment(cipher, 'H42.12-260101-0001', token)).toEqual(CONTENT);
    expect(Buffer.from(token.slice(token.indexOf('.') + 1), 'base64url').toString('utf8')).not.toContain('0912345678');
  });

  it('does not open as another parcel\'s', () => {
    const token = sealShipment(cipher, 'H42.12-260101-0001', CONTENT);
    expect(() => openShipment(cipher, 'H42.12-260101-0001-2', token)).toThrow(SealedFieldError);
  });
});
