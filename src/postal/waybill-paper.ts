import { openPaper } from './waybill-page.js';
import type { PaperPage } from './waybill-page.js';
import type { PostalAddress, PostalContact } from './postal-address.js';
import type { ShipmentDirection } from './shipment.js';

/** All that a waybill shows. */
export interface WaybillContent {
  readonly orderNumber: string;
  /** The carrier's; null where it gave none yet. */
  readonly carrierNumber: string | null;
  readonly carrier: string;
  readonly service: string | null;
  readonly direction: ShipmentDirection;
  readonly sender: PostalContact;
  readonly recipient: PostalContact;
  readonly collectVnd: number;
  readonly weightGrams: number;
  readonly contents: string;
  readonly note: string | null;
  readonly createdAt: Date;
}

const LEFT = 14;
const WIDTH = 270;
const TITLE_WIDTH = 125;
const QR = 76;

const DIRECTIONS: Readonly<Record<ShipmentDirection, string>> = { PICKUP: 'GỬI HỒ SƠ', RETURN: 'TRẢ KẾT QUẢ' };
const DAY = new Intl.DateTimeFormat('vi-VN', { timeZone: 'Asia/Ho_Chi_Minh', day: '2-digit', month: '2-digit', year: 'numeric' });
const AMOUNT = new Intl.NumberFormat('vi-VN');

export const writtenAddress = ({ street, commune, district, province }: PostalAddress): string => [street, commune, district, province].filter((part) => part !== null && part !== '').join(', ');

export const writtenDay = (at: Date): string => DAY.format(at);

const writeContact = (page: PaperPage, title: string, { contact, y, height }: { readonly contact: PostalContact; readonly y: number; readonly height: number }): void => {
  page.write(title, { x: LEFT, y, width: 60, height: 10 }, { bold: true, size: 7 });
  page.write(contact.name, { x: LEFT + 60, y: y - 1, width: WIDTH - 60, height: 12 }, { bold: true, size: 9 });
  page.write(`ĐT: ${contact.phone}`, { x: LEFT + 60, y: y + 12, width: WIDTH - 60, height: 10 }, { size: 8 });
  page.write(writtenAddress(contact.address), { x: LEFT + 60, y: y + 23, width: WIDTH - 60, height: height - 25 }, { size: 8 });
};

/** The label of a parcel, A6: what a scanner reads is above what people read. */
export const drawWaybill = async (content: WaybillContent): Promise<Buffer> => {
  const { orderNumber, carrierNumber, carrier, service, direction, sender, recipient, collectVnd, weightGrams, contents, note, createdAt } = content;
  const page = await openPaper('A6', `Phiếu gửi ${orderNumber}`);
  page.write(`PHIẾU GỬI – ${DIRECTIONS[direction]}`, { x: LEFT, y: 12, width: TITLE_WIDTH, height: 14 }, { bold: true, size: 9 });
  page.write(`${carrier}${service === null ? '' : ` · ${service}`}`, { x: LEFT + TITLE_WIDTH, y: 13, width: WIDTH - TITLE_WIDTH, height: 11 }, { size: 7, align: 'right' });
  page.barcode(carrierNumber ?? orderNumber, { x: LEFT + 10, y: 30, width: WIDTH - 20, height: 40 });
  page.write(carrierNumber ?? orderNumber, { x: LEFT, y: 72, width: WIDTH, height: 12 }, { bold: true, size: 9, align: 'center' });
  page.rule(87);
  writeContact(page, 'NGƯỜI GỬI', { contact: sender, y: 92, height: 62 });
  page.rule(156);
  writeContact(page, 'NGƯỜI NHẬN', { contact: recipient, y: 161, height: 62 });
  page.rule(225);
  await page.qr(orderNumber, { x: LEFT + WIDTH - QR, y: 231, width: QR, height: QR });
  const beside = WIDTH - QR - 8;
  page.write(`Số đơn: ${orderNumber}`, { x: LEFT, y: 231, width: beside, height: 22 }, { size: 8 });
  page.write(`Ngày: ${writtenDay(createdAt)} · Khối lượng: ${AMOUNT.format(weightGrams)} g`, { x: LEFT, y: 255, width: beside, height: 11 }, { size: 8 });
  page.write(collectVnd === 0 ? 'Không thu tiền khi phát' : `Thu hộ: ${AMOUNT.format(collectVnd)} đồng`, { x: LEFT, y: 272, width: beside, height: 26 }, { bold: true, size: 11 });
  page.rule(312);
  page.write(`Nội dung: ${contents}`, { x: LEFT, y: 317, width: WIDTH, height: 46 }, { size: 8 });
  page.write(note === null ? '' : `Ghi chú: ${note}`, { x: LEFT, y: 366, width: WIDTH, height: 22 }, { size: 8 });
  page.write('Người gửi ký', { x: LEFT, y: 392, width: WIDTH / 2, height: 10 }, { size: 7, align: 'center' });
  page.write('Người nhận ký', { x: LEFT + WIDTH / 2, y: 392, width: WIDTH / 2, height: 10 }, { size: 7, align: 'center' });
  return page.finish();
};
