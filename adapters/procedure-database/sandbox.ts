import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SandboxCatalogue } from './sandbox-catalogue.js';
import { handleControl } from './sandbox-control.js';
import type { SandboxTraffic } from './sandbox-control.js';
import { SandboxG1 } from './sandbox-g1.js';
import { SandboxG2 } from './sandbox-g2.js';
import { SandboxG3 } from './sandbox-g3.js';
import { MischiefBook } from './sandbox-mischief.js';
import { respond, respondToLogin, sendAnswer } from './sandbox-respond.js';
import { SandboxServices } from './sandbox-services.js';
import { jsonAnswer } from './sandbox-wires.js';
import type { Incoming, SandboxAccess, SandboxHttpRequest, SandboxWire } from './sandbox-wires.js';

export interface ProcedureDatabaseSandboxOptions extends Partial<SandboxAccess> {
  /** 127.0.0.1 unless told: the control calls have no key. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** The same seed gives the same catalogue. */
  readonly seed?: number;
  /** Procedures in the catalogue, the withdrawn ones included. */
  readonly procedures?: number;
  readonly hangMs?: number;
}

export interface RunningSandbox {
  readonly url: string;
  readonly port: number;
  /** Environment that points the adapter at this sandbox; every wire is filled in, g3 chosen. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const DEFAULT_PROCEDURES = 3_000;
const MAX_BODY_BYTES = 1_000_000;
/** Requests kept for `/control/requests`. */
const KEEP_REQUESTS = 2_000;

/** Published demo values; a sandbox holds nothing worth a secret. */
const DEMO_ACCESS: SandboxAccess = {
  username: 'demo-one-stop', password: 'demo-password', consumerKey: 'demo-key', consumerSecret: 'demo-secret',
  dstcode: 'VN:GOV:000.00.00.G22:vpcpdvcprovider', sessionLifeMs: 900_000, agencyCode: '000.00.00.H42',
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

/** The national procedure database as far as an integrator meets it: three wires, a catalogue, and its bad days. */
class ProcedureDatabaseSandbox {
  readonly #catalogue: SandboxCatalogue;
  readonly #mischief = new MischiefBook();
  readonly #pace = { delayMs: 0 };
  readonly #wires: readonly SandboxWire[];
  readonly #hangMs: number;
  #requests: SandboxTraffic['requests'][number][] = [];
  #counters: Record<string, number> = {};
  #seen = 0;
  #open = 0;
  #mostAtOnce = 0;

  constructor(access: SandboxAccess, options: ProcedureDatabaseSandboxOptions) {
    const top = access.agencyCode.split('.').at(-1) ?? access.agencyCode;
    this.#catalogue = new SandboxCatalogue(options.seed ?? 1, options.procedures ?? DEFAULT_PROCEDURES);
    // Both forms of a provincial copy's code are seen in the field (national-portal.md §6.2).
    this.#wires = [
      new SandboxG1(access, new SandboxServices(this.#catalogue, access.agencyCode, access.agencyCode)),
      new SandboxG2(access, new SandboxServices(this.#catalogue, access.agencyCode, top)),
      new SandboxG3(this.#catalogue, access.agencyCode),
    ];
    this.#hangMs = options.hangMs ?? 60_000;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === null) {
      sendAnswer(response, jsonAnswer(413, { error: 'body too large' }));
      return;
    }
    const [path = '/', search = ''] = (request.url ?? '/').split('?', 2);
    const arrived = { method: request.method ?? 'GET', path, query: new URLSearchParams(search), headers: request.headers, body };
    if (path.startsWith('/control/')) sendAnswer(response, handleControl(arrived, this.#controlParts()));
    else this.#serveParty(arrived, response);
  }

  #serveParty(arrived: SandboxHttpRequest, response: ServerResponse): void {
    const incoming = this.#receive(arrived);
    if (incoming === null) {
      sendAnswer(response, jsonAnswer(404, { error: 'not found' }));
      return;
    }
    this.#countOpen(response);
    if (incoming.kind === 'answered') {
      this.#note({ wire: '', operation: 'refused', code: null, mischief: null });
      sendAnswer(response, incoming.answer);
    } else if (incoming.kind === 'login') {
      const mischief = this.#mischief.take({ operation: 'login', code: null });
      this.#note({ wire: '', operation: 'login', code: null, mischief: mischief?.kind ?? null });
      respondToLogin(response, incoming.answer, { mischief, hangMs: this.#hangMs });
    } else {
      const { call, wire } = incoming;
      const code = call.entry?.code ?? null;
      const mischief = this.#mischief.take({ operation: call.operation, code });
      this.#note({ wire: wire.name, operation: call.operation, code, mischief: mischief?.kind ?? null });
      respond(response, { call, wire, catalogue: this.#catalogue, hangMs: this.#hangMs, paceMs: this.#pace.delayMs }, mischief);
    }
  }

  #receive(arrived: SandboxHttpRequest): Incoming | null {
    for (const wire of this.#wires) {
      const incoming = wire.receive(arrived);
      if (incoming !== null) return incoming;
    }
    return null;
  }

  #countOpen(response: ServerResponse): void {
    this.#open += 1;
    this.#mostAtOnce = Math.max(this.#mostAtOnce, this.#open);
    response.once('close', () => { this.#open -= 1; });
  }

  #note(request: Omit<SandboxTraffic['requests'][number], 'seq'>): void {
    this.#seen += 1;
    this.#requests.push({ seq: this.#seen, ...request });
    this.#counters[request.operation] = (this.#counters[request.operation] ?? 0) + 1;
    // Cut in big slices: shifting one by one would move the whole array at each call.
    if (this.#requests.length > 2 * KEEP_REQUESTS) this.#requests = this.#requests.slice(-KEEP_REQUESTS);
  }

  #controlParts(): Parameters<typeof handleControl>[1] {
    const expireSessions = (): void => { for (const wire of this.#wires) wire.expire(); };
    return {
      catalogue: this.#catalogue, mischief: this.#mischief, pace: this.#pace, expireSessions,
      traffic: () => ({ counters: this.#counters, requests: this.#requests, mostAtOnce: this.#mostAtOnce }),
      reset: () => {
        this.#catalogue.reset();
        this.#mischief.clear();
        this.#pace.delayMs = 0;
        this.#requests = [];
        this.#counters = {};
        this.#seen = 0;
        this.#mostAtOnce = 0;
        expireSessions();
      },
    };
  }
}

const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => { resolve((server.address() as AddressInfo).port); });
  });

const environmentOf = (url: string, access: SandboxAccess): Readonly<Record<string, string>> => ({
  PROCEDURE_DATABASE_WIRE: 'g3',
  PROCEDURE_DATABASE_AGENCY_CODE: access.agencyCode,
  PROCEDURE_DATABASE_G1_URL: `${url}/XrdAdapter/RestService/forward`,
  PROCEDURE_DATABASE_G1_DSTCODE: access.dstcode,
  PROCEDURE_DATABASE_G1_USERNAME: access.username,
  PROCEDURE_DATABASE_G1_PASSWORD: access.password,
  PROCEDURE_DATABASE_G2_URL: `${url}/KetNoiMotCuaQuocGia`,
  PROCEDURE_DATABASE_G2_CONSUMER_KEY: access.consumerKey,
  PROCEDURE_DATABASE_G2_CONSUMER_SECRET: access.consumerSecret,
  PROCEDURE_DATABASE_G3_URL: `${url}/api/v1`,
});

/** Starts the sandbox. @throws the listen error where the port is taken */
export const startProcedureDatabaseSandbox = async (options: ProcedureDatabaseSandboxOptions = {}): Promise<RunningSandbox> => {
  const access: SandboxAccess = { ...DEMO_ACCESS, ...options };
  const host = options.host ?? '127.0.0.1';
  const sandbox = new ProcedureDatabaseSandbox(access, options);
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    sandbox.serve(request, response).catch(() => { response.destroy(); });
  });
  const port = await listen(server, host, options.port ?? 0);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url, port, environment: environmentOf(url, access),
    close: async () => {
      const closed = new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
      server.closeAllConnections();
      await closed;
    },
  };
};
