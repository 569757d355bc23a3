/** What changed at one place of a record; a side that was not there is null. */
export interface FieldChange {
  readonly from: unknown;
  readonly to: unknown;
}

/** Changes by path, such as `methods[0].times[1].amount`. */
export type RecordDiff = Readonly<Record<string, FieldChange>>;

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null;

const childPath = (path: string, key: string, inArray: boolean): string => (inArray ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`);

const collect = (before: unknown, after: unknown, into: { readonly path: string; readonly diff: Record<string, FieldChange> }): void => {
  const { path, diff } = into;
  if (isBranch(before) && isBranch(after) && Array.isArray(before) === Array.isArray(after)) {
    const old = new Map(Object.entries(before));
    const fresh = new Map(Object.entries(after));
    for (const key of new Set([...old.keys(), ...fresh.keys()])) {
      collect(old.get(key), fresh.get(key), { path: childPath(path, key, Array.isArray(after)), diff });
    }
  } else if (before !== after && !(isBranch(before) && isBranch(after) && JSON.stringify(before) === JSON.stringify(after))) {
    diff[path] = { from: before ?? null, to: after ?? null };
  }
};

/** Empty when both say the same. Order of keys means nothing, order in lists does. */
export const diffRecords = (before: object, after: object): RecordDiff => {
  const diff: Record<string, FieldChange> = {};
  collect(before, after, { path: '', diff });
  return diff;
};
