import { createHash } from 'node:crypto';
import type pg from 'pg';
import { vietnamDay } from '../agencies/agency.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { RuleBreach } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { refuse, runOnce } from './payment-action.js';
import type { ActionAnswer, ActionDeps, PaymentCall } from './payment-action.js';
import type { PaymentGateway } from './payment-gateway-port.js';
import { isDay } from './reconciliation-day.js';
import type { ReconciliationStore } from './reconciliation-store.js';
import type { StatementLine, StatementReader } from './statement-reader-port.js';
import type { StatementStore } from './statement-store.js';

export interface ReconciliationServiceDeps extends ActionDeps {
  readonly runs: ReconciliationStore;
  readonly statements: StatementStore;
  readonly gateways: ReadonlyMap<string, PaymentGateway>;
  /** Of gateways whose own form is known; all others use ours. */
  readonly readers: ReadonlyMap<string, StatementReader>;
  readonly reader: StatementReader;
  readonly now: () => Date;
}

export interface StatementOrder {
  readonly gateway: string;
  readonly day: string;
  readonly content: Uint8Array;
  /** Earlier files of the day count no more; else this one adds to them. */
  readonly replacesEarlier: boolean;
}

export interface ImportedStatement {
  readonly statementId: string;
  readonly runId: string;
}

const FIRST_DAY = '2020-01-01';
const ID = /^[1-9]\d{0,17}$/;
const DAY = breach('DAY', 'Ngày phải đã kết thúc, từ 01/01/2020', 'The day must be over, and not before 2020');
const GATEWAY = breach('GATEWAY', 'Chưa kết nối cổng thanh toán này', 'This gateway is not connected');
const sameFile = (gateway: string, day: string): RuleBreach =>
  breach('SAME_FILE', `Tệp này đang được tính cho ${gateway}, ngày ${day}`, `This very file counts already, for ${gateway} on ${day}`);

const digestOf = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex');

/** Files without a line are alike on all days: what must not come twice is one of this day. */
const emptyDigest = ({ gateway, day }: StatementOrder): string => digestOf(`no lines/${gateway}/${day}`);

/** What people do about reconciliation: ask for a run, bring a statement, and say what became of a difference. */
export class ReconciliationService {
  readonly #deps: ReconciliationServiceDeps;

  constructor(deps: ReconciliationServiceDeps) {
    this.#deps = deps;
  }

  /** A run that waits or is under way for the same gateway and day is joined. */
  async start(call: PaymentCall, gateway: string, day: string): Promise<ActionAnswer<{ readonly runId: string }>> {
    return runOnce(this.#deps, call, {
      action: 'startReconciliation', input: { gateway, day },
      work: async (client) => {
        this.#check(gateway, day);
        const runId = await this.#deps.runs.open(client, { gateway, day, cause: 'PERSON', by: call.caller.client });
        await audit(client, call, { action: 'start-reconciliation', target: `reconciliation/${gateway}/${day}`, detail: { run: runId } });
        return { runId };
      },
    });
  }

  /** The whole file, or nothing; a run follows. */
  async importStatement(call: PaymentCall, order: StatementOrder): Promise<ActionAnswer<ImportedStatement>> {
    const { gateway, day, content, replacesEarlier } = order;
    const sha256 = digestOf(content);
    return runOnce(this.#deps, call, {
      action: 'importStatement', input: { gateway, day, sha256, replacesEarlier },
      work: async (client) => {
        this.#check(gateway, day);
        const { runs, statements, readers, reader } = this.#deps;
        const form = readers.get(gateway) ?? reader;
        const reading = form.read(content, day);
        if (reading.kind === 'refused') return refuse('INPUT', { problems: reading.problems });
        const lines = await inOurNames(client, form, reading.lines);
        const digest = lines.length === 0 ? emptyDigest(order) : sha256;
        const statementId = await statements.insert(client, { gateway, day, source: 'file', sha256: digest, importedBy: call.caller.client }, lines);
        if (statementId === null) {
          const counted = await statements.countedFor(client, digest);
          return refuse('INPUT', { problems: [problemAt('contentBase64', sameFile(counted?.gateway ?? gateway, counted?.day ?? day))] });
        }
        if (replacesEarlier) await statements.replaceEarlier(client, statementId);
        const runId = await runs.open(client, { gateway, day, cause: 'STATEMENT', by: call.caller.client });
        await audit(client, call, { action: 'import-statement', target: `reconciliation/${gateway}/${day}`, detail: { statement: statementId, sha256, lines: lines.length, replacesEarlier } });
        return { statementId, runId };
      },
    });
  }

  /** What a person found out; kept with the name, and taken over by later runs that find the same. */
  async resolve(call: PaymentCall, differenceId: string): Promise<ActionAnswer<{ readonly differenceId: string }>> {
    return runOnce(this.#deps, call, {
      action: 'resolveDifference', input: { differenceId },
      work: async (client) => {
        if (!ID.test(differenceId)) refuse('NOT_FOUND');
        const { runs } = this.#deps;
        const found = await runs.lockDifference(client, differenceId);
        if (found === null) return refuse('NOT_FOUND');
        if (found.resolvedAt !== null) refuse('ALREADY_DECIDED');
        // The run has not come to it yet.
        if (found.action === 'TO_APPLY') refuse('STATE');
        await runs.resolve(client, differenceId, { by: call.caller.client, resolution: call.reason });
        await audit(client, call, { action: 'resolve-difference', target: `reconciliation/${found.gateway}/${found.day}`, detail: { difference: differenceId } });
        return { differenceId };
      },
    });
  }

  #check(gateway: string, day: string): void {
    const problems: InputProblem[] = [];
    if (!this.#deps.gateways.has(gateway)) problems.push(problemAt('gateway', { ...GATEWAY, allowed: [...this.#deps.gateways.keys()] }));
    if (!isDay(day) || day < FIRST_DAY || day >= vietnamDay(this.#deps.now())) problems.push(problemAt('day', DAY));
    if (problems.length > 0) refuse('INPUT', { problems });
  }
}

const inOurNames = async (client: pg.PoolClient, { references }: StatementReader, lines: readonly StatementLine[]): Promise<readonly StatementLine[]> => {
  if (references === undefined) return lines;
  const known = await references(client, lines.flatMap(({ reference }) => reference ?? []));
  return lines.map((line) => ({ ...line, reference: line.reference === null ? null : known.get(line.reference) ?? line.reference }));
};

const audit = (client: pg.PoolClient, { caller, reason }: PaymentCall, of: { readonly action: string; readonly target: string; readonly detail: Readonly<Record<string, unknown>> }): Promise<void> =>
  recordOperatorAction(client, { actor: caller.client, role: caller.role, reason, ...of });
