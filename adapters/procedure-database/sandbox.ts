import type { ServerResponse } from 'node:http';
import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import { sendAnswer } from '../support/sandbox-respond.js';
import { startSandboxServer } from '../support/sandbox-server.js';
import type { RunningSandbox, SandboxListenOptions } from '../support/sandbox-server.js';
import { SandboxTraffic } from '../support/sandbox-traffic.js';
import { SandboxCatalogue } from './sandbox-catalogue.js';
import { procedureControl } from './sandbox-control.js';
import type { SeenRequest } from './sandbox-control.js';
import { SandboxG1 } from './sandbox-g1.js';
import { SandboxG2 } from './sandbox-g2.js';
import { SandboxG3 } from './sandbox-g3.js';
import { procedureMischief } from './sandbox-mischief.js';
import { respond, respondToLogin } from './sandbox-respond.js';
import { SandboxServices } from './sandbox-services.js';
import type { Incoming, SandboxAccess, SandboxWire } from './sandbox-wires.js';

export interface ProcedureDatabaseSandboxOptions extends Partial<SandboxAccess>, SandboxListenOptions {
  /** The same seed gives the same catalogue. */
  readonly seed?: number;
  /** Procedures in the catalogue, the withdrawn ones included. */
  readonly procedures?: number;
  readonly hangMs?: number;
}

const DEFAULT_PROCEDURES = 3_000;
const MAX_BODY_BYTES = 1_000_000;

/** Published demo values; a sandbox holds nothing worth a secret. */
const DEMO_ACCESS: SandboxAccess = {
  username: 'demo-one-stop', password: 'demo-password', consumerKey: 'demo-key', consumerSecret: 'demo-secret',
  dstcode: 'VN:GOV:000.00.00.G22:vpcpdvcprovider', sessionLifeMs: 900_000, agencyCode: '000.00.00.H42',
};

/** The national procedure database as far as an integrator meets it: three wires, a catalogue, and its bad days. */
class ProcedureDatabaseSandbox {
  readonly control: (request: SandboxHttpRequest) => Promise<WireAnswer>;
  readonly #catalogue: SandboxCatalogue;
  readonly #mischief = procedureMischief();
  readonly #pace = { delayMs: 0 };
  readonly #wires: readonly SandboxWire[];
  readonly #hangMs: number;
  readonly #traffic = new SandboxTraffic<SeenRequest>();
  #counters: Record<string, number> = {};

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
    this.control = this.#control();
  }

  serve(arrived: SandboxHttpRequest, response: ServerResponse): void {
    const incoming = this.#receive(arrived);
    if (incoming === null) {
      sendAnswer(response, jsonAnswer(404, { error: 'not found' }));
      return;
    }
    this.#traffic.open(response);
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

  #note(request: SeenRequest): void {
    this.#traffic.note(request);
    this.#counters[request.operation] = (this.#counters[request.operation] ?? 0) + 1;
  }

  #control(): ReturnType<typeof procedureControl> {
    const expireSessions = (): void => { for (const wire of this.#wires) wire.expire(); };
    return procedureControl({
      catalogue: this.#catalogue, mischief: this.#mischief, pace: this.#pace, traffic: this.#traffic, counters: () => this.#counters, expireSessions,
      reset: () => {
        this.#catalogue.reset();
        this.#mischief.clear();
        this.#pace.delayMs = 0;
        this.#traffic.clear();
        this.#counters = {};
        expireSessions();
      },
    });
  }
}

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
export const startProcedureDatabaseSandbox = (options: ProcedureDatabaseSandboxOptions = {}): Promise<RunningSandbox> => {
  const access: SandboxAccess = { ...DEMO_ACCESS, ...options };
  const sandbox = new ProcedureDatabaseSandbox(access, options);
  return startSandboxServer({
    listen: options, maxBodyBytes: MAX_BODY_BYTES, control: sandbox.control,
    serve: (request, response) => { sandbox.serve(request, response); },
    environmentOf: (url) => environmentOf(url, access),
  });
};
