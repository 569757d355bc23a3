/** What `@jest/globals` gives to files of the shared realm: the words of the circus that runs now. Importers see each assignment, as ES modules do. */
export let afterAll;
export let afterEach;
export let beforeAll;
export let beforeEach;
export let describe;
export let expect;
export let it;
export let test;

export const useGlobals = (words) => { ({ afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } = words); };
