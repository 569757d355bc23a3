const UNSUPPORTED_TYPE = 'a POST whose content type is not JSON is answered 415 before anything of it is read, where Apollo says 400';
const NO_STORE = 'answers hold personal data, so each says that no cache may keep it, whatever the server\'s hints are';

/**
 * Tests of Apollo's suite that this door fails on purpose, by their full names, each with its reason. They are run: one that begins
 * to pass fails until it is taken from this list, and so does one that fails and is not on it.
 */
export const deviations = new Map([
  ['apolloServerTests.ts › CSRF prevention › default', UNSUPPORTED_TYPE],
  ['httpServerTests.ts › graphqlHTTP › throws an error if POST body is empty', UNSUPPORTED_TYPE],
  ['httpServerTests.ts › graphqlHTTP › throws an error if invalid content-type', UNSUPPORTED_TYPE],
  ['httpServerTests.ts › graphqlHTTP › cache-control › runs when cache-control is disabled', NO_STORE],
  ['httpServerTests.ts › graphqlHTTP › cache-control not set without any hints with if-cacheable', NO_STORE],
]);

/** Answers in parts (@defer, @stream), which graphql 16 does not have; the suite leaves them out when told so. */
export const NOT_OFFERED = /incremental delivery|@defer|@stream|with defer/;
