/** BIDV is never called: it asks and tells. */
export const PARTY = 'bidv';
