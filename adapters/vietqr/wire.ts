import { z } from 'zod';

/** Body of v2/lookup of vietqr.io. The bank's BIN goes as text: one of its pages says integer, all of its samples say text. */
export interface LookupQuestion {
  readonly bin: string;
  readonly accountNumber: string;
}

/** The envelope of all answers of vietqr.io; `data` is null where nothing was found. */
export const lookupReply = z.object({
  code: z.union([z.string(), z.number().int()]).transform(String),
  desc: z.string().default(''),
  data: z.object({ accountName: z.string().nullable().optional() }).nullable().optional(),
});

export type LookupReply = z.infer<typeof lookupReply>;

/** Fields that the journal may show. Number and name are personal. */
export const KEPT_FIELDS = { plain: new Set(['bin', 'code']), text: new Set(['desc']) } as const;
