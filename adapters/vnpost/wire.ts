import { z } from 'zod';

/** Shapes of what crosses the wire; source: payments-and-post.md B2. Missing optionals are sent as null. */

export interface OrderWire {
  readonly CustomerCode: string;
  readonly OrderNumber: string;
  /** A double to them, whole VND to us. */
  readonly CODAmount: number;
  readonly SenderProvince: number;
  /** 0 where there is none. */
  readonly SenderDistrict: number;
  readonly SenderAddress: string;
  readonly SenderName: string;
  readonly SenderEmail: string | null;
  readonly SenderTel: string;
  /** What is in the parcel. */
  readonly SenderDesc: string;
  readonly Description: string | null;
  readonly ReceiverProvince: number;
  readonly ReceiverDistrict: number;
  readonly ReceiverAddress: string;
  readonly ReceiverName: string;
  readonly ReceiverEmail: string | null;
  readonly ReceiverTel: string;
  /** A waybill that was given out beforehand. */
  readonly ItemCode?: string;
  readonly FlagConfig?: number;
}

export interface DocumentPerson {
  readonly Name: string;
  readonly Phone: string;
  readonly ProvinceCode: string;
  readonly ProvinceTitle: string;
  readonly DistrictCode: string;
  readonly DistrictTitle: string;
  readonly Address: string;
  readonly Email: string;
}

export interface DocumentWire {
  readonly CustomerCode: string;
  readonly OrderNumber: string;
  readonly Procedure: { readonly Code: string; readonly Title: string; readonly Category: string; readonly Elements: string };
  readonly IsSendDocument: boolean;
  readonly DocumentSender: DocumentPerson | null;
  readonly IsReceiveResult: boolean;
  readonly ResultReceiver: DocumentPerson | null;
  readonly State: number;
}

export interface PriceWire {
  readonly weight: number;
  readonly mainSrv: string;
  readonly isreturn: number;
  readonly sender: { readonly provCode: number; readonly distCode: number };
  readonly receiver: { readonly provCode: number; readonly distCode: number };
}

/** An int from the SDK's side, a string from an LGSP. */
const statusCode = z.union([z.number().int().min(0).max(999_999), z.string().regex(/^\d{1,6}$/)]).transform((value) => Number(value));

/** Answer to create, cancel and document. */
export const statusReply = z.object({ Status: statusCode, Message: z.string().nullish() });
export type StatusReply = z.infer<typeof statusReply>;

/** A double that must be whole; also as text. Anything else makes the reply unreadable. */
const wholeAmount = z.union([z.number(), z.string().regex(/^\d{1,16}(\.0{1,4})?$/).transform(Number)]).pipe(z.number().int().min(0).max(Number.MAX_SAFE_INTEGER));

export const priceReply = z.object({ content: z.object({ price: wholeAmount }) });

/** An object id of MongoDB: its first eight digits are the second in which it was made. */
export const OBJECT_ID = /^[0-9a-f]{24}$/;

/** MongoDB writes a long as a number, as text, or as `$numberLong`; a time as `$date`. */
const long = z.union([
  z.number(), z.string().regex(/^\d{1,16}$/).transform(Number),
  z.object({ $numberLong: z.string().regex(/^\d{1,16}$/).transform(Number) }).transform(({ $numberLong }) => $numberLong),
  z.object({ $date: z.number() }).transform(({ $date }) => $date),
]);

const textOrNumber = z.union([z.string(), z.number().transform(String)]);

/** One event. Only its id must be there: one that is odd otherwise may not stop the feed for good. */
const eventDocument = z.object({
  _id: z.object({ $oid: z.string().toLowerCase().regex(OBJECT_ID) }),
  CustomerCode: textOrNumber.nullish().catch(null),
  OrderNumber: textOrNumber.nullish().catch(null),
  EventTime: long.nullish().catch(null),
  POSID: textOrNumber.nullish().catch(null),
  ItemCode: textOrNumber.nullish().catch(null),
  StatusCode: textOrNumber.nullish().catch(null),
  StatusMessage: z.string().nullish().catch(null),
});
export type EventDocument = z.infer<typeof eventDocument>;

/** RESTHeart's page. `_returned` counts the documents: fewer of them is half a page. Without a count the list must be there. */
export const trackingReply = z.object({
  _returned: z.number().int().min(0).optional(),
  _embedded: z.object({ 'rh:doc': z.array(eventDocument).optional() }).optional(),
}).transform(({ _returned: returned, _embedded: embedded }, context) => {
  const documents = embedded?.['rh:doc'];
  if ((documents?.length ?? 0) === (returned ?? documents?.length)) return documents ?? [];
  context.addIssue({ code: 'custom', message: 'count' });
  return z.NEVER;
});

/** Legible in the journal. Names, phones, addresses, contents, notes and amounts are not. */
export const KEPT_FIELDS = {
  plain: new Set([
    'CustomerCode', 'OrderNumber', 'ItemCode', 'SenderProvince', 'SenderDistrict', 'ReceiverProvince', 'ReceiverDistrict', 'FlagConfig', 'Status', 'StatusCode', 'EventTime',
    'POSID', 'IsSendDocument', 'IsReceiveResult', 'lastId', 'pagesize', '_size', '_total_pages', '_returned', 'weight', 'mainSrv', 'isreturn', 'provCode', 'distCode', 'price',
  ]),
  text: new Set(['Message']),
};
