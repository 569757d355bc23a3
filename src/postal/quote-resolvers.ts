import { ROLES, type Role } from '../access/caller.js';
import { guardedQuery } from '../access/guarded.js';
import type { GatewayContext } from '../graphql/context.js';
import { viewUnmapped } from './place-view.js';
import type { PostalAddress } from './postal-address.js';
import type { Quote } from './postal-carrier-port.js';
import type { CarrierQuote, QuoteDesk, QuoteResult, QuoteWish, QuotingCarrier } from './quote-desk.js';

/** Who orders, and who helps those that do: each question costs the carriers one. */
const ASKERS: readonly Role[] = ['portal', 'agency', 'operator', 'supervisor'];

interface QuoteInput extends Omit<QuoteWish, 'carrier' | 'address'> {
  readonly carrier?: string | null;
  readonly address: Omit<PostalAddress, 'district'> & { readonly district?: string | null };
}

/** Resolvers of `postal-quote.graphql`. */
export const createQuoteResolvers = ({ desk, carriers }: { readonly desk: QuoteDesk; readonly carriers: readonly QuotingCarrier[] }) => {
  const viewOffer = (carrier: string, { service, feeVnd, expectedDelivery }: Quote) => {
    const known = carriers.find(({ party }) => party === carrier)?.services.find(({ code }) => code === service);
    return { service, name: known === undefined ? null : { vi: known.vi, en: known.en }, feeVnd, expectedDelivery };
  };
  const viewQuote = (quote: CarrierQuote) => {
    const { carrier } = quote;
    switch (quote.kind) {
      case 'quoted': return { __typename: 'PostageOffered' as const, carrier, offers: quote.quotes.map((offer) => viewOffer(carrier, offer)), quotedAt: quote.quotedAt, kept: quote.isKept };
      case 'address-unknown': return { __typename: 'PostageAddressUnknown' as const, carrier, address: viewUnmapped(quote.place, quote.end) };
      case 'rejected': return { __typename: 'PostageRejected' as const, carrier, code: quote.code, text: quote.text };
      case 'unavailable': return { __typename: 'PostageUnavailable' as const, carrier, code: quote.code, message: { vi: 'Đơn vị bưu chính chưa trả lời, hãy thử lại sau', en: 'The carrier gave no answer; try again later' } };
    }
  };
  const view = (result: QuoteResult) => (result.kind === 'refused' ? { __typename: 'PostageNotAsked' as const, problems: result.problems } : { __typename: 'PostageQuotes' as const, carriers: result.carriers.map(viewQuote) });
  return {
    Query: {
      quotePostage: guardedQuery({
        roles: ASKERS,
        resolve: async ({ quote: { carrier, address, ...wish } }: { quote: QuoteInput }, context: GatewayContext) =>
          view(await desk.quote(context, { ...wish, carrier: carrier ?? null, address: { ...address, district: address.district ?? null } })),
      }),
      postalServices: guardedQuery({
        roles: ROLES,
        resolve: () => carriers.map(({ party, services, quote, collectsMoney }) => ({ carrier: party, quotes: quote !== null, collectsMoney, services: services.map(({ code, vi, en }) => ({ code, name: { vi, en } })) })),
      }),
    },
  };
};
