import type { Role } from '../access/caller.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { CONNECTION_MOVES, NEEDS_READINESS } from './public-service.js';
import type { ConnectionState } from './public-service.js';
import type { ConditionResult, Readiness } from './readiness-check.js';

export interface MoveAttempt {
  readonly to: ConnectionState;
  readonly override: boolean;
  readonly role: Role;
  readonly readiness: Readiness;
}

export interface MoveRefusal {
  readonly problem: InputProblem;
  /** Conditions that stand in the way; empty where something else does. */
  readonly unmet: readonly ConditionResult[];
}

/** Without portals no service could ever become ready; the message says which setting that is. */
const NO_ORIGINS = 'NO_PORTAL_ORIGINS';
const OVERRIDE = breach('OVERRIDE_ROLE', 'Chỉ giám sát được bỏ qua điều kiện', 'Only a supervisor may go past readiness');
const NOT_READY = breach('NOT_READY', 'Dịch vụ chưa đủ điều kiện kết nối', 'The service does not meet every condition');
const LINKS_NOT_CHECKED = breach('LINKS_NOT_CHECKED', 'Chưa cấu hình SERVICE_PORTAL_ORIGINS nên không kiểm tra liên kết nào; cần cấu hình, hoặc giám sát bỏ qua điều kiện',
  'SERVICE_PORTAL_ORIGINS is not set, so no link is looked at: set it, or have a supervisor override');

/** Why a service may not move; null: it may. */
export const refusalOfMove = (from: ConnectionState, { to, override, role, readiness }: MoveAttempt): MoveRefusal | null => {
  const allowed = CONNECTION_MOVES[from];
  if (!allowed.includes(to)) return { problem: { ...problemAt('to', breach('STATE_MOVE', 'Không được chuyển trạng thái như vậy', 'This move is not legal')), allowed }, unmet: [] };
  if (override && role !== 'supervisor') return { problem: problemAt('override', OVERRIDE), unmet: [] };
  if (!NEEDS_READINESS.has(to) || readiness.ready || override) return null;
  const unmet = readiness.conditions.filter(({ condition }) => readiness.unmet.includes(condition));
  return { problem: problemAt('to', unmet.every(({ detail }) => detail === NO_ORIGINS) ? LINKS_NOT_CHECKED : NOT_READY), unmet };
};
