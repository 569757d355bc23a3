import { LedgerFile } from '../support/sandbox-ledger-file.js';

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

/** What the sandbox has received: compact facts of everything, bodies of the latest only, so that 100,000 dossiers fit in memory. */
export class SandboxLedger {
  readonly #options: Options;
  readonly #file: LedgerFile<Arrival>;
  readonly #bodies = new Map<string, unknown>();
  readonly #dossiers = new Map<string, HeldDossier>();
  #arrivals: Arrival[] = [];
  #totals = { inserts: 0, updates: 0, steps: 0 };

  constructor(options: Options) {
    this.#options = options;
    this.#file = new LedgerFile(options.ledgerFile);
    this.#file.earlier.forEach((arrival) => { this.#count(arrival); });
  }

  holds(dossierCode: string): boolean {
    return this.#dossiers.has(dossierCode);
  }

  /** Stores one arrival; with a file it is written before the answer goes out, so an acknowledged one survives a kill. */
  add(arrival: Omit<Arrival, 'seq'>, body: unknown): void {
    const { kind, dossierCode, status, processedAt } = arrival;
    const numbered: Arrival = { seq: this.#arrivals.length + 1, kind, dossierCode, status, processedAt };
    this.#file.append(numbered);
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
    this.#file.clear();
  }

  close(): void {
    this.#file.close();
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
