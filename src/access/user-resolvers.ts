import { parsePageSize } from '../deliveries/delivery-input.js';
import { NotFoundError, UserInputError, type BilingualText, type InputProblem } from '../errors/gateway-error.js';
import { accessCall } from './access-input.js';
import { AGENCY_CODE } from './api-client.js';
import { guardedMutation, guardedQuery, type AuditPolicy } from './guarded.js';
import { isPersonRole, USER_NAME, type NewUser, type User, type UserRefusal } from './user.js';
import type { UserChanged, UserOutcome, UserSecret, UserService } from './user-service.js';

const AUDIT: AuditPolicy = { kind: 'operator-action' };

interface ActionArgs { readonly idempotencyKey: string; readonly reason: string }
interface NamedArgs extends ActionArgs { readonly name: string }
export interface UserInput { readonly name: string; readonly role: string; readonly agencyScope?: string | null }

const REFUSALS: Readonly<Record<UserRefusal, BilingualText>> = {
  NAME_TAKEN: { en: 'A person has or had this name; names are not given out twice', vi: 'Tên này đã được dùng; tên không được cấp lại' },
  UNKNOWN_USER: { en: 'There is no such person', vi: 'Không có người dùng này' },
  ROLE_NOT_YOURS: { en: 'Your role may not do this for a person of that role', vi: 'Vai trò của bạn không được làm việc này cho vai trò đó' },
  NO_TOTP: { en: 'No second factor is asked of this person', vi: 'Người này chưa bật xác thực hai lớp' },
  NOT_YOURSELF: { en: 'Nobody disables himself', vi: 'Không thể tự khoá tài khoản của mình' },
};
const ALREADY = { en: 'It was shown when this call was first answered; where it was lost, reset again', vi: 'Đã được hiển thị ở lần trả lời đầu; nếu đã mất, hãy đặt lại' };

const conflict = (key: string) => ({ __typename: 'IdempotencyConflict', key, message: { en: 'This key was used for other content', vi: 'Khoá này đã được dùng cho nội dung khác' } });
const refused = (code: UserRefusal) => ({ __typename: 'UserActionRefused', code, message: REFUSALS[code] });
const viewUser = (user: User) => ({
  name: user.name, role: user.role.toUpperCase(), agencyScope: user.agencyScope, state: user.state.toUpperCase(), mustChangePassword: user.mustChangePassword,
  hasTotp: user.hasTotp, createdAt: user.createdAt, createdBy: user.createdBy, lastLoginAt: user.lastLoginAt,
});

/** Throws UserInputError with everything that is wrong. */
export const parseNewUser = (input: UserInput): NewUser => {
  const problems: InputProblem[] = [];
  const role = input.role.toLowerCase();
  const agencyScope = input.agencyScope?.trim().toUpperCase() || null;
  if (!USER_NAME.test(input.name)) problems.push({ field: 'user.name', code: 'USER_NAME', message: { en: 'Lower-case letters, digits, dots, hyphens and underscores, 1 to 64', vi: 'Chữ thường không dấu, chữ số, dấu chấm, gạch nối, gạch dưới; từ 1 đến 64 ký tự' } });
  if (!isPersonRole(role)) problems.push({ field: 'user.role', code: 'PERSON_ROLE', message: { en: 'A person is operator, supervisor, leader or auditor', vi: 'Vai trò của người dùng: operator, supervisor, leader hoặc auditor' } });
  if (agencyScope !== null && !AGENCY_CODE.test(agencyScope)) problems.push({ field: 'user.agencyScope', code: 'AGENCY_CODE', message: { en: 'This is no agency code', vi: 'Không phải mã cơ quan' } });
  if (problems.length > 0 || !isPersonRole(role)) throw new UserInputError(problems);
  return { name: input.name, role, agencyScope };
};

const parsePage = (args: { readonly first: number; readonly after?: string | null }): { readonly first: number; readonly after: string | null } => {
  const after = args.after ?? null;
  if (after !== null && !USER_NAME.test(after)) throw new UserInputError([{ field: 'after', code: 'CURSOR', message: { en: 'This is no cursor of this list', vi: 'Con trỏ không hợp lệ' } }]);
  return { first: parsePageSize(args.first), after };
};

const createViews = (service: UserService) => {
  const userNamed = async (name: string) => {
    const user = await service.find(name);
    if (user === null) throw new NotFoundError();
    return viewUser(user);
  };
  return {
    issued: async (outcome: UserOutcome<UserSecret>, key: string) => {
      if (outcome.kind === 'conflict') return conflict(key);
      if (outcome.kind === 'refused') return refused(outcome.code);
      const user = await userNamed(outcome.name);
      return outcome.secret === null ? { __typename: 'UserSecretAlreadyIssued', user, message: ALREADY } : { __typename: 'UserSecretIssued', user, secret: outcome.secret };
    },
    changed: async (outcome: UserOutcome<UserChanged>, key: string) => {
      if (outcome.kind === 'conflict') return conflict(key);
      return outcome.kind === 'refused' ? refused(outcome.code) : { __typename: 'UserChanged', user: await userNamed(outcome.name) };
    },
  };
};

/** Resolvers of `user.graphql`. */
export const createUserResolvers = (service: UserService) => {
  const { issued, changed } = createViews(service);
  return {
    Query: {
      users: guardedQuery({
        roles: ['supervisor', 'auditor'],
        resolve: async (args: { first: number; after?: string | null }) => {
          const page = parsePage(args);
          const found = await service.list({ ...page, first: page.first + 1 });
          const nodes = found.slice(0, page.first).map(viewUser);
          return { nodes, pageInfo: { endCursor: nodes.at(-1)?.name ?? null, hasNextPage: found.length > page.first } };
        },
      }),
    },
    Mutation: {
      createUser: guardedMutation({
        roles: ['supervisor'], wholeProvince: true, audit: AUDIT,
        resolve: async (args: ActionArgs & { user: UserInput }, context) => issued(await service.create(accessCall(args, context), parseNewUser(args.user)), args.idempotencyKey),
      }),
      resetUserPassword: guardedMutation({
        roles: ['supervisor'], wholeProvince: true, audit: AUDIT,
        resolve: async (args: NamedArgs, context) => (USER_NAME.test(args.name) ? issued(await service.resetPassword(accessCall(args, context), args.name), args.idempotencyKey) : refused('UNKNOWN_USER')),
      }),
      enrolUserTotp: guardedMutation({
        roles: ['supervisor'], wholeProvince: true, audit: AUDIT,
        resolve: async (args: NamedArgs, context) => (USER_NAME.test(args.name) ? issued(await service.enrolTotp(accessCall(args, context), args.name), args.idempotencyKey) : refused('UNKNOWN_USER')),
      }),
      removeUserTotp: guardedMutation({
        roles: ['supervisor'], wholeProvince: true, audit: AUDIT,
        resolve: async (args: NamedArgs, context) => (USER_NAME.test(args.name) ? changed(await service.removeTotp(accessCall(args, context), args.name), args.idempotencyKey) : refused('UNKNOWN_USER')),
      }),
      enableUser: guardedMutation({
        roles: ['supervisor'], wholeProvince: true, audit: AUDIT,
        resolve: async (args: NamedArgs, context) => (USER_NAME.test(args.name) ? changed(await service.enable(accessCall(args, context), args.name), args.idempotencyKey) : refused('UNKNOWN_USER')),
      }),
      disableUser: guardedMutation({
        roles: ['supervisor'], wholeProvince: true, audit: AUDIT,
        resolve: async (args: NamedArgs, context) => (USER_NAME.test(args.name) ? changed(await service.disable(accessCall(args, context), args.name), args.idempotencyKey) : refused('UNKNOWN_USER')),
      }),
    },
  };
};
