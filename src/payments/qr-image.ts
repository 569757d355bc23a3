import qrcode from 'qrcode';

/** A quiet zone of four modules is part of the symbol (ISO/IEC 18004). */
const QUIET_MODULES = 4;
const PNG_WIDTH_PX = 400;
/** Printed on paper and photographed from screens: a quarter of it may be lost. */
const CORRECTION = 'Q';

export const drawQrSvg = (content: string): Promise<string> => qrcode.toString(content, { type: 'svg', margin: QUIET_MODULES, errorCorrectionLevel: CORRECTION });

/** `data:image/png;base64,…`. */
export const drawQrPng = (content: string): Promise<string> => qrcode.toDataURL(content, { type: 'image/png', margin: QUIET_MODULES, errorCorrectionLevel: CORRECTION, width: PNG_WIDTH_PX });
