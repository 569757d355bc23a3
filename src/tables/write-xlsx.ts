import { strToU8, zipSync } from 'fflate';

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const WORKBOOK_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
/** XML 1.0 cannot carry them. */
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const MAX_SHEET_NAME = 31;

const escape = (text: string): string =>
  text.replace(NOT_XML, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Texts stay texts, whatever they look like: a code such as 1.001193 must not become a number. */
const cellOf = (cell: string | number): string =>
  typeof cell === 'number' ? `<c><v>${String(cell)}</v></c>` : `<c t="inlineStr"><is><t xml:space="preserve">${escape(cell)}</t></is></c>`;

export interface Sheet {
  readonly name: string;
  /** The first row is the heading. */
  readonly rows: readonly (readonly (string | number)[])[];
}

const sheetXml = ({ rows }: Sheet): string =>
  `${HEAD}<worksheet xmlns="${MAIN}"><sheetData>${rows.map((row) => `<row>${row.map(cellOf).join('')}</row>`).join('')}</sheetData></worksheet>`;

/** An Excel workbook (ECMA-376) with these sheets. */
export const writeXlsx = (sheets: readonly Sheet[]): Uint8Array => {
  const numbered = sheets.map((sheet, index) => ({ sheet, number: String(index + 1) }));
  const names = numbered.map(({ sheet, number }) => `<sheet name="${escape(sheet.name.slice(0, MAX_SHEET_NAME))}" sheetId="${number}" r:id="rId${number}"/>`).join('');
  const targets = numbered.map(({ number }) => `<Relationship Id="rId${number}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${number}.xml"/>`).join('');
  const types = numbered.map(({ number }) => `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${WORKBOOK_TYPE}.worksheet+xml"/>`).join('');
  return zipSync({
    '[Content_Types].xml': strToU8(`${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${WORKBOOK_TYPE}.sheet.main+xml"/>${types}</Types>`),
    '_rels/.rels': strToU8(`${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`),
    'xl/workbook.xml': strToU8(`${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${names}</sheets></workbook>`),
    'xl/_rels/workbook.xml.rels': strToU8(`${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${targets}</Relationships>`),
    ...Object.fromEntries(numbered.map(({ sheet, number }) => [`xl/worksheets/sheet${number}.xml`, strToU8(sheetXml(sheet))])),
  });
};
