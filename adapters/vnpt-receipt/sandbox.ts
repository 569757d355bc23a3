import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/package-root.js';
import { startPartySandbox } from '../support/party-sandbox.js';
import type { PartySandboxOptions } from '../support/party-sandbox.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import type { Conduct, SandboxOperation } from '../support/sandbox-conduct.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import type { RunningSandbox } from '../support/sandbox-server.js';
import { readEnvelope } from '../support/soap-envelope.js';
import { createSoapResponder } from '../support/soap-server.js';
import type { SoapMethodAnswer } from '../support/soap-server.js';
import { ReceiptLedger } from './sandbox-ledger.js';
import { ReceiptOffice } from './sandbox-office.js';
import type { SandboxLogin } from './sandbox-office.js';
import { keyOf } from './sandbox-rules.js';

const OWN = ['code', 'odd-result', 'fault', 'fault-before', 'no-result'] as const;
/** Misbehaviour that only this party knows; what each does stands in the README. */
export type ReceiptMischief = (typeof OWN)[number];

export interface VnptReceiptSandboxOptions extends PartySandboxOptions<ReceiptMischief> {
  readonly logins?: readonly SandboxLogin[];
}

/** Invented; a sandbox holds nothing worth a secret. */
const DEMO_LOGINS: readonly SandboxLogin[] = [
  { account: 'demo-staff', accountPassword: 'demo-staff-password', username: 'demo-service', password: 'demo-service-password', pattern: '01BLP0-001', serial: 'BL-26E' },
];

const SERVICES = {
  PublishService: { ImportAndPublishInv: 'issue' },
  PortalService: { getInvViewFkey: 'view', downloadInvPDFFkeyNoPay: 'pdf' },
  BusinessService: { AdjustInv: 'adjust', UnConfirmPaymentFkey: 'unconfirm', cancelInv: 'cancel' },
} as const satisfies Record<string, Readonly<Record<string, string>>>;

type Responder = Awaited<ReturnType<typeof createSoapResponder>>;

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const XML = { 'content-type': 'text/xml; charset=utf-8' };

const envelope = (status: number, body: string): WireAnswer => ({ status, headers: XML, body: `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${SOAP}"><soap:Body>${body}</soap:Body></soap:Envelope>` });
const saying = (method: string, text: string): WireAnswer => envelope(200, `<${method}Response xmlns="http://tempuri.org/"><${method}Result>${text}</${method}Result></${method}Response>`);
const FAULT = envelope(500, '<soap:Fault><faultcode>soap:Server</faultcode><faultstring>Server was unable to process request.</faultstring></soap:Fault>');

const openResponder = (service: string, office: ReceiptOffice): Promise<Responder> => createSoapResponder({
  wsdl: readFileSync(join(PACKAGE_ROOT, 'schemas', 'parties', 'vnpt-receipt', `${service}.wsdl`), 'utf8'), service, port: `${service}Soap`,
  methods: Object.fromEntries(Object.keys(SERVICES[service as keyof typeof SERVICES]).map((method): [string, SoapMethodAnswer] => [
    method, (args) => Promise.resolve({ [`${method}Result`]: office.answer(method, args) }),
  ])),
  onDefect: (error) => { office.defects.push(error instanceof Error ? error.message : 'defect'); },
});

/** Name and key of what an envelope asks; null where the service must refuse it itself. */
const askedOf = (bytes: Uint8Array): { readonly method: string; readonly key: string | null } | null => {
  try {
    const { content } = readEnvelope(bytes);
    return { method: content.name, key: keyOf(content) };
  } catch {
    return null;
  }
};

const twistsFor = (method: string, serve: () => Promise<WireAnswer>) => ({
  code: ({ value }: Conduct<ReceiptMischief>) => saying(method, String(value ?? 'ERR:5')),
  'odd-result': () => serve().then(() => saying(method, 'OK:phát hành thành công')),
  'no-result': () => serve().then(() => envelope(200, `<${method}Response xmlns="http://tempuri.org/"/>`)),
  fault: () => serve().then(() => FAULT),
  'fault-before': () => FAULT,
});

const routeTo = (responders: ReadonlyMap<string, Responder>) => (request: SandboxHttpRequest): SandboxOperation<ReceiptMischief> | Promise<WireAnswer> | null => {
  const service = /^\/(\w+)\.asmx$/.exec(request.path)?.[1] ?? '';
  const responder = responders.get(service);
  if (responder === undefined) return null;
  const serve = (): Promise<WireAnswer> => responder({ method: request.method, headers: request.headers, bytes: request.bytes });
  const asked = askedOf(request.bytes);
  const names: Readonly<Record<string, string>> = SERVICES[service as keyof typeof SERVICES];
  const operation = asked === null || !Object.hasOwn(names, asked.method) ? undefined : names[asked.method];
  if (asked === null || operation === undefined) return serve();
  return { operation, key: asked.key, serve, twists: twistsFor(asked.method, serve) };
};

const environmentOf = (url: string, logins: readonly SandboxLogin[]): Readonly<Record<string, string>> => ({
  VNPT_RECEIPT_URL: url,
  VNPT_RECEIPT_ACCOUNTS: JSON.stringify(logins.map((login, index) => ({ agency: index === 0 ? '*' : `SANDBOX${index}`, ...login }))),
  VNPT_RECEIPT_ADJUST_TYPE: '4',
  VNPT_RECEIPT_NUMBER_LABEL: 'Số (No.):',
});

/** Starts the sandbox. @throws the listen error where the port is taken */
export const startVnptReceiptSandbox = async (options: VnptReceiptSandboxOptions = {}): Promise<RunningSandbox> => {
  const logins = options.logins ?? DEMO_LOGINS;
  const ledger = new ReceiptLedger(options.ledgerFile ?? null);
  const office = new ReceiptOffice(ledger, logins);
  const responders = new Map(await Promise.all(Object.keys(SERVICES).map(async (service) => [service, await openResponder(service, office)] as const)));
  return startPartySandbox<ReceiptMischief>({
    options, own: OWN, route: routeTo(responders),
    environmentOf: (url) => environmentOf(url, logins),
    state: () => ({ ...ledger.totals(), defects: office.defects }),
    reset: () => { ledger.clear(); },
    onClose: () => { ledger.close(); },
    control: { reads: { receipts: ({ after, limit }) => ledger.all().slice(after, after + limit), 'receipts/*': ({ item }) => ledger.find(item) }, orders: {} },
  });
};
