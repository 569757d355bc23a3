import type { PlaceRecord } from './place.js';
import { likeness } from './place-names.js';
import type { PlaceName } from './place-names.js';

const MOST_SUGGESTIONS = 5;
/** Wards that are numbered lie in each district of a city: names near to what was written keep their room. */
const MOST_ELSEWHERE = 3;
/** Below this two names have nothing to do with each other. */
const LEAST_LIKENESS = 0.4;

/** A place with its name taken apart. */
export interface PlaceNode {
  readonly place: PlaceRecord;
  readonly name: PlaceName;
}

/** A place of the very name, which lies under another parent than was named. */
export interface ElsewhereNode extends PlaceNode {
  /** What it lies in, the smallest first, up to the first that is not what was named. */
  readonly within: readonly string[];
}

export const namesOf = (nodes: readonly PlaceNode[]): readonly string[] => nodes.map(({ place: { name } }) => name).slice(0, MOST_SUGGESTIONS);

const nearest = (nodes: ReadonlySet<PlaceNode>, { core }: PlaceName): readonly string[] => namesOf([...nodes]
  .map((node) => ({ node, like: likeness(core, node.name.core) }))
  .filter(({ like }) => like >= LEAST_LIKENESS)
  .sort((left, right) => right.like - left.like || (left.node.place.name < right.node.place.name ? -1 : 1))
  .map(({ node }) => node));

const byNearness = (left: ElsewhereNode, right: ElsewhereNode): number => left.within.length - right.within.length || (left.place.path < right.place.path ? -1 : 1);

/**
 * What somebody may have meant: first the very name where it lies under another district or province, as `Xã Gia Viễn (Huyện Nho Quan)`,
 * for a name that exists is rarely misspelled; then names near to it where it was looked for.
 */
export const suggestionsFor = (written: PlaceName, { siblings, elsewhere }: { readonly siblings: ReadonlySet<PlaceNode>; readonly elsewhere: readonly ElsewhereNode[] }): readonly string[] => {
  const sameKind = elsewhere.filter(({ name }) => written.kind !== null && name.kind === written.kind);
  const others = (sameKind.length > 0 ? sameKind : elsewhere).toSorted(byNearness).slice(0, MOST_ELSEWHERE);
  return [...others.map(({ place: { name }, within }) => `${name} (${within.join(', ')})`), ...nearest(siblings, written)].slice(0, MOST_SUGGESTIONS);
};
