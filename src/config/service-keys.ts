import { z } from 'zod';
import { wholeNumber, type EnvSpec } from './env-spec.js';

const spec = <Value>(schema: z.ZodType<Value>, fallback: string, purpose: string): EnvSpec<Value> => ({ schema, fallback, purpose });

const isOrigin = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text.toLowerCase();

const origins = z.string().transform((text): readonly string[] => text.split(',').map((entry) => entry.trim().replace(/\/$/, '')).filter(Boolean))
  .refine((list) => list.every(isOrigin), 'each is scheme, host and port alone, such as https://dichvucong.example.gov.vn');

/** Variables of the register of public services. */
export const SERVICE_KEYS = {
  CONNECTED_SHARE_TARGET: spec(wholeNumber(0, 100), '50', 'Share of online services that is to be connected to the national portal, in percent'),
  SERVICE_PORTAL_ORIGINS: spec(origins, '', 'Origins of the province\'s portals, separated by commas; deep links of services are looked at only there; while empty at none, and only a supervisor\'s override makes a service READY'),
} as const;

export interface ServiceCoreSettings {
  readonly targetPercent: number;
  readonly portalOrigins: readonly string[];
}

export const serviceSettingsOf = (values: { readonly CONNECTED_SHARE_TARGET: number; readonly SERVICE_PORTAL_ORIGINS: readonly string[] }): ServiceCoreSettings =>
  ({ targetPercent: values.CONNECTED_SHARE_TARGET, portalOrigins: values.SERVICE_PORTAL_ORIGINS });
