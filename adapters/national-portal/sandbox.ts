import type { ServerResponse } from 'node:http';
import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import { sendAnswer } from '../support/sandbox-respond.js';
import { startSandboxServer } from '../support/sandbox-server.js';
import type { RunningSandbox, SandboxListenOptions } from '../support/sandbox-server.js';
import { SandboxTraffic } from '../support/sandbox-traffic.js';
import { portalControl } from './sandbox-control.js';
import type { SeenRequest } from './sandbox-control.js';
import { SandboxG1 } from './sandbox-g1.js';
import { SandboxG2 } from './sandbox-g2.js';
import { SandboxLedger } from './sandbox-ledger.js';
import { portalMischief } from './sandbox-mischief.js';
import type { RandomMischief } from './sandbox-mischief.js';
import { respond, respondToLogin } from './sandbox-respond.js';
import { SandboxServices } from './sandbox-services.js';
import type { Incoming, SandboxAccess } from './sandbox-wires.js';

export interface NationalPortalSandboxOptions extends Partial<SandboxAccess>, SandboxListenOptions {
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

const MAX_BODY_BYTES = 20_000_000;

/** Published demo values; a sandbox holds nothing worth a secret. */
const DEMO_ACCESS: SandboxAccess = {
  username: 'demo-one-stop', password: 'demo-password', consumerKey: 'demo-key', consumerSecret: 'demo-secret',
  dstcode: 'VN:GOV:000.00.00.G22:vpcpdvcprovider', sessionLifeMs: 900_000,
};

/** The national portal as far as an integrator meets it: both wire generations, its memory, and its bad days. */
class NationalPortalSandbox {
  readonly control: (request: SandboxHttpRequest) => Promise<WireAnswer>;
  readonly #ledger: SandboxLedger;
  readonly #services: SandboxServices;
  readonly #mischief = portalMischief();
  readonly #traffic = new SandboxTraffic<SeenRequest>();
  readonly #g1: SandboxG1;
  readonly #g2: SandboxG2;
  readonly #hangMs: number;
  #logins = 0;

  constructor(access: SandboxAccess, options: NationalPortalSandboxOptions) {
    this.#ledger = new SandboxLedger({ ledgerFile: options.ledgerFile ?? null, keepBodies: options.keepBodies ?? 1_000 });
    this.#services = new SandboxServices(this.#ledger, { agencyCode: options.agencyCode ?? '000.00.00.H42', existsCode: options.existsCode ?? 3 });
    this.#g1 = new SandboxG1(access);
    this.#g2 = new SandboxG2(access, { message: 'json', plainProgress: true });
    this.#hangMs = options.hangMs ?? 60_000;
    this.#mischief.randomise(options.random ?? null);
    this.control = this.#control();
  }

  serve(arrived: SandboxHttpRequest, response: ServerResponse): void {
    const incoming = arrived.method === 'POST' ? (this.#g1.receive(arrived) ?? this.#g2.receive(arrived)) : null;
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

  close(): void {
    this.#ledger.close();
  }

  #note(incoming: Incoming, arrived: SandboxHttpRequest, mischief: string | null): void {
    const traceparent = arrived.headers['traceparent'];
    this.#traffic.note({
      wire: incoming.kind === 'call' ? incoming.wire.name : '',
      service: incoming.kind === 'call' ? incoming.call.service : incoming.kind,
      path: arrived.path,
      dossierCodes: incoming.kind === 'call' ? incoming.call.dossierCodes : [],
      mischief,
      traceparent: typeof traceparent === 'string' ? traceparent : null,
    });
  }

  #control(): ReturnType<typeof portalControl> {
    return portalControl({
      ledger: this.#ledger,
      mischief: this.#mischief,
      style: this.#g2.style,
      traffic: this.#traffic,
      counters: () => ({ requests: this.#traffic.seen, logins: this.#logins, sessionsIssued: this.#g1.sessions.issued + this.#g2.tokens.issued }),
      expireSessions: () => {
        this.#g1.sessions.revokeAll();
        this.#g2.tokens.revokeAll();
      },
      reset: () => {
        this.#ledger.clear();
        this.#mischief.clear();
        this.#traffic.clear();
        this.#logins = 0;
      },
    });
  }
}

const environmentOf = (url: string, agencyCode: string, access: SandboxAccess): Readonly<Record<string, string>> => ({
  NATIONAL_PORTAL_AGENCY_CODE: agencyCode,
  NATIONAL_PORTAL_G1_URL: `${url}/XrdAdapter/RestService/forward`,
  NATIONAL_PORTAL_G1_DSTCODE: access.dstcode,
  NATIONAL_PORTAL_G1_USERNAME: access.username,
  NATIONAL_PORTAL_G1_PASSWORD: access.password,
  NATIONAL_PORTAL_G2_URL: `${url}/KetNoiMotCuaQuocGia`,
  NATIONAL_PORTAL_G2_CONSUMER_KEY: access.consumerKey,
  NATIONAL_PORTAL_G2_CONSUMER_SECRET: access.consumerSecret,
});

/** Starts the sandbox. @throws the listen error where the port is taken */
export const startNationalPortalSandbox = async (options: NationalPortalSandboxOptions = {}): Promise<RunningSandbox> => {
  const access: SandboxAccess = { ...DEMO_ACCESS, ...options };
  const sandbox = new NationalPortalSandbox(access, options);
  return startSandboxServer({
    listen: options, maxBodyBytes: MAX_BODY_BYTES, control: sandbox.control,
    serve: (request, response) => { sandbox.serve(request, response); },
    environmentOf: (url) => environmentOf(url, options.agencyCode ?? '000.00.00.H42', access),
    onClose: () => { sandbox.close(); },
  });
};
