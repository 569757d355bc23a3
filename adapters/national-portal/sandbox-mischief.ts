import { z } from 'zod';
import { chanceShape, delayMs, MischiefBook, namesOperation, times } from '../support/sandbox-mischief.js';

export const MISCHIEF_KINDS = [
  'session-expiry', 'hang', 'reset-after', 'reset-before', '5xx-after', '5xx-before', 'html', 'exists', 'codes', 'nfd', 'empty', 'truncated',
  'drip', 'item-refusal', 'refusal', 'busy', '429', '401',
] as const;
export type MischiefKind = (typeof MISCHIEF_KINDS)[number];

/** One order to misbehave, as the control call gives it. */
const mischiefOrder = z.strictObject({
  kind: z.enum(MISCHIEF_KINDS),
  /** A service name such as DongBoHoSoMC, `login`, or `*` for all but log-ins. */
  service: z.string().default('*'),
  times,
  /** Only calls that carry this dossier code. */
  dossierCode: z.string().nullable().default(null),
  /** Is the effect applied before the misbehaviour? Null: as the kind says. */
  applied: z.boolean().nullable().default(null),
  /** error_code to answer with, int or string as written. */
  code: z.union([z.number(), z.string()]).nullable().default(null),
  message: z.string().nullable().default(null),
  status: z.number().int().min(500).max(599).nullable().default(null),
  delayMs,
  /** Seconds, or an HTTP date. */
  retryAfter: z.string().nullable().default(null),
});
export type Mischief = z.infer<typeof mischiefOrder>;

const randomOrder = z.strictObject({ ...chanceShape(MISCHIEF_KINDS), services: z.array(z.string()).default(['*']) });
export type RandomMischief = z.infer<typeof randomOrder>;

/** What is about to be handled, as far as orders can name it. */
export interface Target {
  readonly service: string;
  readonly dossierCodes: readonly string[];
}

export type PortalMischief = MischiefBook<Mischief, RandomMischief, Target>;

export const portalMischief = (): PortalMischief => new MischiefBook({
  kinds: MISCHIEF_KINDS, order: mischiefOrder, chance: randomOrder,
  orderFits: ({ service, dossierCode }, target) => namesOperation(service, target.service) && (dossierCode === null || target.dossierCodes.includes(dossierCode)),
  chanceFits: ({ services }, { service }) => services.some((pattern) => namesOperation(pattern, service)),
});
