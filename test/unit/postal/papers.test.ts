import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drawHandover } from '../../../src/postal/handover-paper.js';
import { drawWaybill } from '../../../src/postal/waybill-paper.js';
import type { WaybillContent } from '../../../src/postal/waybill-paper.js';
import { hasPdfTools } from '../../support/pdf-tools.js';

const describeRead = hasPdfTools() ? describe : describe.skip;

const NUMBER = '000.12.34.H42-261128-0007-2';
const CONTENT: WaybillContent = {
  orderNumber: NUMBER, carrierNumber: 'EH123456789VN', carrier: 'vnpost', service: 'Chuyển phát hành chính công', direction: 'RETURN', collectVnd: 1_250_000, weightGrams: 250,
  sender: { name: 'Bộ phận Một cửa phường Hoa Lư', phone: '02293888888', email: null, address: { epoch: 'TWO_LEVEL', province: 'Tỉnh Ninh Bình', district: null, commune: 'Phường Hoa Lư', street: 'Số 1 đường Tràng An' } },
  // In NFD, as some keyboards write.
  recipient: { name: 'Nguyễn Thị Quỳnh Như Ưở'.normalize('NFD'), phone: '0912345678', email: null, address: { epoch: 'THREE_LEVEL', province: 'Thành phố Hà Nội', district: 'Quận Cầu Giấy', commune: 'Phường Nghĩa Đô', street: 'Ngõ 82/5 phố Dịch Vọng Hậu, nhà số 7' } },
  contents: 'Giấy chứng nhận quyền sử dụng đất; Quyết định phê duyệt (bản chính)', note: 'Gọi trước khi phát', createdAt: new Date('2026-11-27T18:00:00Z'),
};
/** Every lower-case letter of Vietnamese. */
const LETTERS = 'aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'papers-')); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const save = (name: string, pdf: Buffer): string => {
  const file = join(folder, name);
  writeFileSync(file, pdf);
  return file;
};
const textOf = (file: string): string => execFileSync('pdftotext', ['-raw', file, '-'], { encoding: 'utf8' });
/** What a scanner reads from the first page at the resolution of a label printer. */
const codesOf = (file: string): readonly string[] => {
  execFileSync('pdftoppm', ['-r', '203', '-f', '1', '-l', '1', '-png', file, `${file}-page`]);
  const image = readdirSync(folder).find((name) => join(folder, name).startsWith(`${file}-page`));
  return execFileSync('zbarimg', ['--quiet', '--nodbus', join(folder, image ?? '')], { encoding: 'utf8' }).trim().split('\n').sort();
};

describeRead('a waybill', () => {
  it('says in NFC who sends what to whom, and what is to be collected', async () => {
    const text = textOf(save('waybill.pdf', await drawWaybill(CONTENT)));
    expect(text).toBe(text.normalize('NFC'));
    const words = text.replace(/\s+/g, ' ');
    for (const part of ['PHIẾU GỬI – TRẢ KẾT QUẢ', 'Bộ phận Một cửa phường Hoa Lư', 'Số 1 đường Tràng An, Phường Hoa Lư, Tỉnh Ninh Bình', 'Nguyễn Thị Quỳnh Như Ưở', 'ĐT: 0912345678', 'Ngõ 82/5 phố Dịch Vọng Hậu, nhà số 7, Phường Nghĩa Đô, Quận Cầu Giấy, Thành phố Hà Nội',
      'Thu hộ: 1.250.000 đồng', 'Khối lượng: 250 g', 'Ngày: 28/11/2026', `Số đơn: ${NUMBER}`, 'Giấy chứng nhận quyền sử dụng đất; Quyết định phê duyệt (bản chính)', 'Ghi chú: Gọi trước khi phát']) expect(words).toContain(part);
  });

  it('is read by a scanner: the carrier\'s number in bars, ours in the square', async () => {
    expect(codesOf(save('codes.pdf', await drawWaybill(CONTENT)))).toEqual(['CODE-128:EH123456789VN', `QR-Code:${NUMBER}`]);
  });

  it('carries our number in both until the carrier gave its own', async () => {
    const file = save('ours.pdf', await drawWaybill({ ...CONTENT, carrierNumber: null, collectVnd: 0 }));
    expect(codesOf(file)).toEqual([`CODE-128:${NUMBER}`, `QR-Code:${NUMBER}`]);
    expect(textOf(file)).toContain('Không thu tiền khi phát');
  });

  it('has every Vietnamese letter, and stays one page however long the texts are', async () => {
    const long = `${LETTERS} ${LETTERS.toUpperCase()} `.repeat(20);
    const file = save('long.pdf', await drawWaybill({ ...CONTENT, contents: long, note: long, sender: { ...CONTENT.sender, name: LETTERS, address: { ...CONTENT.sender.address, street: long } } }));
    const text = textOf(file).replace(/\s+/g, '');
    expect(LETTERS.split('').filter((letter) => !text.includes(letter))).toEqual([]);
    expect(execFileSync('pdfinfo', [file], { encoding: 'utf8' })).toMatch(/Pages:\s+1\n/);
  });
});

describeRead('the list of what is handed over', () => {
  const { sender, recipient, createdAt } = CONTENT;
  const draw = (documents: readonly string[]): Promise<Buffer> => drawHandover({ orderNumber: NUMBER, dossierCode: '000.12.34.H42-261128-0007', procedure: { code: '1.001193', name: 'Đăng ký khai sinh' }, documents, sender, recipient, createdAt });

  it('names the documents of the dossier in their order, with the number that a scanner reads', async () => {
    const file = save('handover.pdf', await draw(['Tờ khai đăng ký khai sinh', 'Giấy chứng sinh']));
    expect(textOf(file).replace(/\s+/g, ' ')).toMatch(/Mã hồ sơ: 000\.12\.34\.H42-261128-0007 Thủ tục: 1\.001193 – Đăng ký khai sinh .*1 Tờ khai đăng ký khai sinh 2 Giấy chứng sinh Tổng số: 2 loại giấy tờ/);
    expect(codesOf(file)).toEqual([`CODE-128:${NUMBER}`]);
  });

  it('leaves room to write by hand where the dossier names no documents', async () => {
    expect(textOf(save('none.pdf', await draw([])))).toContain('ghi tay vào bảng trên');
  });

  it('takes as many pages as it needs, each with its heading', async () => {
    const file = save('many.pdf', await draw(Array.from({ length: 60 }, (_, index) => `Giấy tờ số ${String(index + 1)} kèm theo hồ sơ`)));
    const pages = textOf(file).split('\f').filter((page) => page.trim() !== '');
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.every((page) => page.includes('Tên giấy tờ'))).toBe(true);
    expect([...textOf(file).matchAll(/Giấy tờ số (\d+) kèm/g)].map(([, number]) => Number(number))).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });
});
