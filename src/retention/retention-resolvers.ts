import type { Role } from '../access/caller.js';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import { parseReason } from '../deliveries/delivery-input.js';
import type { OperatorCall } from '../deliveries/operator-service.js';
import { NotFoundError, UserInputError } from '../errors/gateway-error.js';
import type { GatewayContext } from '../graphql/context.js';
import type { Once } from '../store/once.js';
import type { ErasureRefusalCode, HeldPerson, RetentionService } from './retention-service.js';

const SUPERVISORS: readonly Role[] = ['supervisor'];
const AUDIT = { kind: 'operator-action' } as const;
const ID_NUMBER = /^[\p{L}\d\s./-]{1,50}$/u;
const CODE = /^[A-Z0-9.-]{1,60}$/;
const REQUEST_ID = /^\d{1,18}$/;

const CONFLICT = { __typename: 'IdempotencyConflict', message: { en: 'This key was used for other content', vi: 'Khoá này đã được dùng cho nội dung khác' } } as const;

const REFUSALS: Readonly<Record<ErasureRefusalCode, { readonly vi: string; readonly en: string }>> = {
  OPEN_DELIVERIES: { vi: 'Còn lượt gửi chưa xong của các hồ sơ này; hãy hoàn tất trước', en: 'Deliveries of these dossiers are not finished; finish them first' },
  LEGAL_HOLD: { vi: 'Các hồ sơ này đang được lưu giữ theo yêu cầu pháp lý', en: 'These dossiers are under legal hold' },
  SAME_PERSON: { vi: 'Người duyệt phải khác người yêu cầu', en: 'Another person than the one who asked must approve' },
  DONE_ALREADY: { vi: 'Yêu cầu này đã được thực hiện', en: 'This request was carried out already' },
};

interface ActionArgs { readonly idempotencyKey: string; readonly reason: string }

const callOf = (args: ActionArgs, { caller }: GatewayContext): OperatorCall => ({ caller, idempotencyKey: args.idempotencyKey, reason: parseReason(args.reason) });

const parseIdNumber = (text: string): string => {
  if (ID_NUMBER.test(text)) return text;
  throw new UserInputError([{ field: 'idNumber', code: 'ID_NUMBER', message: { vi: 'Số giấy tờ không hợp lệ', en: 'This is no id number' } }]);
};

/** What is no code or number names nothing. */
const existing = (pattern: RegExp, text: string): string => {
  if (pattern.test(text)) return text;
  throw new NotFoundError();
};

const onHold = (once: Once<null>, dossierCode: string, held: boolean) => (once.kind === 'conflict' ? CONFLICT : { __typename: 'LegalHoldChanged', dossierCode, held });

const onPerson = (once: Once<HeldPerson>, held: boolean) => (once.kind === 'conflict' ? CONFLICT : { __typename: 'PersonHoldChanged', dossierCodes: once.result.dossierCodes, held });

/** Resolvers of `retention.graphql`: authorise, parse, one call of the service. */
export const createRetentionResolvers = (service: RetentionService) => ({
  Query: {
    findPersonalData: guardedQuery({
      roles: SUPERVISORS, wholeProvince: true,
      resolve: async ({ idNumber }: { idNumber: string }, { caller }) => ({ dossierCodes: await service.find(caller, parseIdNumber(idNumber)) }),
    }),
  },
  Mutation: {
    requestErasure: guardedMutation({
      roles: ['operator', 'supervisor'], wholeProvince: true, audit: AUDIT,
      resolve: async (args: ActionArgs & { idNumber: string }, context) => {
        const once = await service.requestErasure(callOf(args, context), parseIdNumber(args.idNumber));
        return once.kind === 'conflict' ? CONFLICT : { __typename: 'ErasureRequested', id: once.result.id };
      },
    }),
    approveErasure: guardedMutation({
      roles: SUPERVISORS, wholeProvince: true, audit: AUDIT,
      resolve: async (args: ActionArgs & { id: string }, context) => {
        const once = await service.approveErasure(callOf(args, context), existing(REQUEST_ID, args.id));
        if (once.kind === 'conflict') return CONFLICT;
        const { refused, dossierCodes } = once.result;
        return refused === null ? { __typename: 'PersonalDataErased', dossierCodes } : { __typename: 'ErasureRefused', code: refused, message: REFUSALS[refused], dossierCodes };
      },
    }),
    placeLegalHold: guardedMutation({
      roles: SUPERVISORS, wholeProvince: true, audit: AUDIT,
      resolve: async (args: ActionArgs & { dossierCode: string }, context) => onHold(await service.placeHold(callOf(args, context), existing(CODE, args.dossierCode)), args.dossierCode, true),
    }),
    placePersonHold: guardedMutation({
      roles: SUPERVISORS, wholeProvince: true, audit: AUDIT,
      resolve: async (args: ActionArgs & { idNumber: string }, context) => onPerson(await service.placePersonHold(callOf(args, context), parseIdNumber(args.idNumber)), true),
    }),
    liftPersonHold: guardedMutation({
      roles: SUPERVISORS, wholeProvince: true, audit: AUDIT,
      resolve: async (args: ActionArgs & { idNumber: string }, context) => onPerson(await service.liftPersonHold(callOf(args, context), parseIdNumber(args.idNumber)), false),
    }),
    liftLegalHold: guardedMutation({
      roles: SUPERVISORS, wholeProvince: true, audit: AUDIT,
      resolve: async (args: ActionArgs & { dossierCode: string }, context) => onHold(await service.liftHold(callOf(args, context), existing(CODE, args.dossierCode)), args.dossierCode, false),
    }),
  },
});
