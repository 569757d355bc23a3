import { z } from 'zod';

const text = (longest: number): z.ZodType<string> => z.union([z.string(), z.number().int()]).transform(String).pipe(z.string().min(1).max(longest));

/** BIDV asks what a customer owes. `customer_id` is what the citizen typed. */
export const getbillBody = z.object({ customer_id: text(50), service_id: text(50), checksum: text(200) });
export type GetbillBody = z.infer<typeof getbillBody>;

/** BIDV tells that a bill was paid. `amount` stays as it was written: it is part of the checksum. */
export const paybillBody = z.object({
  trans_id: text(100), trans_date: text(30).optional(), customer_id: text(50).optional(), service_id: text(50), bill_id: text(50),
  amount: text(15).pipe(z.string().regex(/^[1-9]\d{0,12}$/)), checksum: text(200),
});
export type PaybillBody = z.infer<typeof paybillBody>;

export interface ResultReply {
  readonly result_code: string;
  readonly result_desc: string;
}

export interface BillReply extends ResultReply {
  readonly customer_id: string;
  readonly customer_name: string;
  readonly customer_addr: string;
  readonly data: readonly { readonly type: number; readonly amount: number; readonly bill_id: string }[];
}
