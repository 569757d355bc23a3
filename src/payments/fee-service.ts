import type pg from 'pg';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { FeeStore, PayableDossier } from './fee-store.js';
import { RefusedAction, refuse, runOnce } from './payment-action.js';
import type { ActionAnswer, ActionDeps, PaymentCall } from './payment-action.js';
import { parseFees } from './payment-input.js';
import type { FeeInput } from './payment-input.js';
import type { FeeItem } from './payment.js';
import type { FeeRow } from './payment-rows.js';

export interface FeeServiceDeps extends ActionDeps {
  readonly fees: FeeStore;
  readonly agencies: AgencyAccess;
}

export interface FeeDeclaration {
  readonly dossierCode: string;
  readonly fees: readonly FeeInput[];
  /** What is not listed is owed no longer. */
  readonly dropOthers: boolean;
}

const NO_DOSSIER = breach('DOSSIER_UNKNOWN', 'Không có hồ sơ này', 'There is no such dossier');
const PAID = breach('FEE_PAID', 'Khoản này đã nộp, không thay đổi được', 'This fee is paid and cannot change');
const HELD = breach('FEE_HELD', 'Khoản này đang được thanh toán, chưa thay đổi được', 'This fee is being paid and cannot change now');

const isSame = (row: FeeRow, fee: FeeItem): boolean => row.kind === fee.kind && row.name === fee.name && row.amountVnd === fee.amountVnd && row.droppedAt === null;

/** What dossiers owe, as the portal declares it. */
export class FeeService {
  readonly #deps: FeeServiceDeps;

  constructor(deps: FeeServiceDeps) {
    this.#deps = deps;
  }

  /** All of it or nothing. A paid fee, or one that is being paid, stays as it is. */
  async declare(call: PaymentCall, declaration: FeeDeclaration): Promise<ActionAnswer<{ readonly dossierCode: string }>> {
    const { fees, agencies } = this.#deps;
    const view = await agencies.scope.viewOf(call.caller);
    const answer = await runOnce(this.#deps, call, {
      action: 'declareFees', input: declaration, dossierCode: declaration.dossierCode,
      work: async (client) => {
        const parsed = parseFees(declaration.fees);
        if (!parsed.ok) throw new RefusedAction({ code: 'INPUT', problems: parsed.problems, references: [] });
        const dossier = await fees.dossier(client, declaration.dossierCode, view);
        if (dossier === null) throw new RefusedAction({ code: 'INPUT', problems: [problemAt('dossierCode', NO_DOSSIER)], references: [] });
        await this.#save(client, dossier, { wanted: parsed.value, dropOthers: declaration.dropOthers });
        return { dossierCode: dossier.code };
      },
    });
    if (answer.kind === 'refused' && answer.refusal.problems.some(({ code }) => code === NO_DOSSIER.code)) {
      await agencies.attempts.record(call, 'declareFees', [{ kind: 'dossier', target: declaration.dossierCode }]);
    }
    return answer;
  }

  async #save(client: pg.PoolClient, dossier: PayableDossier, { wanted, dropOthers }: { readonly wanted: readonly FeeItem[]; readonly dropOthers: boolean }): Promise<void> {
    const { fees } = this.#deps;
    const stored = await fees.lockForDeclaring(client, dossier.code);
    const byKey = new Map(stored.map((row) => [row.key, row]));
    const refunded = await fees.refunded(client, stored.flatMap(({ paidBy }) => (paidBy === null ? [] : [paidBy])));
    const obstacle = (row: FeeRow): ReturnType<typeof breach> | null => {
      if (row.openPayment !== null) return HELD;
      return row.paidBy !== null && !refunded.has(row.paidBy) ? PAID : null;
    };
    const changes = wanted.filter((fee) => {
      const row = byKey.get(fee.key);
      return row === undefined || !isSame(row, fee) || (row.paidBy !== null && refunded.has(row.paidBy));
    });
    const others = dropOthers ? stored.filter((row) => row.droppedAt === null && row.paidBy === null && !wanted.some(({ key }) => key === row.key)) : [];
    const problems: InputProblem[] = changes.flatMap((fee) => {
      const row = byKey.get(fee.key);
      const found = row === undefined ? null : obstacle(row);
      return found === null ? [] : [problemAt(`fees[${String(wanted.indexOf(fee))}]`, found)];
    });
    if (others.some((row) => row.openPayment !== null)) problems.push(problemAt('dropOthers', HELD));
    if (problems.length > 0) refuse('INPUT', { problems });
    for (const fee of changes) await fees.save(client, dossier, fee);
    await fees.drop(client, others.map(({ id }) => id));
  }
}
