import type { PartyCall } from '../../src/deliveries/party-call.js';
import { pemFile } from '../../src/net/pem-file.js';
import { flag, millis } from './env-section.js';
import type { SettingsOf } from './env-section.js';
import { HttpTransport } from './http-transport.js';
import { wholeNumber } from './setting-kinds.js';
import { setting, settingsPart } from './settings-part.js';
import type { SettingsPart } from './settings-part.js';

interface Wording {
  /** Bytes, and the purpose of the limit. */
  readonly maxReplyBytes: { readonly fallback: string; readonly purpose?: string };
  /** `false` unless the party is reached over the province's own network. */
  readonly allowPrivateAddresses: { readonly fallback: 'true' | 'false'; readonly purpose?: string };
}

const PRIVATE_PURPOSE = 'Whether the configured hosts may lead to addresses of the local network; link-local and metadata addresses never';

const specsOf = ({ maxReplyBytes, allowPrivateAddresses }: Wording) => ({
  CONNECT_TIMEOUT_MS: setting(millis(100, 60_000), '5000', 'Deadline of opening a connection'),
  MAX_REPLY_BYTES: setting(wholeNumber(1_000, 50_000_000), maxReplyBytes.fallback, maxReplyBytes.purpose ?? 'Largest reply that is read'),
  ALLOW_PRIVATE_ADDRESSES: setting(flag, allowPrivateAddresses.fallback, allowPrivateAddresses.purpose ?? PRIVATE_PURPOSE),
  TLS_CA_FILE: setting(pemFile('certificate'), '', 'PEM file of the only certificate authority that is trusted; empty means those of the system'),
  TLS_CERT_FILE: setting(pemFile('certificate'), '', 'PEM file of our client certificate, where the party asks for one'),
  TLS_KEY_FILE: setting(pemFile('private key'), '', 'PEM file of the key of our client certificate'),
  SEND_TRACEPARENT: setting(flag, 'false', 'Send the W3C traceparent header on'),
});

type ConnectionSpecs = ReturnType<typeof specsOf>;
type Specs<Prefix extends string> = SettingsPart<Prefix, ConnectionSpecs>['specs'];

/** What any party reached over HTTP has to be told of its connections. */
export interface ConnectionSettings<Prefix extends string> {
  readonly specs: Specs<Prefix>;
  /** Combinations that make no sense, one line each. */
  readonly problems: (settings: SettingsOf<Specs<Prefix>>) => readonly string[];
  /** Connections to the origin of one configured address, under the limits of this party. */
  readonly transport: (url: URL, settings: SettingsOf<Specs<Prefix>>, connections: number) => HttpTransport;
  /** Header fields that go with every call: the trace, where configuration says so. */
  readonly traceHeaders: (settings: SettingsOf<Specs<Prefix>>, call: PartyCall) => Readonly<Record<string, string>>;
}

/** Timeouts, sizes, addresses and certificates of a party's connections, and the transport that they make. */
export const connectionSettings = <const Prefix extends string>(prefix: Prefix, wording: Wording): ConnectionSettings<Prefix> => {
  const part = settingsPart(prefix, specsOf(wording));
  return {
    specs: part.specs,
    problems: (settings) => {
      const own = part.of(settings);
      return (own.TLS_CERT_FILE === null) === (own.TLS_KEY_FILE === null) ? [] : [`Set both or none of ${prefix}_TLS_CERT_FILE and ${prefix}_TLS_KEY_FILE`];
    },
    transport: (url, settings, connections) => {
      const own = part.of(settings);
      return new HttpTransport({
        origin: url.origin, connections, connectTimeoutMs: own.CONNECT_TIMEOUT_MS, maxReplyBytes: own.MAX_REPLY_BYTES,
        allowPrivateAddresses: own.ALLOW_PRIVATE_ADDRESSES, tls: { ca: own.TLS_CA_FILE, cert: own.TLS_CERT_FILE, key: own.TLS_KEY_FILE },
      });
    },
    traceHeaders: (settings, call) => (part.of(settings).SEND_TRACEPARENT && call.traceparent !== null ? { traceparent: call.traceparent } : {}),
  };
};
