import type { Queryable } from '../store/database.js';
import type { StatementLine } from './statement-reader-port.js';

export interface Statement {
  /** Decimal id. */
  readonly id: string;
  readonly gateway: string;
  /** In Vietnam, `yyyy-mm-dd`. */
  readonly day: string;
  readonly source: 'file' | 'query';
  readonly importedBy: string;
  readonly importedAt: Date;
  readonly lineCount: number;
  /** Of payments that were paid. */
  readonly totalVnd: number;
  readonly replacedBy: string | null;
}

export interface NewStatement extends Pick<Statement, 'gateway' | 'day' | 'source' | 'importedBy'> {
  /** Of the file; null for answers. */
  readonly sha256: string | null;
}

const COLUMNS = `s.id, s.gateway, to_char(s.day, 'YYYY-MM-DD') AS day, s.source, s.imported_by AS "importedBy", s.imported_at AS "importedAt", s.line_count AS "lineCount",
  s.total_vnd AS "totalVnd", s.replaced_by AS "replacedBy"`;

const toStatement = (row: Omit<Statement, 'totalVnd'> & { readonly totalVnd: string }): Statement => ({ ...row, totalVnd: Number(row.totalVnd) });
const totalOf = (lines: readonly StatementLine[]): number => lines.reduce((sum, { kind, state, amountVnd }) => sum + (kind === 'PAYMENT' && state === 'paid' ? amountVnd ?? 0 : 0), 0);

/** Statements (SQL) on statements of gateways. */
export class StatementStore {
  /** Null: this very file counts already. */
  async insert(client: Queryable, statement: NewStatement, lines: readonly StatementLine[]): Promise<string | null> {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO statements (gateway, day, source, sha256, imported_by, line_count, total_vnd) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (sha256) WHERE sha256 IS NOT NULL AND replaced_by IS NULL DO NOTHING RETURNING id`,
      [statement.gateway, statement.day, statement.source, statement.sha256, statement.importedBy, lines.length, totalOf(lines)]);
    const id = rows[0]?.id;
    if (id === undefined) return null;
    await client.query({
      text: `INSERT INTO statement_lines (statement_id, line, kind, reference, gateway_transaction, amount_vnd, state, at)
               SELECT $1, * FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::timestamptz[])`,
      values: [id, lines.map(({ line }) => line), lines.map(({ kind }) => kind), lines.map(({ reference }) => reference), lines.map(({ gatewayTransaction }) => gatewayTransaction),
        lines.map(({ amountVnd }) => amountVnd), lines.map(({ state }) => state), lines.map(({ at }) => at)],
    });
    return id;
  }

  /** What the file with this digest counts for. */
  async countedFor(client: Queryable, sha256: string): Promise<Pick<Statement, 'gateway' | 'day'> | null> {
    const { rows } = await client.query<Pick<Statement, 'gateway' | 'day'>>(`SELECT gateway, to_char(day, 'YYYY-MM-DD') AS day FROM statements WHERE sha256 = $1 AND replaced_by IS NULL`, [sha256]);
    return rows[0] ?? null;
  }

  /** Earlier files of the same gateway and day count no more. */
  async replaceEarlier(client: Queryable, id: string): Promise<void> {
    await client.query(`UPDATE statements o SET replaced_by = n.id FROM statements n WHERE n.id = $1 AND o.gateway = n.gateway AND o.day = n.day AND o.source = 'file' AND o.id < n.id AND o.replaced_by IS NULL`, [id]);
  }

  async find(client: Queryable, id: string): Promise<Statement | null> {
    const { rows } = await client.query<Parameters<typeof toStatement>[0]>(`SELECT ${COLUMNS} FROM statements s WHERE s.id = $1`, [id]);
    return rows[0] === undefined ? null : toStatement(rows[0]);
  }

  /** Files of a day that count, oldest first. */
  async filesOf(client: Queryable, gateway: string, day: string): Promise<readonly Statement[]> {
    const { rows } = await client.query<Parameters<typeof toStatement>[0]>(
      `SELECT ${COLUMNS} FROM statements s WHERE s.gateway = $1 AND s.day = $2 AND s.source = 'file' AND s.replaced_by IS NULL ORDER BY s.id`, [gateway, day]);
    return rows.map(toStatement);
  }

  /** Lines of several statements as one, numbered through. What was not found is no line. */
  async linesOf(client: Queryable, statementIds: readonly string[]): Promise<readonly StatementLine[]> {
    const { rows } = await client.query<Omit<StatementLine, 'amountVnd' | 'line'> & { amountVnd: string | null }>(
      `SELECT kind, reference, gateway_transaction AS "gatewayTransaction", amount_vnd AS "amountVnd", state, at FROM statement_lines
         WHERE statement_id = ANY ($1) AND state <> 'not-found' ORDER BY statement_id, line`, [statementIds]);
    return rows.map((row, index) => ({ ...row, line: index + 1, amountVnd: row.amountVnd === null ? null : Number(row.amountVnd) }));
  }

  /** References with money in the files that count of these days. */
  async referencesOf(client: Queryable, gateway: string, days: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await client.query<{ reference: string }>(
      `SELECT l.reference FROM statements s JOIN statement_lines l ON l.statement_id = s.id WHERE s.gateway = $1 AND s.day = ANY ($2::date[]) AND s.source = 'file' AND s.replaced_by IS NULL
         AND l.kind = 'PAYMENT' AND l.state IN ('paid', 'disputed') AND l.reference IS NOT NULL`, [gateway, days]);
    return new Set(rows.map(({ reference }) => reference));
  }
}
