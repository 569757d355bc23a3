import { ROLES, type Role } from '../access/caller.js';
import { guardedMutation, guardedQuery } from '../access/guarded.js';
import { parseReason } from '../deliveries/delivery-input.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import type { GatewayContext } from '../graphql/context.js';
import type { PlaceCarrier, PlaceDirectory, WrittenAddress } from './place-directory.js';
import type { PlaceCall, PlaceRegister } from './place-register.js';
import type { PlaceListStatus } from './place.js';
import type { PlaceSync } from './place-sync.js';
import { viewPlace, viewPlaceImport, viewPlaceList, viewPlaceSync } from './place-view.js';

const WRITERS: readonly Role[] = ['operator', 'supervisor'];
const READERS: readonly Role[] = ['operator', 'supervisor', 'auditor'];
const AUDIT = { kind: 'operator-action' } as const;

const NO_CARRIER = breach('CARRIER_UNKNOWN', 'Không có đơn vị bưu chính này', 'There is no such carrier');
const NO_LIST = breach('CARRIER_LISTS_NOTHING', 'Đơn vị bưu chính này không có, hoặc không cung cấp danh mục địa danh; hãy nhập từ tệp', 'There is no such carrier, or it gives no list of places; import a file instead');

type Acted<Args> = Args & { readonly idempotencyKey: string; readonly reason: string };

const callOf = ({ idempotencyKey, reason }: Acted<object>, { caller }: GatewayContext): PlaceCall => ({ caller, idempotencyKey, reason: parseReason(reason) });

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

const fileOf = (contentBase64: string): Uint8Array => {
  if (!BASE64.test(contentBase64)) throw new UserInputError([problemAt('contentBase64', breach('BASE64', 'Nội dung phải ở dạng base64', 'The content must be base64'))]);
  return Buffer.from(contentBase64, 'base64');
};

export interface PlaceResolverDeps {
  readonly carriers: readonly PlaceCarrier[];
  readonly directory: PlaceDirectory;
  readonly register: PlaceRegister;
  readonly sync: PlaceSync;
  readonly statuses: () => Promise<readonly PlaceListStatus[]>;
}

/** Resolvers of `postal-place.graphql`. */
export const createPlaceResolvers = ({ carriers, directory, register, sync, statuses }: PlaceResolverDeps) => ({
  Query: {
    addressSuggestions: guardedQuery({
      roles: ROLES,
      resolve: async ({ carrier, epoch, province, district, commune }: Omit<WrittenAddress, 'district' | 'commune'> & { carrier: string; district?: string | null; commune?: string | null }) => {
        const answer = await directory.look(carrier, { epoch, province, district: district ?? null, commune: commune ?? null });
        if (answer === null) throw new UserInputError([{ ...problemAt('carrier', NO_CARRIER), allowed: carriers.map(({ party }) => party) }]);
        return viewPlace(answer);
      },
    }),
    postalPlaceLists: guardedQuery({
      roles: READERS,
      resolve: async () => {
        const known = await statuses();
        return carriers.map((carrier) => viewPlaceList(carrier, known.find((status) => status.carrier === carrier.party)));
      },
    }),
  },
  Mutation: {
    importPostalPlaces: guardedMutation({
      roles: WRITERS, wholeProvince: true, audit: AUDIT,
      resolve: async (args: Acted<{ contentBase64: string; dryRun: boolean }>, context) =>
        viewPlaceImport(await register.import(callOf(args, context), fileOf(args.contentBase64), { dryRun: args.dryRun })),
    }),
    syncPostalPlaces: guardedMutation({
      roles: WRITERS, wholeProvince: true, audit: AUDIT,
      resolve: async ({ carrier, acceptLoss, ...args }: Acted<{ carrier: string; acceptLoss: boolean }>, context) => {
        const answer = await sync.run({ ...callOf(args, context), acceptsLoss: acceptLoss }, carrier);
        return answer.kind === 'no-list' ? { __typename: 'PlacesRefused' as const, problems: [problemAt('carrier', NO_LIST)] } : viewPlaceSync(answer);
      },
    }),
  },
});
