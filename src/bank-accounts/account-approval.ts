import type { Caller } from '../access/caller.js';
import { isSamePerson } from '../access/same-person.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { BankAccount, NameCheck } from './bank-account.js';
import { SUSPECT_CHECKS } from './bank-account.js';

/** With these an operator may approve. Where no bank can be asked he goes by the agency's papers. */
const APPROVABLE: ReadonlySet<NameCheck> = new Set(['MATCHED', 'SIMILAR', 'UNSUPPORTED']);

const FOUR_EYES = breach('FOUR_EYES', 'Người đăng ký không được tự duyệt', 'Whoever asked for an account may not approve it');
const OVERRIDE_ROLE = breach('OVERRIDE_ROLE', 'Chỉ giám sát được bỏ qua kết quả tra cứu tên', 'Only a supervisor may go past the check of the name');
const WAITS = breach('NAME_NOT_CHECKED', 'Chưa có kết quả tra cứu tên chủ tài khoản', 'No bank has told the holder\'s name yet');
const DIFFERENT = breach('NAME_DIFFERENT', 'Ngân hàng trả lời tên chủ tài khoản khác, hoặc không có tài khoản', 'The bank names another holder, or knows no such account');

/** Why this caller may not approve the account; null: he may, as far as it depends on him and on the name. */
export const refusalOfApproval = ({ requestedBy, nameCheck, state }: Pick<BankAccount, 'requestedBy' | 'nameCheck' | 'state'>, caller: Caller, override: boolean): InputProblem | null => {
  if (state !== 'REQUESTED') return null;
  if (isSamePerson(requestedBy, caller.client)) return problemAt('id', FOUR_EYES);
  if (override && caller.role !== 'supervisor') return problemAt('override', OVERRIDE_ROLE);
  if (override || APPROVABLE.has(nameCheck)) return null;
  return problemAt('id', nameCheck === 'NOT_CHECKED' || nameCheck === 'UNAVAILABLE' ? WAITS : DIFFERENT);
};

/** Setting an account going of which its bank speaks otherwise goes past that word, as an approval would. */
export const refusalOfResuming = ({ nameCheck, state }: Pick<BankAccount, 'nameCheck' | 'state'>, caller: Caller): InputProblem | null =>
  (state === 'SUSPENDED' && SUSPECT_CHECKS.has(nameCheck) && caller.role === 'operator' ? problemAt('id', OVERRIDE_ROLE) : null);
