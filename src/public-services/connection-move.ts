import type { Role } from '../access/caller.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { CONNECTION_MOVES, NEEDS_READINESS } from './public-service.js';
import type { ConnectionState } from './public-service.js';
import type { ConditionCode } from './readiness-conditions.js';

export interface MoveAttempt {
  readonly to: ConnectionState;
  readonly override: boolean;
  readonly role: Role;
  /** Conditions that the service does not meet. */
  readonly unmet: readonly ConditionCode[];
}

export interface MoveRefusal {
  readonly problem: InputProblem;
  /** Conditions that stand in the way; empty where something else does. */
  readonly unmet: readonly ConditionCode[];
}

const OVERRIDE = breach('OVERRIDE_ROLE', 'Chỉ giám sát được bỏ qua điều kiện', 'Only a supervisor may go past readiness');
const NOT_READY = breach('NOT_READY', 'Dịch vụ chưa đủ điều kiện kết nối', 'The service does not meet every condition');

/** Why a service may not move; null: it may. */
export const refusalOfMove = (from: ConnectionState, { to, override, role, unmet }: MoveAttempt): MoveRefusal | null => {
  const allowed = CONNECTION_MOVES[from];
  if (!allowed.includes(to)) return { problem: { ...problemAt('to', breach('STATE_MOVE', 'Không được chuyển trạng thái như vậy', 'This move is not legal')), allowed }, unmet: [] };
  if (override && role !== 'supervisor') return { problem: problemAt('override', OVERRIDE), unmet: [] };
  return NEEDS_READINESS.has(to) && unmet.length > 0 && !override ? { problem: problemAt('to', NOT_READY), unmet } : null;
};
