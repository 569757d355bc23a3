/** The name of a prepared statement stands for its text on a connection and says nothing else, so that no test can tell one from another. */
const isKeyed = (name) => (property) => property.type === 'ObjectProperty' && property.key.type === 'Identifier' && property.key.name === name;

export const statementNames = {
  shouldIgnore: ({ node, parent, parentPath }) => {
    const isName = node.type === 'StringLiteral' && isKeyed('name')(parent) && parent.value === node;
    return isName && parentPath.parent.properties?.some(isKeyed('text')) === true && parentPath.parent.properties.some(isKeyed('values')) ? 'the name of a prepared statement' : undefined;
  },
};
