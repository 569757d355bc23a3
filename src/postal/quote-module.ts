import { QuoteDesk } from './quote-desk.js';
import type { QuoteDeskDeps } from './quote-desk.js';
import { createQuoteResolvers } from './quote-resolvers.js';
import { QuoteStore } from './quote-store.js';

/** Joins the parts of quotes. */
export const createPostalQuotes = (deps: Omit<QuoteDeskDeps, 'store'>) => {
  const store = new QuoteStore();
  const desk = new QuoteDesk({ ...deps, store });
  return { desk, resolvers: createQuoteResolvers({ desk, carriers: deps.carriers }), tasks: [{ name: 'postal-quotes', run: () => store.prune(deps.database) }] };
};
