/** Login behind a client's name: `user:an`, `user:oidc:an` and a program's key `an` are counted as one person. */
const loginOf = (client: string): string => client.normalize('NFC').toLowerCase().replace(/^(user|server):/, '').replace(/^oidc:/, '');

/** For everything that needs two persons: a login and an API key of one name are not two. */
export const isSamePerson = (left: string, right: string): boolean => loginOf(left) === loginOf(right);
