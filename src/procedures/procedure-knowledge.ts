import type { ProcedureBook, ProcedureKnowledge } from '../dossiers/procedure-knowledge-port.js';
import { breach } from '../dossiers/rule-breach.js';
import type { RuleBreach } from '../dossiers/rule-breach.js';
import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import { createBreath } from './breath.js';
import { cleanCode, codeFor, readProcedureCode } from './match-code.js';
import { nameKey } from './match-text.js';

/** What becomes of dossiers whose procedure is unknown or withdrawn. */
export const PROCEDURE_POLICIES = ['off', 'refuse-new', 'refuse-new-park-old'] as const;
export type ProcedurePolicy = (typeof PROCEDURE_POLICIES)[number];

const UNKNOWN = breach('PROCEDURE_UNKNOWN', 'Mã thủ tục không có trong Cơ sở dữ liệu quốc gia về thủ tục hành chính', 'The national procedure database does not know this procedure code');
const WITHDRAWN = breach('PROCEDURE_WITHDRAWN', 'Thủ tục đã bãi bỏ hoặc không còn công khai', 'The procedure was withdrawn or is no longer public');

interface Standing {
  readonly usable: ReadonlyMap<string, boolean>;
  /** Usable procedures by name, where only one has it. */
  readonly byName: ReadonlyMap<string, string | null>;
  /** Suggestions of the latest match, by local code; of a withdrawn one only the procedure with its very name. */
  readonly suggestions: ReadonlyMap<string, string>;
}

class StandingBook implements ProcedureBook {
  readonly parksOld: boolean;
  readonly #standing: Standing;
  readonly #levelOne: string;

  constructor(standing: Standing, settings: { readonly parksOld: boolean; readonly levelOne: string }) {
    this.#standing = standing;
    this.parksOld = settings.parksOld;
    this.#levelOne = settings.levelOne;
  }

  check(procedureCode: string, procedureName: string): RuleBreach | null {
    const code = readProcedureCode(procedureCode);
    const usable = code === null ? undefined : this.#standing.usable.get(code.stem);
    if (usable === true) return null;
    const named = this.#standing.byName.get(nameKey(procedureName));
    const suggested = this.#standing.suggestions.get(cleanCode(procedureCode)) ?? (named == null ? undefined : codeFor(named, code, this.#levelOne));
    const found = usable === undefined ? UNKNOWN : WITHDRAWN;
    return suggested === undefined ? found : { ...found, allowed: [suggested] };
  }
}

export interface KnowledgeSettings {
  readonly policy: ProcedurePolicy;
  /** Level-1 codes of the province, the current one first. */
  readonly tenantAgencyCodes: readonly string[];
}

/** The standing of all procedures in memory, never older than the database was when it was asked: each use compares versions. */
export class CatalogueKnowledge implements ProcedureKnowledge {
  readonly #database: Queryable;
  readonly #settings: KnowledgeSettings;
  #held: { readonly version: string; readonly book: Promise<ProcedureBook | null> } | null = null;

  constructor(database: Queryable, settings: KnowledgeSettings) {
    this.#database = database;
    this.#settings = settings;
  }

  async current(): Promise<ProcedureBook | null> {
    if (this.#settings.policy === 'off') return null;
    const { rows } = await orUnavailable(this.#database.query<{ version: string }>({ name: 'procedure-standing-version', text: 'SELECT version FROM procedure_standing_version' }));
    const version = rows[0]?.version ?? '0';
    // What is loaded after the version was read is of this version or newer; a newer one is only loaded once more.
    if (this.#held?.version !== version) this.#held = { version, book: this.#load() };
    const { book } = this.#held;
    return book.catch((error: unknown) => {
      this.#held = null;
      throw error;
    });
  }

  async #load(): Promise<ProcedureBook | null> {
    const complete = await orUnavailable(this.#database.query(`SELECT 1 FROM procedure_syncs WHERE kind = 'full' AND state = 'complete' LIMIT 1`));
    if (complete.rows.length === 0) return null;
    const procedures = await orUnavailable(this.#database.query<{ code: string; name: string; usable: boolean }>('SELECT code, name, (is_public AND withdrawn_at IS NULL) AS usable FROM national_procedures'));
    const matches = await orUnavailable(this.#database.query<{ code: string; suggested: string }>(
      `SELECT local_code AS code, min(suggested_code) AS suggested FROM match_results WHERE run_id = (SELECT max(id) FROM match_runs) AND suggested_code IS NOT NULL AND (class <> 'WITHDRAWN' OR score >= 1)
       GROUP BY local_code HAVING count(DISTINCT suggested_code) = 1`));
    const breathe = createBreath();
    const byName = new Map<string, string | null>();
    for (const { code, name, usable } of procedures.rows) {
      const key = nameKey(name);
      if (usable) byName.set(key, byName.has(key) ? null : code);
      await breathe();
    }
    return new StandingBook({
      byName, usable: new Map(procedures.rows.map(({ code, usable }) => [code, usable])), suggestions: new Map(matches.rows.map(({ code, suggested }) => [cleanCode(code), suggested])),
    }, { parksOld: this.#settings.policy === 'refuse-new-park-old', levelOne: this.#settings.tenantAgencyCodes[0] ?? '' });
  }
}
