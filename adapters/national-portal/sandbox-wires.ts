import type { WireAnswer } from '../support/sandbox-answers.js';
import type { ServiceAnswer, ServiceCall } from './sandbox-services.js';

export interface SandboxAccess {
  readonly username: string;
  readonly password: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly dstcode: string;
  readonly sessionLifeMs: number;
}

/** What arrived: a log-in, a call to be served, or something to be answered at once. */
export type Incoming =
  | { readonly kind: 'login'; readonly answer: () => WireAnswer }
  | { readonly kind: 'call'; readonly call: ServiceCall; readonly wire: SandboxWire }
  | { readonly kind: 'answered'; readonly answer: WireAnswer };

/** One wire generation as the sandbox speaks it. */
export interface SandboxWire {
  readonly name: 'g1' | 'g2';
  encode(answer: ServiceAnswer, call: ServiceCall): WireAnswer;
  refusedSession(): WireAnswer;
}

const codeOf = (item: unknown): string => {
  const code = typeof item === 'object' && item !== null ? (item as Record<string, unknown>)['MaHoSo'] : undefined;
  return typeof code === 'string' ? code : '';
};

/** Codes of the dossiers in a call, by which orders to misbehave may choose it. */
export const dossierCodesOf = (data: readonly unknown[], fields: Readonly<Record<string, unknown>>): readonly string[] => {
  const asked = fields['mahoso'];
  return [...data.map(codeOf), codeOf(fields['data']), typeof asked === 'string' ? asked : ''].filter((code) => code !== '');
};
