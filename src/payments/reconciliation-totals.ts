import type { AttemptedCall } from '../agencies/access-attempt-store.js';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import { orUnavailable } from '../store/database-errors.js';
import type { Page, PageOf } from './payment-queries.js';
import type { PaymentTotal, TotalsPlace, TotalsStore } from './reconciliation-totals-store.js';
import { dayAfter, isDay, vietnamMidnight } from './reconciliation-day.js';

export interface TotalsFilter {
  readonly from: string;
  readonly to: string;
  readonly gateway: string | null;
}

const MAX_DAYS = 366;
const MAX_PAGE = 200;

const invalid = (field: string, code: string, text: { readonly vi: string; readonly en: string }): never => {
  throw new UserInputError([problemAt(field, breach(code, text.vi, text.en))]);
};

const cursorOf = ({ day, gateway, agencyCode, accountId }: PaymentTotal): string => Buffer.from(JSON.stringify([day, gateway, agencyCode, accountId])).toString('base64url');

const placeOf = (after: string | null): TotalsPlace | null => {
  if (after === null) return null;
  try {
    const parts: unknown = JSON.parse(Buffer.from(after, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === 4 && parts.every((part) => typeof part === 'string' && !part.includes('\0')) && isDay(String(parts[0])) && /^\d{1,18}$/.test(String(parts[3]))) return parts as unknown as TotalsPlace;
  } catch {
    // Refused below, like any other text.
  }
  return invalid('after', 'CURSOR', { vi: 'Con trỏ không hợp lệ', en: 'This is no cursor of this list' });
};

const checkTotals = ({ from, to }: TotalsFilter, { first }: PageOf): void => {
  if (!isDay(from) || !isDay(to) || to < from || dayAfter(from, MAX_DAYS) <= to) invalid('from', 'DAYS', { vi: 'Khoảng ngày phải hợp lệ, dài nhất 366 ngày', en: 'The days must be in order, at most 366 of them' });
  if (first < 1 || first > MAX_PAGE) invalid('first', 'PAGE_SIZE', { vi: `Từ 1 đến ${String(MAX_PAGE)}`, en: `Between 1 and ${String(MAX_PAGE)}` });
};

/** Totals by day, gateway, agency and account, from the ledger, within what the caller may see. */
export class PaymentTotals {
  readonly #deps: { readonly store: TotalsStore; readonly agencies: AgencyAccess };

  constructor(deps: { readonly store: TotalsStore; readonly agencies: AgencyAccess }) {
    this.#deps = deps;
  }

  async list(call: AttemptedCall, filter: TotalsFilter, page: PageOf): Promise<Page<PaymentTotal>> {
    checkTotals(filter, page);
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    const found = await orUnavailable(this.#deps.store.list(
      { from: vietnamMidnight(filter.from), to: vietnamMidnight(dayAfter(filter.to)), gateway: filter.gateway }, view, { after: placeOf(page.after), limit: page.first + 1 }));
    const shown = found.slice(0, page.first);
    const last = shown.at(-1);
    return { rows: shown, hasNextPage: found.length > page.first, endCursor: last === undefined ? null : cursorOf(last) };
  }
}
