import { describe, expect, it } from '@jest/globals';
import qrcode from 'qrcode';
import { drawQrPng, drawQrSvg } from '../../../src/payments/qr-image.js';

/** A transfer of NAPAS 247, as banking apps read it. */
const CONTENT = '00020101021238570010A00000072701270006970436011300110042513890208QRIBFTTA53037045405500005802VN62170813OG0000000000063048A2E';
/** Of a code of which a quarter may be lost. */
const MODULES = qrcode.create(CONTENT, { errorCorrectionLevel: 'Q' }).modules.size;

describe('the code that a citizen photographs', () => {
  it('may lose a quarter, and has its quiet zone of four modules on each side', async () => {
    expect(MODULES).toBeGreaterThan(qrcode.create(CONTENT, { errorCorrectionLevel: 'M' }).modules.size);
    expect(await drawQrSvg(CONTENT)).toContain(`viewBox="0 0 ${String(MODULES + 8)} ${String(MODULES + 8)}"`);
  });

  it('is a picture of 400 pixels, as wide as it is high', async () => {
    const [head, data = ''] = (await drawQrPng(CONTENT)).split(',');
    const png = Buffer.from(data, 'base64');
    expect([head, png.subarray(1, 4).toString('latin1'), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(['data:image/png;base64', 'PNG', 400, 400]);
  });
});
