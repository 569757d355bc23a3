import { z } from 'zod';

const text = (longest: number): z.ZodType<string> => z.union([z.string(), z.number().int()]).transform(String).pipe(z.string().trim().min(1).max(longest));

/** Whole đồng; some of MB's systems write a fraction of zeros. */
const amount = z.union([z.number(), z.string().regex(/^\d{1,15}(\.0+)?$/).transform(Number)]).pipe(z.number().int().min(1).max(1e15));

const FIRST_YEAR_MS = 1_500_000_000_000;

/** Milliseconds since 1970. Seconds would be a time in January 1970, and are refused. */
const instant = z.union([z.number(), z.string().regex(/^\d{13}$/).transform(Number)]).pipe(z.number().int().min(FIRST_YEAR_MS).max(4_102_444_800_000)).transform((at) => new Date(at));

/** What the key of a push is made of; enough to keep a push of which nothing else can be read. */
export const pushKey = z.object({ referencenumber: text(100), transType: z.enum(['C', 'D']) });

/** Body of `transaction-sync`. The other fields (reciprocalAccount, reciprocalBankCode, va, valueDate) are not needed, and not read. */
export const pushBody = z.object({
  transactionid: text(100),
  transactiontime: instant,
  referencenumber: text(100),
  amount,
  content: z.string().max(1_000),
  bankaccount: text(30),
  transType: z.enum(['C', 'D']),
  /** Only on the channel of QR codes: what the code named. */
  orderId: z.string().max(200).nullish(),
});

export type PushBody = z.infer<typeof pushBody>;

export interface PushReply {
  readonly error: boolean;
  readonly errorReason: string;
  readonly toastMessage: string;
  readonly object: { readonly reftransactionid: string } | null;
}

/** Answer of `account/info`. */
export const accountReply = z.object({
  errorCode: z.union([z.string(), z.number().int()]).transform(String).nullish(),
  data: z.object({ accountName: z.string().nullish(), customerName: z.string().nullish() }).nullish(),
});

export type AccountReply = z.infer<typeof accountReply>;

/** Fields that the journal may show. Numbers and names are personal. */
export const KEPT_FIELDS = { plain: new Set(['errorCode', 'transferType', 'bankCode']), text: new Set<string>() } as const;
