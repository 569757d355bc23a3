import { z } from 'zod';

/** Shapes of G1 and G2. Source: national-portal.md §2, §5.1. Numbers may come as text and the reverse; a text or a list may be null. */

/** A scalar as text in NFC, trimmed; null where there is nothing in it. */
export const looseText = z.union([z.string(), z.number(), z.boolean(), z.null()]).optional()
  .transform((value) => {
    const text = value === null || value === undefined ? '' : String(value).normalize('NFC').trim();
    return text === '' ? null : text;
  });

/** A list that may be null, missing, or a lone object; null says that there was none. */
export const looseList = <Item extends z.ZodType>(item: Item) =>
  z.union([z.array(item), item.transform((one) => [one]), z.null()]).optional().transform((value) => value ?? null);

const fee = z.object({ MAPHILEPHI: looseText, SOTIEN: looseText, DONVI: looseText, MOTA: looseText });
const time = z.object({ THOIGIANGIAIQUYET: looseText, DONVITINH: looseText, MOTA: looseText, PHILEPHI: looseList(fee) });
const method = z.object({ KENH: looseText, THOIGIAN: looseList(time) });
const paper = z.object({
  MAGIAYTO: looseText, MA_KQ_THAYTHE: looseText, SOBANCHINH: looseText, SOBANSAO: looseText, TENGIAYTO: looseText, TENMAUDON: looseText, URL: looseText,
});
const agency = z.object({ MADONVI: looseText, TENDONVI: looseText });
const legal = z.object({
  SOVANBAN: looseText, TENVANBAN: looseText, COQUANBANHANH: looseText, NGAYBANHANH: looseText, NGAYHIEULUC: looseText, DIACHITRUYCAP: looseText,
});

/** The whole record of `LayThuTuc`. A record without code or name is none. */
export const procedureRecord = z.object({
  ID: looseText,
  MATTHC: looseText.pipe(z.string()),
  TENTTHC: looseText.pipe(z.string()),
  MACOQUANCONGBO: looseText,
  LOAITTHC: looseText,
  MOTADOITUONGTHUCHIEN: looseText,
  DIACHITIEPNHAN: looseText,
  QUYETDINH: looseText,
  YEUCAU: looseText,
  TUKHOA: looseText,
  IDQUYETDINHCONGBO: looseText,
  TRANGTHAI: looseText,
  MOTA: looseText,
  TRINHTUTHUCHIEN: looseList(z.object({ TRUONGHOP: looseText, TRINHTU: looseList(z.object({ TENTRINHTU: looseText })) })),
  CAPTHUCHIEN: looseList(z.object({ CAPTHUCHIEN: looseText, TENCAP: looseText })),
  LINHVUCTHUCHIEN: looseList(z.object({ MALINHVUC: looseText, TENLINHVUC: looseText })),
  CACHTHUCTHUCHIEN: looseList(method),
  DOITUONGTHUCHIEN: looseList(z.object({ MADOITUONG: looseText, TENDOITUONG: looseText })),
  THANHPHANHOSO: looseList(z.object({ TRUONGHOP: looseText, GIAYTO: looseList(paper) })),
  KETQUATHUCHIEN: looseList(z.object({ MAKETQUA: looseText, TENKETQUA: looseText })),
  CANCUPHAPLY: looseList(legal),
  COQUANTHUCHIEN: looseList(agency),
  COQUANCOTHAMQUYEN: looseList(agency),
  COQUANDUOCUYQUYEN: looseList(agency),
  COQUANPHOIHOP: looseList(agency),
});
export type ProcedureRecord = z.infer<typeof procedureRecord>;

/** Rows of the lists, read into our words at once. A row whose code is empty stands for nothing that could be kept. */
export const listedRow = z.object({ MATTHC: looseText, TENTTHC: looseText })
  .transform((row) => ({ reference: row.MATTHC, name: row.TENTTHC ?? '' }));
export const fieldRow = z.object({ MALINHVUC: looseText, TENLINHVUC: looseText })
  .transform((row) => ({ code: row.MALINHVUC, name: row.TENLINHVUC }));
export const agencyRow = z.object({ MADONVI: looseText, TENDONVI: looseText })
  .transform((row) => ({ code: row.MADONVI, name: row.TENDONVI }));

/** ASSUMPTION: no answer of LayQDCB is public; the names are those of its siblings, and any of them may be missing. */
export const decisionRow = z.object({
  SOQUYETDINH: looseText, QUYETDINH: looseText, SOVANBAN: looseText, NGAYBANHANH: looseText, TRICHYEU: looseText, TENVANBAN: looseText,
}).transform((row) => ({
  number: row.SOQUYETDINH ?? row.QUYETDINH ?? row.SOVANBAN, issuedOn: row.NGAYBANHANH, title: row.TRICHYEU ?? row.TENVANBAN,
}));
