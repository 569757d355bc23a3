/** Joins a base path and a suffix with exactly one slash between them. */
export const joinPath = (base: string, suffix: string): string => `${base.replace(/\/+$/, '')}/${suffix.replace(/^\/+/, '')}`;
