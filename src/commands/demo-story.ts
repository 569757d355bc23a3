import { setTimeout as pause } from 'node:timers/promises';
import cliProgress from 'cli-progress';

/** Part of a story in two steps, each of which says in a few words what came of it. */
export interface Chapter {
  readonly title: string;
  readonly first: () => Promise<string>;
  readonly then: () => Promise<string>;
}

const TIMEOUT_MS = 60_000;
const POLL_MS = 100;
const TITLE_WIDTH = 22;

/** Looks until there is something. @throws Error where it does not come in time */
export const until = async <Found>(what: string, look: () => Promise<Found | false | null>): Promise<Found> => {
  for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await pause(POLL_MS)) {
    const found = await look();
    if (found !== null && found !== false) return found;
  }
  throw new Error(`"${what}" did not come within ${String(TIMEOUT_MS / 1_000)} s; see /health/ready and the parties query`);
};

/** A bar for each chapter, with a tick for each of its steps. */
export const tell = async (chapters: readonly Chapter[]): Promise<void> => {
  const display = new cliProgress.MultiBar({ format: '  {title} |{bar}| {stage}', hideCursor: true, clearOnComplete: false, barsize: 24, noTTYOutput: true, notTTYSchedule: 60_000 }, cliProgress.Presets.shades_classic);
  const bars = chapters.map(({ title }) => display.create(2, 0, { title: title.padEnd(TITLE_WIDTH), stage: 'waiting' }));
  try {
    for (const [index, { first, then }] of chapters.entries()) {
      bars[index]?.update(1, { stage: await first() });
      bars[index]?.update(2, { stage: await then() });
    }
  } finally {
    display.stop();
  }
};
