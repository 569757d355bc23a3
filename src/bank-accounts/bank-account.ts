import type { Role } from '../access/caller.js';
import type { FeeKind } from '../payments/payment.js';

/**
 * Requested (waits for a second person), refused, cooling (approved, not used yet), active (fees are paid into it), suspended (no new
 * payment is opened on it), closed. A payment that was opened on an account ends on it, whatever became of the account.
 */
export const BANK_ACCOUNT_STATES = ['REQUESTED', 'REFUSED', 'COOLING', 'ACTIVE', 'SUSPENDED', 'CLOSED'] as const;
export type BankAccountState = (typeof BANK_ACCOUNT_STATES)[number];

/** Of all who move accounts: the roles, and the gateway's own clock. */
export type AccountMover = Extract<Role, 'agency' | 'operator' | 'supervisor'> | 'worker';

export const ACCOUNT_ACTIONS = ['approve', 'refuse', 'recall', 'activate', 'suspend', 'resume', 'close', 'replace', 'expire'] as const;
export type AccountAction = (typeof ACCOUNT_ACTIONS)[number];

export interface BankAccountMove {
  readonly action: AccountAction;
  readonly from: readonly BankAccountState[];
  readonly to: BankAccountState;
  readonly by: readonly AccountMover[];
}

const ANYBODY: readonly AccountMover[] = ['agency', 'operator', 'supervisor'];
const OFFICERS: readonly AccountMover[] = ['operator', 'supervisor'];

/** Legal moves as data; the diagram in the documents is generated from it. */
export const BANK_ACCOUNT_MOVES: readonly BankAccountMove[] = [
  { action: 'approve', from: ['REQUESTED'], to: 'COOLING', by: OFFICERS },
  { action: 'refuse', from: ['REQUESTED'], to: 'REFUSED', by: OFFICERS },
  // The bank says otherwise than when it was approved: it is to be approved again, or refused.
  { action: 'recall', from: ['COOLING'], to: 'REQUESTED', by: ['worker'] },
  { action: 'activate', from: ['COOLING'], to: 'ACTIVE', by: ['worker'] },
  { action: 'suspend', from: ['ACTIVE'], to: 'SUSPENDED', by: [...ANYBODY, 'worker'] },
  // Whoever halts an account is believed; whoever sets it going again must be one of those who approve.
  { action: 'resume', from: ['SUSPENDED'], to: 'ACTIVE', by: OFFICERS },
  { action: 'close', from: ['REQUESTED', 'COOLING', 'ACTIVE', 'SUSPENDED'], to: 'CLOSED', by: ANYBODY },
  { action: 'replace', from: ['REQUESTED', 'COOLING', 'ACTIVE', 'SUSPENDED'], to: 'CLOSED', by: ['worker'] },
  { action: 'expire', from: ['REQUESTED', 'COOLING', 'ACTIVE', 'SUSPENDED'], to: 'CLOSED', by: ['worker'] },
];

const moveOf = (action: AccountAction): BankAccountMove => {
  const move = BANK_ACCOUNT_MOVES.find((entry) => entry.action === action);
  if (move === undefined) throw new RangeError(`No move is called ${action}`);
  return move;
};

/** State after the action; null where it is not legal. */
export const stateAfter = (action: AccountAction, from: BankAccountState, by: AccountMover): BankAccountState | null => {
  const move = moveOf(action);
  return move.from.includes(from) && move.by.includes(by) ? move.to : null;
};

/** Actions that this mover may take in this state. */
export const actionsIn = (from: BankAccountState, by: AccountMover): readonly AccountAction[] =>
  ACCOUNT_ACTIONS.filter((action) => stateAfter(action, from, by) !== null);

/** Accounts that are, or can still become, of use. */
export const OPEN_ACCOUNT_STATES: readonly BankAccountState[] = ['REQUESTED', 'COOLING', 'ACTIVE', 'SUSPENDED'];

/**
 * What a bank says of the holder's name. NOT_CHECKED: nobody asked yet; UNSUPPORTED: no bank that we may ask knows such accounts;
 * UNAVAILABLE: asked, and no answer came yet.
 */
export const NAME_CHECKS = ['NOT_CHECKED', 'MATCHED', 'SIMILAR', 'DIFFERENT', 'NO_SUCH_ACCOUNT', 'UNSUPPORTED', 'UNAVAILABLE'] as const;
export type NameCheck = (typeof NAME_CHECKS)[number];

/** Words of a bank by which money would go to somebody else, or nowhere. */
export const SUSPECT_CHECKS: ReadonlySet<NameCheck> = new Set(['DIFFERENT', 'NO_SUCH_ACCOUNT']);

export interface BankAccount {
  readonly id: string;
  readonly agencyCode: string;
  /** Short code of the bank; `KBNN` for the State Treasury. */
  readonly bankCode: string;
  readonly bankBin: string | null;
  readonly state: BankAccountState;
  /** The last four characters; the whole number is sealed. */
  readonly numberLast4: string;
  readonly purpose: string;
  readonly feeKinds: readonly FeeKind[];
  /** First and last day, `yyyy-mm-dd` in Vietnam. */
  readonly validFrom: string;
  readonly validTo: string | null;
  /** Account whose place it takes. */
  readonly replaces: string | null;
  readonly nameCheck: NameCheck;
  /** 0 to 1; null where no name was compared. */
  readonly nameScore: number | null;
  readonly nameCheckedBy: string | null;
  readonly nameCheckedAt: Date | null;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly approvedBy: string | null;
  readonly approvedAt: Date | null;
  /** When its cooling period ends. */
  readonly usableAt: Date | null;
  readonly stateAt: Date;
  readonly revision: number;
}

/** With what is sealed in it; for the inside of this folder. */
export interface SealedBankAccount extends BankAccount {
  readonly keyId: string;
  readonly numberSealed: string;
  readonly holderSealed: string;
  readonly contactSealed: string;
}

export const REGISTERED = 'register';
