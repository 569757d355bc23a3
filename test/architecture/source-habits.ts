import ts from 'typescript';
import type { SourceFile } from './source-tree.js';

export interface Offence {
  readonly path: string;
  readonly line: number;
  readonly habit: string;
}

const MAX_LINES = 300;
const MAX_PARAMETERS = 3;
const NAMELESS = /(^|\/)(index|utils?|helpers?|common|misc|shared)\.ts$/;
const FILE_NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?\.ts$/;
const COMMENT_HABITS: readonly (readonly [string, RegExp])[] = [
  ['a note for later', /\b(TODO|FIXME|XXX|HACK)\b/],
  ['a lint rule switched off', /eslint-disable/],
  ['a type error silenced', /@ts-(ignore|nocheck|expect-error)/],
];

const SQL = /\b(SELECT\b[\s\S]*\bFROM\b|INSERT INTO\b|UPDATE \w+ (\w+ )?SET\b|DELETE FROM\b)/;
/** Domains whose statements all stand in stores. */
const ONLY_STORES = /^src\/payments\/(?!.*-store\.ts$)/;

/** How long `===` takes tells how much of a secret was guessed; `callback-keys.ts` compares in constant time. Sandboxes are the other side. */
const SECRET = /(signature|checksum|secret|password|token|hash|mac|hmac)$/i;
const COMPARISONS: ReadonlySet<ts.SyntaxKind> = new Set([ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken, ts.SyntaxKind.EqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsToken]);
const MEETS_STRANGERS = /^(adapters\/[\w-]+\/(?!sandbox)|src\/(access|callbacks|files|payments|server)\/)/;

/** Every house rule about the text of one file that it breaks. */
export function offencesOf(file: SourceFile): Offence[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const offences: Offence[] = [];
  const report = (habit: string, position: number): void => {
    offences.push({ path: file.path, line: source.getLineAndCharacterOfPosition(position).line + 1, habit });
  };
  const base = file.path.split('/').at(-1) ?? '';
  if (NAMELESS.test(file.path)) report('a file name that says nothing', 0);
  else if (!FILE_NAME.test(base)) report('a file name that is not kebab-case', 0);
  if (file.text.trimEnd().split('\n').length > MAX_LINES) report(`more than ${MAX_LINES} lines`, file.text.length);
  for (const { text, position } of commentsOf(source)) {
    for (const [habit, pattern] of COMMENT_HABITS) if (pattern.test(text)) report(habit, position);
  }
  const visit = (node: ts.Node): void => {
    const habit = habitOf(node) ?? (MEETS_STRANGERS.test(file.path) && isSecretCompared(node) ? 'a secret compared letter by letter' : null);
    if (habit !== null) report(habit, node.getStart(source));
    if (ONLY_STORES.test(file.path) && (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) && SQL.test(node.getText(source))) report('SQL outside of a store', node.getStart(source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const statement of source.statements) if (isModuleState(statement)) report('module-level mutable state', statement.getStart(source));
  if (isBarrel(source)) report('a barrel file', 0);
  return offences;
}

function habitOf(node: ts.Node): string | null {
  if (ts.isEnumDeclaration(node)) return 'an enum';
  if (ts.isExportAssignment(node)) return 'a default export';
  if (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword) === true) return 'a default export';
  if (ts.isExportSpecifier(node) && node.name.text === 'default') return 'a default export';
  if (node.kind === ts.SyntaxKind.AnyKeyword) return 'the type any';
  if (ts.isDecorator(node)) return 'a decorator';
  if (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent)) return 'a parameter property';
  if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && node.parameters.length > MAX_PARAMETERS) return `more than ${MAX_PARAMETERS} parameters`;
  return null;
}

const lastName = (node: ts.Expression): string => {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  return ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression) ? node.argumentExpression.text : '';
};

/** With a value of the program itself, or its absence, nothing is told. */
const isFixed = (node: ts.Expression): boolean =>
  ts.isLiteralExpression(node) || [ts.SyntaxKind.NullKeyword, ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword].includes(node.kind) || lastName(node) === 'undefined' || /^[A-Z][A-Z0-9_]*$/.test(lastName(node));

function isSecretCompared(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node) || !COMPARISONS.has(node.operatorToken.kind)) return false;
  const { left, right } = node;
  return !isFixed(left) && !isFixed(right) && (SECRET.test(lastName(left)) || SECRET.test(lastName(right)));
}

const isModuleState = (statement: ts.Statement): boolean =>
  ts.isVariableStatement(statement) && (statement.declarationList.flags & ts.NodeFlags.Const) === 0
  && statement.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword) !== true;

/** Only re-exports: the reader of an import then learns nothing of where a thing lives. */
const isBarrel = (source: ts.SourceFile): boolean =>
  source.statements.length > 0 && source.statements.every((statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined);

function commentsOf(source: ts.SourceFile): { text: string; position: number }[] {
  const found = new Map<number, string>();
  const collect = (node: ts.Node): void => {
    for (const range of [...(ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []), ...(ts.getTrailingCommentRanges(source.text, node.getEnd()) ?? [])]) {
      found.set(range.pos, source.text.slice(range.pos, range.end));
    }
    for (const child of node.getChildren(source)) collect(child);
  };
  collect(source);
  return [...found].map(([position, text]) => ({ position, text }));
}

/** Names of members and the texts of strings, without comments: what the program itself says. */
export function wordsOf(file: SourceFile): { text: string; line: number }[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const words: { text: string; line: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) {
      words.push({ text: node.text, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return words;
}

/** Keys of objects and interfaces that begin with a capital: how every party here writes its fields. */
export function wireFieldsOf(file: SourceFile): string[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if ((ts.isPropertySignature(node) || ts.isPropertyAssignment(node)) && ts.isIdentifier(node.name) && /^[A-Z]/.test(node.name.text)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...names].sort();
}
