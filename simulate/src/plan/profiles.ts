/** How a kind of learner behaves. */
export interface Profile {
  /** Of all learners, the share that is like this. */
  readonly share: number;
  readonly sessionsPerWeek: number;
  /** Items that are begun in a session, from and to. */
  readonly itemsPerSession: readonly [number, number];
  /** Statements between opening and closing an item, from and to. */
  readonly interactions: readonly [number, number];
  /** Seconds between two statements, from and to. */
  readonly pauseSeconds: readonly [number, number];
  /** The probability that an item which was begun is completed in that session. */
  readonly completes: number;
  /** The probability that an answer is right, at the first attempt; it grows with each. */
  readonly knows: number;
  /** After so many items nothing more is heard, from and to. */
  readonly leavesAfter?: readonly [number, number];
}

export type ProfileName = 'fast' | 'steady' | 'stuck' | 'givesUp';

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  fast: {
    share: 0.2,
    sessionsPerWeek: 6,
    itemsPerSession: [3, 6],
    interactions: [1, 3],
    pauseSeconds: [10, 60],
    completes: 0.98,
    knows: 0.92,
  },
  steady: {
    share: 0.5,
    sessionsPerWeek: 3.5,
    itemsPerSession: [1, 3],
    interactions: [2, 6],
    pauseSeconds: [20, 180],
    completes: 0.9,
    knows: 0.78,
  },
  stuck: {
    share: 0.18,
    sessionsPerWeek: 3,
    itemsPerSession: [1, 2],
    interactions: [5, 12],
    pauseSeconds: [40, 400],
    completes: 0.45,
    knows: 0.4,
  },
  givesUp: {
    share: 0.12,
    sessionsPerWeek: 2,
    itemsPerSession: [1, 2],
    interactions: [1, 5],
    pauseSeconds: [20, 240],
    completes: 0.6,
    knows: 0.5,
    leavesAfter: [1, 4],
  },
};
