import { PARTIES } from '../../adapters/registry.js';
import { BANK_ACCOUNT_MOVES } from '../../src/bank-accounts/bank-account.js';
import type { BankAccountMove } from '../../src/bank-accounts/bank-account.js';
import { CORE_KEY_DOCS } from '../../src/config.js';
import type { EnvKeyDoc } from '../../src/config.js';
import { DELIVERY_MOVES, DELIVERY_STATES, isTerminal } from '../../src/deliveries/delivery.js';
import type { DeliveryMove } from '../../src/deliveries/delivery.js';
import { explain } from '../../src/deliveries/delivery-explanations.js';
import { PAYMENT_MOVES } from '../../src/payments/payment.js';
import type { PaymentMove } from '../../src/payments/payment.js';
import { PAYMENT_LABELS } from '../../src/payments/payment-labels.js';
import { DOSSIER_STATUSES, DOSSIER_STATUS_MOVES } from '../../src/dossiers/dossier.js';
import type { DossierStatus } from '../../src/dossiers/dossier.js';
import { QUALITY_FLAGS } from '../../src/dossiers/quality-flags.js';
import { PARTY_ERROR_RULES } from '../../src/errors/party-error.js';
import { SHIPMENT_LABELS } from '../../src/postal/shipment-labels.js';
import { SHIPMENT_MOVES, SHIPMENT_STATES } from '../../src/postal/shipment.js';
import type { ShipmentState } from '../../src/postal/shipment.js';
import { gatewaySources, readText } from './source-tree.js';

/** A part of a document that is written from the code; between `<!-- block: name -->` and `<!-- /block -->`. */
export interface DocumentBlock {
  readonly document: string;
  readonly name: string;
  readonly text: string;
}

export const REFRESH_COMMAND = 'node --import tsx test/architecture/refresh-documents.ts';

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
const mermaid = (lines: readonly string[]): string => ['```mermaid', 'stateDiagram-v2', ...lines.map((line) => `    ${line}`), '```'].join('\n');

export const deliveryDiagram = (moves: readonly DeliveryMove[]): string =>
  mermaid(['[*] --> due', ...moves.map(({ from, to, by }) => `${from} --> ${to}: ${by.join(', ')}`), ...DELIVERY_STATES.filter(isTerminal).map((state) => `${state} --> [*]`)]);

export const statusDiagram = (moves: Readonly<Record<DossierStatus, readonly DossierStatus[]>>): string =>
  mermaid([
    ...DOSSIER_STATUSES.flatMap((from) => moves[from].map((to) => `${from} --> ${to}`)),
    ...DOSSIER_STATUSES.filter((status) => moves[status].length === 0).map((status) => `${status} --> [*]`),
  ]);

export const environmentTable = (keys: readonly EnvKeyDoc[]): string =>
  table(['variable', 'default', 'purpose'], keys.map(({ key, fallback, purpose, secret }) =>
    [`\`${key}\``, fallback === null || fallback === '' ? '' : `\`${fallback}\``, secret ? `${purpose}. Secret.` : purpose]));

/** Reasons that have a text of their own, read from the source because only the lookup is exported. */
export const explainedReasons = (): string[] => {
  const [, body = ''] = /const BY_REASON[^=]*= \{\n([\s\S]*?)\n\};/.exec(readText('src/deliveries/delivery-explanations.ts')) ?? [];
  return [...body.matchAll(/^ {2}'?([a-z-]+)'?: \{/gm)].map(([, reason]) => reason ?? '');
};

const explanationTable = (): string =>
  table(['state or reason', 'meaning and what to do', 'tiếng Việt'], [
    ...DELIVERY_STATES.map((state) => ({ name: state, text: explain({ state, reason: null }) })),
    ...explainedReasons().map((reason) => ({ name: reason, text: explain({ state: 'parked', reason }) })),
  ].map(({ name, text }) => [`\`${name}\``, text.en, text.vi]));

const errorTable = (): string =>
  table(['kind', 'may the same call be sent again?', 'breaker counts it', 'log level'],
    Object.entries(PARTY_ERROR_RULES).map(([kind, rule]) => [`\`${kind}\``, rule.repeat, rule.breakerCounts ? 'yes' : 'no', rule.logLevel]));

/** Codes of input problems with their texts, read from the calls that make them. */
export const problemCodes = (): { code: string; vi: string; en: string }[] => {
  const call = /\bbreach\(\s*'([A-Z_]+)',\s*(['`])(.*?)\2,\s*(['`])(.*?)\4\s*\)/g;
  const found = gatewaySources().flatMap(({ text }) => [...text.matchAll(call)].map(([, code = '', , vi = '', , en = '']) => ({ code, vi, en })));
  return found.filter((problem, index) => found.findIndex(({ code }) => code === problem.code) === index).sort((a, b) => (a.code < b.code ? -1 : 1));
};

const codeTable = (): string => table(['code', 'meaning', 'tiếng Việt'], problemCodes().map(({ code, en, vi }) => [`\`${code}\``, plain(en), plain(vi)]));

/** A value that is put into a text at run time shows as an ellipsis. */
const plain = (template: string): string => template.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…');

const flagTable = (): string => table(['flag', 'meaning', 'tiếng Việt'], Object.entries(QUALITY_FLAGS).map(([flag, { en, vi }]) => [`\`${flag}\``, en, vi]));

/** Who may bring about which edge. */
export const paymentDiagram = (moves: readonly PaymentMove[]): string =>
  mermaid(['[*] --> CREATED', ...moves.map(({ from, to, by }) => `${from} --> ${to}: ${by.join(', ')}`)]);

const paymentLabelTable = (): string => table(['state', 'as people read it', 'tiếng Việt'], Object.entries(PAYMENT_LABELS).map(([state, { en, vi }]) => [`\`${state}\``, en, vi]));

const shipmentDiagram = (moves: Readonly<Record<ShipmentState, readonly ShipmentState[]>>): string =>
  mermaid(['[*] --> REQUESTED', ...SHIPMENT_STATES.flatMap((from) => moves[from].map((to) => `${from} --> ${to}`)), ...SHIPMENT_STATES.filter((state) => moves[state].length === 0).map((state) => `${state} --> [*]`)]);

const shipmentLabelTable = (): string => table(['state', 'as people read it', 'tiếng Việt'], SHIPMENT_STATES.map((state) => [`\`${state}\``, SHIPMENT_LABELS[state].en, SHIPMENT_LABELS[state].vi]));

/** Which action leads where, and who may take it. */
export const accountDiagram = (moves: readonly BankAccountMove[]): string =>
  mermaid(['[*] --> REQUESTED: register', ...moves.flatMap(({ action, from, to, by }) => from.map((state) => `${state} --> ${to}: ${action} (${by.join(', ')})`))]);

/** Every written block of every document, as the code says it now. */
export const documentBlocks = (): DocumentBlock[] => [
  { document: 'docs/operators/deliveries.md', name: 'delivery-states', text: deliveryDiagram(DELIVERY_MOVES) },
  { document: 'docs/operators/deliveries.md', name: 'explanations', text: explanationTable() },
  { document: 'docs/operators/deliveries.md', name: 'error-kinds', text: errorTable() },
  { document: 'docs/integrators/dossiers.md', name: 'dossier-statuses', text: statusDiagram(DOSSIER_STATUS_MOVES) },
  { document: 'docs/integrators/dossiers.md', name: 'problem-codes', text: codeTable() },
  { document: 'docs/integrators/dossiers.md', name: 'quality-flags', text: flagTable() },
  { document: 'docs/integrators/payments.md', name: 'payment-states', text: paymentDiagram(PAYMENT_MOVES) },
  { document: 'docs/operators/payments.md', name: 'payment-states', text: paymentDiagram(PAYMENT_MOVES) },
  { document: 'docs/operators/payments.md', name: 'payment-labels', text: paymentLabelTable() },
  { document: 'docs/operators/bank-accounts.md', name: 'account-states', text: accountDiagram(BANK_ACCOUNT_MOVES) },
  { document: 'docs/operators/post.md', name: 'shipment-states', text: shipmentDiagram(SHIPMENT_MOVES) },
  { document: 'docs/operators/post.md', name: 'shipment-labels', text: shipmentLabelTable() },
  { document: 'README.md', name: 'environment', text: environmentTable(CORE_KEY_DOCS) },
  ...PARTIES.map(({ party, settings }) => ({ document: 'README.md', name: `environment-${party}`, text: environmentTable(settings.keys) })),
];

const markers = (name: string): RegExp => new RegExp(`(<!-- block: ${name} -->\\n)([\\s\\S]*?)(\\n<!-- /block -->)`);

/** What a document says between the marks of a block; null where it has none. */
export const blockIn = (text: string, name: string): string | null => markers(name).exec(text)?.[2] ?? null;

export const replaceBlock = (text: string, block: DocumentBlock): string =>
  text.replace(markers(block.name), (_all, start: string, _old: string, end: string) => `${start}${block.text}${end}`);
