import type {
  AdministrativeLevel, CodedName, ComponentCase, LegalBasis, NationalProcedure, ProcedureFee, ProcedureMethod, ProcedureStepCase, ProcessingTime, SubmissionMethod,
} from '../../src/procedures/procedure.js';
import { foldText } from '../support/vietnamese-text.js';
import { parseAmount, parseCount, parseDate, parseDuration, parseFeeCode, parseKeywords, parseUnit, Quirks, stemOf } from './mapping-values.js';
import type { ProcedureRecord } from './wire.js';

type Listed<Field extends keyof ProcedureRecord> = NonNullable<Extract<ProcedureRecord[Field], readonly unknown[] | null>>[number];

/** KENH (national-portal.md §4.4). */
const METHODS: Readonly<Record<string, SubmissionMethod>> = {
  1: 'IN_PERSON', 2: 'ONLINE', 3: 'PUBLIC_POST', 'trực tiếp': 'IN_PERSON', 'trực tuyến': 'ONLINE', 'dịch vụ bưu chính': 'PUBLIC_POST', 'bưu chính công ích': 'PUBLIC_POST',
};

/** CAPTHUCHIEN (national-portal.md §4.4). */
const LEVELS: Readonly<Record<string, AdministrativeLevel>> = { 0: 'MINISTRY', 1: 'PROVINCE', 2: 'DISTRICT', 3: 'COMMUNE' };

const lookUp = <Value>(table: Readonly<Record<string, Value>>, text: string | null): Value | null => {
  const key = text === null ? '' : foldText(text);
  return (Object.hasOwn(table, key) ? table[key] : undefined) ?? null;
};

/** Each value once, in the order seen. */
const unique = <Value>(values: readonly Value[]): readonly Value[] => [...new Set(values)];

/** Names without which an entry says nothing are left out, with a quirk. */
export const codedNames = (entries: readonly { readonly code: string | null; readonly name: string | null }[], quirks: Quirks): readonly CodedName[] =>
  entries.flatMap(({ code, name }) => {
    if (name !== null) return [{ code, name }];
    quirks.add('NAME_MISSING');
    return code === null ? [] : [{ code, name: code }];
  });

const toFee = (fee: { readonly MAPHILEPHI: string | null; readonly SOTIEN: string | null; readonly DONVI: string | null; readonly MOTA: string | null }, quirks: Quirks): ProcedureFee => ({
  code: parseFeeCode(fee.MAPHILEPHI, quirks),
  amountVnd: parseAmount(fee.SOTIEN, fee.DONVI, quirks),
  description: fee.MOTA,
  original: fee.SOTIEN ?? '',
});

const toTime = (time: NonNullable<Listed<'CACHTHUCTHUCHIEN'>['THOIGIAN']>[number], quirks: Quirks): ProcessingTime => ({
  amount: parseDuration(time.THOIGIANGIAIQUYET, quirks),
  unit: parseUnit(time.DONVITINH, quirks),
  original: [time.THOIGIANGIAIQUYET, time.DONVITINH].filter((text) => text !== null).join(' '),
  description: time.MOTA,
  fees: quirks.list(time.PHILEPHI, 'FEES_NULL').map((fee) => toFee(fee, quirks)),
});

const toMethods = (record: ProcedureRecord, quirks: Quirks): readonly ProcedureMethod[] =>
  quirks.list(record.CACHTHUCTHUCHIEN, 'METHODS_NULL').flatMap((entry) => {
    const method = lookUp(METHODS, entry.KENH) ?? quirks.add('METHOD_UNKNOWN');
    return method === null ? [] : [{ method, times: quirks.list(entry.THOIGIAN, 'TIMES_NULL').map((time) => toTime(time, quirks)) }];
  });

const toLevels = (record: ProcedureRecord, quirks: Quirks): readonly AdministrativeLevel[] =>
  unique(quirks.list(record.CAPTHUCHIEN, 'LEVELS_NULL').flatMap((entry) => lookUp(LEVELS, entry.CAPTHUCHIEN) ?? quirks.add('LEVEL_UNKNOWN') ?? []));

const toSteps = (record: ProcedureRecord, quirks: Quirks): readonly ProcedureStepCase[] =>
  quirks.list(record.TRINHTUTHUCHIEN, 'STEPS_NULL').map((entry) => ({
    name: entry.TRUONGHOP,
    steps: quirks.list(entry.TRINHTU, 'STEPS_NULL').map((step) => step.TENTRINHTU).filter((step) => step !== null),
  }));

const toComponents = (record: ProcedureRecord, quirks: Quirks): readonly ComponentCase[] =>
  quirks.list(record.THANHPHANHOSO, 'COMPONENTS_NULL').map((entry) => ({
    name: entry.TRUONGHOP,
    components: quirks.list(entry.GIAYTO, 'COMPONENTS_NULL').map((paper) => ({
      code: paper.MAGIAYTO,
      name: paper.TENGIAYTO ?? paper.MAGIAYTO ?? '',
      originals: parseCount(paper.SOBANCHINH, quirks),
      copies: parseCount(paper.SOBANSAO, quirks),
      formName: paper.TENMAUDON,
      formUrl: paper.URL,
      replacedByResultCode: paper.MA_KQ_THAYTHE,
    })),
  }));

const toLegalBases = (record: ProcedureRecord, quirks: Quirks): readonly LegalBasis[] =>
  quirks.list(record.CANCUPHAPLY, 'LEGAL_BASES_NULL').map((entry) => ({
    number: entry.SOVANBAN,
    name: entry.TENVANBAN ?? entry.SOVANBAN ?? '',
    issuer: entry.COQUANBANHANH,
    issuedOn: parseDate(entry.NGAYBANHANH, quirks),
    effectiveOn: parseDate(entry.NGAYHIEULUC, quirks),
    url: entry.DIACHITRUYCAP,
  }));

const agenciesOf = (entries: readonly { readonly MADONVI: string | null; readonly TENDONVI: string | null }[], quirks: Quirks): readonly CodedName[] =>
  codedNames(entries.map((entry) => ({ code: entry.MADONVI, name: entry.TENDONVI })), quirks);

const toSubjects = (record: ProcedureRecord, quirks: Quirks): readonly CodedName[] =>
  codedNames(quirks.list(record.DOITUONGTHUCHIEN, 'SUBJECTS_NULL').map((entry) => ({ code: entry.MADOITUONG, name: entry.TENDOITUONG })), quirks);

/** Head of the record. Its state must say outright that it is public: anything else is taken for "not public". */
const toHead = (record: ProcedureRecord, quirks: Quirks) => {
  const code = stemOf(record.MATTHC);
  if (record.ID === null) quirks.add('ID_MISSING');
  if (record.TRANGTHAI === null) quirks.add('STATE_MISSING');
  const publisher = record.MACOQUANCONGBO;
  return {
    code,
    partyId: record.ID ?? code,
    name: record.TENTTHC,
    // The wire names the publishing agency by its code alone.
    publishingAgency: publisher === null ? null : { code: publisher, name: publisher },
    kind: record.LOAITTHC,
    isPublic: record.TRANGTHAI === '1',
    decisionNumber: record.QUYETDINH,
    decisionId: record.IDQUYETDINHCONGBO,
  };
};

/** A record of `LayThuTuc` (national-portal.md §5.1) as a procedure. Pure. */
export const toProcedure = (record: ProcedureRecord): NationalProcedure => {
  const quirks = new Quirks();
  const parsed = {
    ...toHead(record, quirks),
    fields: codedNames(quirks.list(record.LINHVUCTHUCHIEN, 'FIELDS_NULL').map((entry) => ({ code: entry.MALINHVUC, name: entry.TENLINHVUC })), quirks),
    levels: toLevels(record, quirks),
    subjects: toSubjects(record, quirks),
    methods: toMethods(record, quirks),
    steps: toSteps(record, quirks),
    components: toComponents(record, quirks),
    results: codedNames(quirks.list(record.KETQUATHUCHIEN, 'RESULTS_NULL').map((entry) => ({ code: entry.MAKETQUA, name: entry.TENKETQUA })), quirks),
    legalBases: toLegalBases(record, quirks),
    executingAgencies: agenciesOf(quirks.list(record.COQUANTHUCHIEN, 'EXECUTING_AGENCIES_NULL'), quirks),
    competentAgencies: agenciesOf(quirks.list(record.COQUANCOTHAMQUYEN, 'COMPETENT_AGENCIES_NULL'), quirks),
    // Most procedures delegate to nobody and work with nobody, so an absent list of these is no quirk.
    delegatedAgencies: agenciesOf(record.COQUANDUOCUYQUYEN ?? [], quirks),
    coordinatingAgencies: agenciesOf(record.COQUANPHOIHOP ?? [], quirks),
    requirements: record.YEUCAU,
    receivingAddress: record.DIACHITIEPNHAN,
    keywords: parseKeywords(record.TUKHOA),
    description: record.MOTA,
  };
  return { ...parsed, quirks: quirks.all() };
};
