import type { BilingualText } from '../errors/gateway-error.js';

/** Levels 1–4 of before 2022 and the three of Decree 42/2022/NĐ-CP; kept as the province gave them. */
export const REGISTERED_LEVELS = ['1', '2', '3', '4', 'INFORMATION', 'PARTIAL', 'FULL'] as const;
export type RegisteredLevel = (typeof REGISTERED_LEVELS)[number];
export type OnlineLevel = 'INFORMATION' | 'PARTIAL' | 'FULL';

export interface LevelMeaning {
  /** Of Decree 42/2022/NĐ-CP, in force since 2022. */
  readonly current: OnlineLevel;
  /** Of before 2022. */
  readonly former: 1 | 2 | 3 | 4;
  /** As the national portal writes it: 4 full, 3 partial, 2 information. Source: national-portal.md §4.4 [H]. */
  readonly wireCode: '2' | '3' | '4';
}

/**
 * Both readings of each level. Levels 3 and 4 become partial and full by their definitions (filed online; paid and answered online
 * too); the decree has no table of its own, so a level that was registered the old way wants a look by its agency.
 */
export const LEVEL_MEANINGS: Readonly<Record<RegisteredLevel, LevelMeaning>> = {
  1: { current: 'INFORMATION', former: 1, wireCode: '2' },
  2: { current: 'INFORMATION', former: 2, wireCode: '2' },
  3: { current: 'PARTIAL', former: 3, wireCode: '3' },
  4: { current: 'FULL', former: 4, wireCode: '4' },
  INFORMATION: { current: 'INFORMATION', former: 2, wireCode: '2' },
  PARTIAL: { current: 'PARTIAL', former: 3, wireCode: '3' },
  FULL: { current: 'FULL', former: 4, wireCode: '4' },
};

export const LEVEL_LABELS: Readonly<Record<OnlineLevel, BilingualText>> = {
  INFORMATION: { vi: 'Cung cấp thông tin', en: 'Information only' },
  PARTIAL: { vi: 'Một phần', en: 'Partial' },
  FULL: { vi: 'Toàn trình', en: 'Full' },
};

/** Levels at which something is done online; only those are to be connected, and only they count in the share. */
export const ONLINE_LEVELS: readonly RegisteredLevel[] = REGISTERED_LEVELS.filter((level) => LEVEL_MEANINGS[level].current !== 'INFORMATION');

/** Names that GraphQL allows. */
export const LEVEL_NAMES = {
  1: 'LEVEL_1', 2: 'LEVEL_2', 3: 'LEVEL_3', 4: 'LEVEL_4', INFORMATION: 'INFORMATION', PARTIAL: 'PARTIAL', FULL: 'FULL',
} as const satisfies Record<RegisteredLevel, string>;
export type LevelName = (typeof LEVEL_NAMES)[RegisteredLevel];

export const levelNamed = (name: LevelName): RegisteredLevel => REGISTERED_LEVELS.find((level) => LEVEL_NAMES[level] === name) ?? 'INFORMATION';
