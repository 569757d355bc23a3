import { Kind } from 'graphql';
import type { FieldNode, FragmentDefinitionNode, GraphQLResolveInfo, SelectionNode, SelectionSetNode } from 'graphql';

type Selections = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;
type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** What a row says without its content. */
const OF_MARK: ReadonlySet<string> = new Set(['__typename', 'code', 'name', 'version', 'isPublic', 'firstSeenAt', 'changedAt', 'readAt', 'withdrawnAt', 'latestChanges']);

const partOf = (selection: SelectionNode, fragments: Fragments): SelectionSetNode | null => {
  if (selection.kind === Kind.FIELD) return null;
  return selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments[selection.name.value]?.selectionSet ?? null;
};

/** Fields that are selected, whatever directives say: what may be left out counts as asked for. Validation has refused fragments that contain themselves. */
const fieldsOf = (set: SelectionSetNode | undefined, fragments: Fragments): readonly FieldNode[] =>
  (set?.selections ?? []).flatMap((selection) => (selection.kind === Kind.FIELD ? [selection] : fieldsOf(partOf(selection, fragments) ?? undefined, fragments)));

/** Whether the nodes of a page are asked for more than their marks hold. */
export const asksForRecords = ({ fieldNodes, fragments }: Selections): boolean =>
  fieldNodes.flatMap((node) => fieldsOf(node.selectionSet, fragments))
    .filter(({ name }) => name.value === 'nodes')
    .flatMap((node) => fieldsOf(node.selectionSet, fragments))
    .some(({ name }) => !OF_MARK.has(name.value));
