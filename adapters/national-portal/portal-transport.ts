import { HttpTransport } from '../support/http-transport.js';
import type { NationalPortalSettings } from './config.js';

/** Connections to the origin of one configured address, under the limits of this party. */
export const portalTransport = (url: URL, settings: NationalPortalSettings, connections: number): HttpTransport =>
  new HttpTransport({
    origin: url.origin,
    connections,
    connectTimeoutMs: settings.NATIONAL_PORTAL_CONNECT_TIMEOUT_MS,
    maxReplyBytes: settings.NATIONAL_PORTAL_MAX_REPLY_BYTES,
    allowPrivateAddresses: settings.NATIONAL_PORTAL_ALLOW_PRIVATE_ADDRESSES,
    tls: { ca: settings.NATIONAL_PORTAL_TLS_CA_FILE, cert: settings.NATIONAL_PORTAL_TLS_CERT_FILE, key: settings.NATIONAL_PORTAL_TLS_KEY_FILE },
  });
