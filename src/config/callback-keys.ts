import { z } from 'zod';
import { wholeNumber, type EnvSpec } from './env-spec.js';

const spec = <Value>(schema: z.ZodType<Value>, fallback: string | null | undefined, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose });
const headerName = z.string().regex(/^[A-Za-z0-9-]+$/, 'it is no header name').transform((name) => name.toLowerCase());

/** Variables of the door through which parties call us. */
export const CALLBACK_KEYS = {
  CALLBACK_HOST: spec(z.string(), '127.0.0.1', 'Address of the listener of its own for what parties send us'),
  CALLBACK_PORT: spec(wholeNumber(0, 65_535), undefined, 'Port of that listener; where unset callbacks are taken beside the API'),
  CALLBACK_RATE_LIMIT: spec(wholeNumber(0, 10_000_000), '30000', 'Callbacks that one address may send a minute to one process, verified or not; 0 for no limit'),
  CALLBACK_CERT_HEADER: spec(headerName, undefined, 'Header in which a proxy of TRUSTED_PROXY names the subject of the client certificate that it verified; it must set or remove it on each call'),
} as const;

export interface CallbackSettings {
  /** Null: callbacks are taken beside the API. */
  readonly listener: { readonly host: string; readonly port: number } | null;
  /** Calls a minute of one address; 0 for no limit. */
  readonly perAddress: number;
  /** Lower case; null where no certificate is believed. */
  readonly certificateHeader: string | null;
}

interface CallbackValues {
  readonly CALLBACK_HOST: string;
  readonly CALLBACK_PORT?: number;
  readonly CALLBACK_RATE_LIMIT: number;
  readonly CALLBACK_CERT_HEADER?: string;
}

export const callbackSettingsOf = (values: CallbackValues): CallbackSettings => ({
  listener: values.CALLBACK_PORT === undefined ? null : { host: values.CALLBACK_HOST, port: values.CALLBACK_PORT },
  perAddress: values.CALLBACK_RATE_LIMIT, certificateHeader: values.CALLBACK_CERT_HEADER ?? null,
});
