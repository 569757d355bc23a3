import { z } from 'zod';
import type { PartyAnswer } from '../../src/deliveries/party-call.js';
import type { DossierStep } from '../../src/dossiers/dossier.js';
import { isZeroCode } from '../support/axis-reply.js';
import type { WireRow } from '../support/axis-reply.js';
import { redactText } from '../support/journal-redaction.js';
import { toWallClock } from '../support/wall-clock.js';
import { itemAnswerRow } from './wire.js';

const keyOf = (dossierCode: string, time: string): string => `${dossierCode} ${time}`;

/**
 * Reads answers per step (an ASSUMPTION: see `itemAnswerRow`). Steps of one dossier and second share a key, and so an answer is
 * given to each of them in turn. A step without a row has the answer of the batch where that is a yes; else it has none.
 * @returns by step id; null where the rows are no per-item answers
 */
export const readItemAnswers = (
  steps: readonly DossierStep[],
  rows: readonly WireRow[],
  ofBatch: PartyAnswer,
): ReadonlyMap<string, PartyAnswer> | null => {
  const parsed = z.array(itemAnswerRow).safeParse(rows);
  if (!parsed.success || parsed.data.length === 0) return null;
  const answers = new Map<string, PartyAnswer[]>();
  for (const { dossierCode, processedAt, code, message } of parsed.data) {
    const key = keyOf(dossierCode, processedAt);
    const answer: PartyAnswer = isZeroCode(code) ? { kind: 'accepted' } : { kind: 'rejected', code, text: redactText(message, steps.map((step) => step.officialName)) };
    answers.set(key, [...(answers.get(key) ?? []), answer]);
  }
  const items = new Map<string, PartyAnswer>();
  for (const step of steps) {
    const waiting = answers.get(keyOf(step.dossierCode, toWallClock(step.processedAt))) ?? answers.get(keyOf(step.dossierCode, ''));
    const answer = waiting?.shift() ?? (ofBatch.kind === 'accepted' ? ofBatch : undefined);
    if (answer !== undefined) items.set(step.id, answer);
  }
  return items.size === 0 ? null : items;
};
