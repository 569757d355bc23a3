import { closeSync, existsSync, openSync, readFileSync, ftruncateSync, writeSync } from 'node:fs';

/** One thing that arrived and was stored, in order of arrival. */
export interface Arrival {
  readonly seq: number;
  readonly kind: 'insert' | 'update' | 'step' | 'status';
  readonly dossierCode: string;
  /** Status code as sent. */
  readonly status: string;
  /** ThoiDiemXuLy of a step, NgayXuLy of a status; empty otherwise. */
  readonly processedAt: string;
}

export interface HeldDossier {
  status: string;
  inserts: number;
  updates: number;
  steps: number;
}

interface Options {
  readonly ledgerFile: string | null;
  readonly keepBodies: number;
}

/** Reads what whole lines there are: the last one may be cut where the process was killed while writing it. */
const readLines = (file: string): readonly Arrival[] =>
  readFileSync(file, 'utf8').split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Arrival];
    } catch {
      return [];
    }
  });

/** What the sandbox has received: compact facts of everything, bodies of the latest only, so that 100,000 dossiers fit in memory. */
export class SandboxLedger {
  readonly #options: Options;
  readonly #file: number | null;
  readonly #bodies = new Map<string, unknown>();
  readonly #dossiers = new Map<string, HeldDossier>();
  #arrivals: Arrival[] = [];
  #totals = { inserts: 0, updates: 0, steps: 0 };

  constructor(options: Options) {
    this.#options = options;
    const { ledgerFile } = options;
    if (ledgerFile !== null && existsSync(ledgerFile)) readLines(ledgerFile).forEach((arrival) => { this.#count(arrival); });
    this.#file = ledgerFile === null ? null : openSync(ledgerFile, 'a');
    // A cut last line would swallow the first one of this run.
    if (this.#file !== null) writeSync(this.#file, '\n');
  }

  holds(dossierCode: string): boolean {
    return this.#dossiers.has(dossierCode);
  }

  /** Stores one arrival; with a file it is written before the answer goes out, so an acknowledged one survives a kill. */
  add(arrival: Omit<Arrival, 'seq'>, body: unknown): void {
    const { kind, dossierCode, status, processedAt } = arrival;
    const numbered: Arrival = { seq: this.#arrivals.length + 1, kind, dossierCode, status, processedAt };
    if (this.#file !== null) writeSync(this.#file, `${JSON.stringify(numbered)}\n`);
    this.#count(numbered);
    if (kind === 'insert' || kind === 'update') this.#keep(dossierCode, body);
  }

  dossier(dossierCode: string): (HeldDossier & { readonly body: unknown }) | null {
    const held = this.#dossiers.get(dossierCode);
    return held === undefined ? null : { ...held, body: this.#bodies.get(dossierCode) ?? null };
  }

  arrivals(after: number, limit: number): readonly Arrival[] {
    return this.#arrivals.slice(after, after + limit);
  }

  arrivalsOf(dossierCode: string): readonly Arrival[] {
    return this.#arrivals.filter((arrival) => arrival.dossierCode === dossierCode);
  }

  *dossiers(): Generator<HeldDossier & { readonly dossierCode: string }> {
    for (const [dossierCode, held] of this.#dossiers) yield { dossierCode, ...held };
  }

  totals(): Readonly<Record<'dossiers' | 'inserts' | 'updates' | 'steps' | 'arrivals', number>> {
    return { dossiers: this.#dossiers.size, ...this.#totals, arrivals: this.#arrivals.length };
  }

  clear(): void {
    this.#dossiers.clear();
    this.#bodies.clear();
    this.#arrivals = [];
    this.#totals = { inserts: 0, updates: 0, steps: 0 };
    if (this.#file !== null) ftruncateSync(this.#file);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
  }

  #count(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    if (arrival.kind === 'status') return;
    const held = this.#dossiers.get(arrival.dossierCode) ?? { status: arrival.status, inserts: 0, updates: 0, steps: 0 };
    held.status = arrival.status;
    const counted = arrival.kind === 'insert' ? 'inserts' : arrival.kind === 'update' ? 'updates' : 'steps';
    held[counted] += 1;
    this.#totals[counted] += 1;
    this.#dossiers.set(arrival.dossierCode, held);
  }

  #keep(dossierCode: string, body: unknown): void {
    this.#bodies.delete(dossierCode);
    this.#bodies.set(dossierCode, body);
    if (this.#bodies.size <= this.#options.keepBodies) return;
    const [oldest] = this.#bodies.keys();
    if (oldest !== undefined) this.#bodies.delete(oldest);
  }
}
