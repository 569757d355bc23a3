import { createRequire } from 'node:module';
import { drawQrPng } from '../payments/qr-image.js';

/** Points of 1/72 inch. */
export const PAPER_SIZES = { A6: [297.64, 419.53], A4: [595.28, 841.89] } as const;
export type PaperSize = keyof typeof PAPER_SIZES;

/** Be Vietnam Pro (SIL OFL 1.1): every Vietnamese letter as one glyph, so that copied text is NFC. */
const FONT = '@expo-google-fonts/be-vietnam-pro';
const require = createRequire(import.meta.url);
const fontFile = (style: '400Regular' | '700Bold'): string => require.resolve(`${FONT}/${style}/BeVietnamPro_${style}.ttf`);

/** Loaded when the first paper is made: neither server nor worker needs them to start. */
const load = async () => {
  const [{ default: pdfkit }, { default: bwip }] = await Promise.all([import('pdfkit'), import('bwip-js')]);
  /** Widths of bars and spaces in modules, a bar first. */
  const code128 = (text: string): readonly number[] => {
    const [symbol] = bwip.raw('code128', text);
    if (symbol === undefined || !('sbs' in symbol)) throw new RangeError('no bars for this text');
    return symbol.sbs;
  };
  return { pdfkit, code128 };
};

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Writing {
  readonly bold?: boolean;
  readonly size: number;
  readonly align?: 'left' | 'center' | 'right';
}

export interface PaperPage {
  /** Text in a box; what does not fit ends in an ellipsis. Returns how high it is. */
  write(text: string, box: Box, how: Writing): number;
  rule(y: number): void;
  frame(box: Box): void;
  /** Code 128 without text below; the quiet zone is the caller's. */
  barcode(text: string, box: Box): void;
  qr(text: string, box: Box): Promise<void>;
  nextPage(): void;
  finish(): Promise<Buffer>;
}

const MARGIN = 14;

/** What people paste may hold characters that no font has. */
const printable = (text: string): string => text.normalize('NFC').replace(/\p{C}/gu, ' ');

const bytesOf = (document: PDFKit.PDFDocument): Promise<Buffer> => new Promise((fulfil, reject) => {
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  document.on('end', () => fulfil(Buffer.concat(chunks)));
  document.on('error', reject);
  document.end();
});

/** An empty paper with Vietnamese fonts. `title` shows in viewers; no personal data. */
export const openPaper = async (size: PaperSize, title: string): Promise<PaperPage> => {
  const { pdfkit, code128 } = await load();
  const [width] = PAPER_SIZES[size];
  const document = new pdfkit({ size: [...PAPER_SIZES[size]], margin: 0, info: { Title: title }, lang: 'vi' });
  document.registerFont('regular', fontFile('400Regular')).registerFont('bold', fontFile('700Bold'));
  return {
    write: (text, { x, y, width: wide, height }, { bold = false, size: points, align = 'left' }) => {
      const clean = printable(text);
      document.font(bold ? 'bold' : 'regular').fontSize(points);
      const lineHeight = document.currentLineHeight(true);
      // A box lower than a line would print nothing.
      document.text(clean, x, y, { width: wide, height: Math.max(height, lineHeight), align, ellipsis: true, lineGap: 0 });
      return Math.min(document.heightOfString(clean, { width: wide }), Math.max(height, lineHeight));
    },
    rule: (y) => { document.moveTo(MARGIN, y).lineTo(width - MARGIN, y).lineWidth(0.5).stroke(); },
    frame: ({ x, y, width: wide, height }) => { document.rect(x, y, wide, height).lineWidth(0.5).stroke(); },
    barcode: (text, box) => {
      const widths = code128(text);
      const module = box.width / widths.reduce((sum, width) => sum + width, 0);
      let { x } = box;
      for (const [index, width] of widths.entries()) {
        if (index % 2 === 0) document.rect(x, box.y, width * module, box.height).fill('black');
        x += width * module;
      }
    },
    qr: async (text, { x, y, width: wide, height }) => { document.image(await drawQrPng(text), x, y, { fit: [wide, height] }); },
    nextPage: () => { document.addPage(); },
    finish: () => bytesOf(document),
  };
};
