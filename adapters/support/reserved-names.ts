/** Names that mean something on JavaScript objects; a party has no reason to send them as a field or element. */
const RESERVED: ReadonlySet<string> = new Set([
  '__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'isPrototypeOf', 'propertyIsEnumerable', 'toString', 'toLocaleString',
  'valueOf', 'toJSON', '__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__',
]);

export const isReservedName = (name: string): boolean => RESERVED.has(name);
