/**
 * Parameters with which the national portal opens a provincial service (national-portal.md §4.6 [H], seen before 1 July 2025), in lower
 * case: portals read names without regard to case.
 */
const SSO = 'vnconnect';
const PROCEDURE = 'matthcdp';
const AGENCY = 'macoquanthuchien';
const SERVICE = 'madvc';

export type LinkFault = 'MISSING' | 'NO_ADDRESS' | 'NOT_HTTPS' | 'NO_SSO' | 'OTHER_PROCEDURE' | 'OTHER_AGENCY' | 'OTHER_SERVICE';

export interface LinkExpectation {
  readonly procedureCode: string;
  readonly serviceCode: string;
  /** Every code of the agency; the link may carry any. */
  readonly agencyCodes: readonly string[];
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What is wrong with the shape of a deep link; null: nothing. */
export const faultOfDeepLink = (link: string | null, expected: LinkExpectation): LinkFault | null => {
  if (link === null) return 'MISSING';
  if (!URL.canParse(link)) return 'NO_ADDRESS';
  const url = new URL(link);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) return 'NOT_HTTPS';
  const values = new Map([...url.searchParams].map(([name, value]) => [name.toLowerCase(), value.normalize('NFC').trim().toUpperCase()]));
  if (values.get(SSO) !== '1') return 'NO_SSO';
  if (values.get(PROCEDURE) !== expected.procedureCode) return 'OTHER_PROCEDURE';
  if (!expected.agencyCodes.includes(values.get(AGENCY) ?? '')) return 'OTHER_AGENCY';
  return values.get(SERVICE) === expected.serviceCode ? null : 'OTHER_SERVICE';
};
