import type { BidvSettings } from '../../adapters/bidv/config.js';
import type { MbBankSettings } from '../../adapters/mb-bank/config.js';
import { BIDV, MB_BANK, VIETQR } from '../../adapters/registry.js';
import type { VietqrSettings } from '../../adapters/vietqr/config.js';
import type { ApplyAnswer, ApplyContext } from '../callbacks/callback-binding.js';
import { bindQuestion } from '../callbacks/question-binding.js';
import type { BoundQuestion } from '../callbacks/question-binding.js';
import type { QuestionReceiver } from '../callbacks/question-port.js';
import type { BankCredit, BankMovement } from '../payments/bank-credit-port.js';
import type { PartyParts, PaymentEntry, PaymentParty } from './payment-parties.js';

/** BIDV shows no bill that comes later than its own limit of 3 s; a citizen stands at its counter, so ours is a second, with the way there and back. */
const GETBILL_WITHIN_MS = 950;

const bindTokens = (tokens: readonly QuestionReceiver<'token', null>[]): readonly BoundQuestion[] => tokens.map((token) => bindQuestion(token, () => Promise.resolve(null)));

const openMbBank = (settings: MbBankSettings, parts: PartyParts): PaymentParty => {
  const { tokens, ...bank } = MB_BANK.create(settings, parts);
  return { ...bank, questions: () => bindTokens(tokens) };
};

const openBidv = (settings: BidvSettings, parts: PartyParts): PaymentParty => {
  const { tokens, bills, ...bank } = BIDV.create(settings, parts);
  return {
    ...bank,
    questions: (dueFor) => {
      const due = dueFor({ party: BIDV.party, accountRegistration: 'by-hand' });
      return [...bindTokens(tokens), ...bills.map((bill) => bindQuestion(bill, ({ reference, serviceId }) => due.dueOfReference(reference, serviceId), GETBILL_WITHIN_MS))];
    },
  };
};

/** Transfers straight to an agency's account, and the banks that tell of them. */
export const BANK_ENTRIES: readonly PaymentEntry[] = [
  { party: VIETQR.party, open: (settings, parts) => VIETQR.create(settings as VietqrSettings, parts) },
  { party: MB_BANK.party, open: (settings, parts) => openMbBank(settings as MbBankSettings, parts) },
  { party: BIDV.party, open: (settings, parts) => openBidv(settings as BidvSettings, parts) },
];

/** What an account lost is kept with its message, and moves nothing. */
export const creditsOnly = (apply: (credit: BankCredit, context: ApplyContext) => Promise<ApplyAnswer>) => (movement: BankMovement, context: ApplyContext): Promise<ApplyAnswer> =>
  (movement.kind === 'credit' ? apply(movement.credit, context) : Promise.resolve({ outcome: 'applied', code: 'already' }));
