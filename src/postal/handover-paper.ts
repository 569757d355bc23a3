import { openPaper } from './waybill-page.js';
import type { PaperPage } from './waybill-page.js';
import type { PostalContact } from './postal-address.js';
import { writtenAddress, writtenDay } from './waybill-paper.js';

/** What changes hands, as clerk and citizen check it together (Decision 45/2016/QĐ-TTg: phiếu hồ sơ). */
export interface HandoverContent {
  readonly orderNumber: string;
  readonly dossierCode: string;
  readonly procedure: { readonly code: string; readonly name: string };
  readonly documents: readonly string[];
  readonly sender: PostalContact;
  readonly recipient: PostalContact;
  readonly createdAt: Date;
}

const LEFT = 45;
const WIDTH = 505;
const BOTTOM = 700;
/** An order number takes some 300 modules, each of a point at least for the printers at hand. */
const BARCODE_WIDTH = 330;
const NUMBER_WIDTH = 32;
const COUNT_WIDTH = 70;
const CHECK_WIDTH = 70;
const NAME_WIDTH = WIDTH - NUMBER_WIDTH - COUNT_WIDTH - CHECK_WIDTH;
/** Of a dossier that names no documents: they are written by hand. */
const BLANK_ROWS = 8;
const ROW_LEAST = 22;
const ROW_MOST = 60;

const writeRow = (page: PaperPage, cells: readonly [string, string, string, string], { y, bold }: { readonly y: number; readonly bold: boolean }): number => {
  const widths = [NUMBER_WIDTH, NAME_WIDTH, COUNT_WIDTH, CHECK_WIDTH];
  const edges = widths.map((_, index) => LEFT + widths.slice(0, index).reduce((sum, width) => sum + width, 0));
  const heights = cells.map((cell, index) => page.write(cell, { x: (edges[index] ?? 0) + 4, y: y + 5, width: (widths[index] ?? 0) - 8, height: ROW_MOST - 10 }, { size: 9, bold, align: index === 1 ? 'left' : 'center' }));
  const height = Math.max(ROW_LEAST, ...heights.map((high) => high + 10));
  for (const [index, x] of edges.entries()) page.frame({ x, y, width: widths[index] ?? 0, height });
  return y + height;
};

const writeHead = (page: PaperPage, { orderNumber, dossierCode, procedure, sender, recipient, createdAt }: HandoverContent): number => {
  page.write('PHIẾU HỒ SƠ GIAO NHẬN QUA BƯU CHÍNH', { x: LEFT, y: 40, width: WIDTH, height: 20 }, { bold: true, size: 13, align: 'center' });
  page.barcode(orderNumber, { x: LEFT + (WIDTH - BARCODE_WIDTH) / 2, y: 64, width: BARCODE_WIDTH, height: 32 });
  page.write(orderNumber, { x: LEFT, y: 98, width: WIDTH, height: 12 }, { size: 8, align: 'center' });
  const lines = [
    `Mã hồ sơ: ${dossierCode}`, `Thủ tục: ${procedure.code} – ${procedure.name}`, `Bên giao: ${sender.name}, ĐT ${sender.phone}`, `Địa chỉ: ${writtenAddress(sender.address)}`,
    `Bên nhận: ${recipient.name}, ĐT ${recipient.phone}`, `Địa chỉ: ${writtenAddress(recipient.address)}`, `Ngày lập: ${writtenDay(createdAt)}`,
  ];
  let y = 118;
  for (const line of lines) y += page.write(line, { x: LEFT, y, width: WIDTH, height: 26 }, { size: 10 }) + 4;
  return y + 6;
};

/** The list of what is handed over, A4, with as many pages as it takes. */
export const drawHandover = async (content: HandoverContent): Promise<Buffer> => {
  const page = await openPaper('A4', `Phiếu hồ sơ ${content.orderNumber}`);
  const heading = ['STT', 'Tên giấy tờ', 'Số bản', 'Đã kiểm'] as const;
  let y = writeRow(page, heading, { y: writeHead(page, content), bold: true });
  for (const [index, name] of content.documents.entries()) {
    if (y > BOTTOM) {
      page.nextPage();
      y = writeRow(page, heading, { y: 50, bold: true });
    }
    y = writeRow(page, [String(index + 1), name, '', ''], { y, bold: false });
  }
  if (content.documents.length === 0) for (let row = 0; row < BLANK_ROWS; row += 1) y = writeRow(page, ['', '', '', ''], { y, bold: false });
  const total = content.documents.length === 0 ? 'Hồ sơ không khai giấy tờ nào; ghi tay vào bảng trên.' : `Tổng số: ${String(content.documents.length)} loại giấy tờ. Túi hồ sơ được niêm phong trước mặt hai bên.`;
  page.write(total, { x: LEFT, y: y + 10, width: WIDTH, height: 14 }, { size: 10 });
  page.write('Người giao (ký, ghi rõ họ tên)', { x: LEFT, y: y + 36, width: WIDTH / 2, height: 14 }, { size: 9, align: 'center' });
  page.write('Nhân viên bưu chính (ký, ghi rõ họ tên)', { x: LEFT + WIDTH / 2, y: y + 36, width: WIDTH / 2, height: 14 }, { size: 9, align: 'center' });
  return page.finish();
};
