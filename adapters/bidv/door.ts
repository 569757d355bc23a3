import type { CallbackRequest, CallbackReply } from '../../src/callbacks/callback-receiver-port.js';
import type { z } from 'zod';
import { bearerClient } from '../support/issued-tokens.js';
import type { TokenDoor } from '../support/issued-tokens.js';
import { parseStrictJson } from '../support/strict-json.js';
import { verifyChecksum } from './checksum.js';
import type { ChecksumForm } from './checksum.js';
import { statusOf } from './errors.js';
import type { BidvResult, StatusPolicy } from './errors.js';
import { resultReply } from './mapping.js';
import { keysOf } from './services.js';
import type { BidvService } from './services.js';
import type { ResultReply } from './wire.js';

/** What every message of BIDV goes through. */
export interface DoorSettings {
  readonly door: TokenDoor;
  readonly services: readonly BidvService[];
  readonly forms: readonly ChecksumForm[];
  readonly status: StatusPolicy;
  readonly addresses: readonly string[] | null;
  readonly now: () => number;
}

interface Signed {
  readonly service_id: string;
  readonly checksum: string;
}

const parsed = (bytes: Buffer): unknown => {
  try {
    return parseStrictJson(bytes.toString('utf8'));
  } catch {
    return null;
  }
};

export const readBody = <Body>(schema: z.ZodType<Body>, bytes: Buffer): Body | null => {
  const read = schema.safeParse(parsed(bytes));
  return read.success ? read.data : null;
};

export type Admission<Body> = { readonly kind: 'verified'; readonly verifiedBy: string; readonly body: Body } | { readonly kind: 'refused'; readonly reason: 'token' | 'shape' | 'service' | 'checksum' };

/** Token first, then shape, service and checksum: a stranger learns nothing but that he is one. */
export const admit = <Body extends Signed>(
  settings: DoorSettings, { bytes, headers }: CallbackRequest, wire: { readonly schema: z.ZodType<Body>; readonly valuesOf: (body: Body) => readonly string[] },
): Admission<Body> => {
  if (bearerClient(settings.door, headers['authorization'], settings.now()) === null) return { kind: 'refused', reason: 'token' };
  const body = readBody(wire.schema, bytes);
  if (body === null) return { kind: 'refused', reason: 'shape' };
  const service = settings.services.find(({ serviceId }) => serviceId === body.service_id);
  if (service === undefined) return { kind: 'refused', reason: 'service' };
  const verifiedBy = verifyChecksum(keysOf(service), { forms: settings.forms, values: wire.valuesOf(body), given: body.checksum });
  return verifiedBy === null ? { kind: 'refused', reason: 'checksum' } : { kind: 'verified', verifiedBy, body };
};

export const replied = (result: BidvResult, policy: StatusPolicy, body: ResultReply = resultReply(result)): CallbackReply =>
  ({ status: statusOf(result, policy), contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) });
