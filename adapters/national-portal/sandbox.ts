import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handleControl } from './sandbox-control.js';
import type { SeenRequest } from './sandbox-control.js';
import { SandboxG1 } from './sandbox-g1.js';
import { SandboxG2 } from './sandbox-g2.js';
import { SandboxLedger } from './sandbox-ledger.js';
import { MischiefBook } from './sandbox-mischief.js';
import type { RandomMischief } from './sandbox-mischief.js';
import { respond, respondToLogin, sendAnswer } from './sandbox-respond.js';
import { SandboxServices } from './sandbox-services.js';
import { jsonAnswer } from './sandbox-wires.js';
import type { Incoming, SandboxAccess, SandboxHttpRequest } from './sandbox-wires.js';

export interface NationalPortalSandboxOptions extends Partial<SandboxAccess> {
  /** 127.0.0.1 unless told: the control calls have no key. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly agencyCode?: string;
  /** error_code of "already exists". */
  readonly existsCode?: number | string;
  /** JSON lines of what was stored; read again at the next start. */
  readonly ledgerFile?: string;
  /** How many dossier bodies are kept for reading back. */
  readonly keepBodies?: number;
  readonly hangMs?: number;
  /** Misbehave by chance from the start; `/control/random` does the same later. */
  readonly random?: RandomMischief;
}

export interface RunningSandbox {
  readonly url: string;
  readonly port: number;
  /** Environment that points the adapter at this sandbox, over either wire. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 20_000_000;
/** Requests kept for `/control/requests`. */
const KEEP_REQUESTS = 2_000;

/** Published demo values; a sandbox holds nothing worth a secret. */
const DEMO_ACCESS: SandboxAccess = {
  username: 'demo-one-stop', password: 'demo-password', consumerKey: 'demo-key', consumerSecret: 'demo-secret',
  dstcode: 'VN:GOV:000.00.00.G22:vpcpdvcprovider', sessionLifeMs: 900_000,
};

const readBody = (request: IncomingMessage): Promise<string | null> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () => { resolve(bytes > MAX_BODY_BYTES ? null : Buffer.concat(chunks, bytes).toString('utf8')); });
    request.on('error', reject);
  });

/** The national portal as far as an integrator meets it: both wire generations, its memory, and its bad days. */
class NationalPortalSandbox {
  readonly #ledger: SandboxLedger;
  readonly #services: SandboxServices;
  readonly #mischief = new MischiefBook();
  readonly #g1: SandboxG1;
  readonly #g2: SandboxG2;
  readonly #hangMs: number;
  #requests: SeenRequest[] = [];
  #seen = 0;
  #logins = 0;

  constructor(access: SandboxAccess, options: NationalPortalSandboxOptions) {
    this.#ledger = new SandboxLedger({ ledgerFile: options.ledgerFile ?? null, keepBodies: options.keepBodies ?? 1_000 });
    this.#services = new SandboxServices(this.#ledger, { agencyCode: options.agencyCode ?? '000.00.00.H42', existsCode: options.existsCode ?? 3 });
    this.#g1 = new SandboxG1(access);
    this.#g2 = new SandboxG2(access, { message: 'json', plainProgress: true });
    this.#hangMs = options.hangMs ?? 60_000;
    this.#mischief.randomise(options.random ?? null);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === null) {
      sendAnswer(response, jsonAnswer(413, { error: 'body too large' }));
      return;
    }
    const [path = '/', search = ''] = (request.url ?? '/').split('?', 2);
    const query = new URLSearchParams(search);
    if (path.startsWith('/control/')) {
      sendAnswer(response, await handleControl({ method: request.method ?? 'GET', path, query, body }, this.#controlParts()));
      return;
    }
    this.#servePortal({ path, query, headers: request.headers, body }, request, response);
  }

  close(): void {
    this.#ledger.close();
  }

  #servePortal(arrived: SandboxHttpRequest, request: IncomingMessage, response: ServerResponse): void {
    const incoming = request.method === 'POST' ? (this.#g1.receive(arrived) ?? this.#g2.receive(arrived)) : null;
    if (incoming === null) {
      sendAnswer(response, jsonAnswer(404, { error: 'not found' }));
      return;
    }
    if (incoming.kind === 'answered') {
      this.#note(incoming, arrived, null);
      sendAnswer(response, incoming.answer);
      return;
    }
    const target = incoming.kind === 'login' ? { service: 'login', dossierCodes: [] } : incoming.call;
    const mischief = this.#mischief.take(target);
    this.#note(incoming, arrived, mischief?.kind ?? null);
    if (incoming.kind === 'login') {
      this.#logins += 1;
      respondToLogin(response, incoming.answer, { mischief, hangMs: this.#hangMs });
    } else {
      respond(response, { call: incoming.call, wire: incoming.wire, services: this.#services, hangMs: this.#hangMs }, mischief);
    }
  }

  #note(incoming: Incoming, arrived: SandboxHttpRequest, mischief: string | null): void {
    this.#seen += 1;
    const traceparent = arrived.headers['traceparent'];
    this.#requests.push({
      seq: this.#seen,
      wire: incoming.kind === 'call' ? incoming.wire.name : '',
      service: incoming.kind === 'call' ? incoming.call.service : incoming.kind,
      path: arrived.path,
      dossierCodes: incoming.kind === 'call' ? incoming.call.dossierCodes : [],
      mischief,
      traceparent: typeof traceparent === 'string' ? traceparent : null,
    });
    // Cut in big slices: shifting one by one would move the whole array at each call.
    if (this.#requests.length > 2 * KEEP_REQUESTS) this.#requests = this.#requests.slice(-KEEP_REQUESTS);
  }

  #controlParts(): Parameters<typeof handleControl>[1] {
    return {
      ledger: this.#ledger,
      mischief: this.#mischief,
      style: this.#g2.style,
      requests: () => this.#requests,
      counters: () => ({ requests: this.#seen, logins: this.#logins, sessionsIssued: this.#g1.sessions.issued + this.#g2.tokens.issued }),
      expireSessions: () => {
        this.#g1.sessions.revokeAll();
        this.#g2.tokens.revokeAll();
      },
      reset: () => {
        this.#ledger.clear();
        this.#mischief.clear();
        this.#requests = [];
        this.#seen = 0;
        this.#logins = 0;
      },
    };
  }
}

const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => { resolve((server.address() as AddressInfo).port); });
  });

/** Starts the sandbox. @throws the listen error where the port is taken */
export const startNationalPortalSandbox = async (options: NationalPortalSandboxOptions = {}): Promise<RunningSandbox> => {
  const access: SandboxAccess = { ...DEMO_ACCESS, ...options };
  const host = options.host ?? '127.0.0.1';
  const sandbox = new NationalPortalSandbox(access, options);
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    sandbox.serve(request, response).catch(() => { response.destroy(); });
  });
  const port = await listen(server, host, options.port ?? 0);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url,
    port,
    environment: {
      NATIONAL_PORTAL_AGENCY_CODE: options.agencyCode ?? '000.00.00.H42',
      NATIONAL_PORTAL_G1_URL: `${url}/XrdAdapter/RestService/forward`,
      NATIONAL_PORTAL_G1_DSTCODE: access.dstcode,
      NATIONAL_PORTAL_G1_USERNAME: access.username,
      NATIONAL_PORTAL_G1_PASSWORD: access.password,
      NATIONAL_PORTAL_G2_URL: `${url}/KetNoiMotCuaQuocGia`,
      NATIONAL_PORTAL_G2_CONSUMER_KEY: access.consumerKey,
      NATIONAL_PORTAL_G2_CONSUMER_SECRET: access.consumerSecret,
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
      server.closeAllConnections();
      await closed;
      sandbox.close();
    },
  };
};
