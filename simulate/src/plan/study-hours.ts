import type { Random } from './random.ts';

/**
 * How likely a session begins in each hour of a learner's own day: little at night, lessons in the morning, most in
 * the evening.
 */
export const startsByHour: readonly number[] = [
  2, 1, 0.5, 0.3, 0.3, 0.6, 2, 4, 7, 9, 9, 7, 5, 6, 7, 7, 6, 6, 7, 9, 11, 10, 7, 4,
];

const secondsOfDay = 86_400;

/**
 * The second, since the beginning of the simulation (a Monday, midnight UTC), at which a learner's next session
 * begins: some days on, at an hour that people study at, in the learner's time zone.
 */
export function nextSession(
  random: Random,
  after: number,
  sessionsPerWeek: number,
  utcOffsetHours: number,
): number {
  const days = Math.max(0, Math.round((-Math.log(1 - random.next()) * 7) / sessionsPerWeek));
  const today = Math.floor(after / secondsOfDay);
  const hour = random.weighted(startsByHour) - utcOffsetHours;
  const start = (today + days) * secondsOfDay + hour * 3_600 + random.between(0, 3_599);
  return start > after ? start : start + secondsOfDay * Math.ceil((after - start + 1) / secondsOfDay);
}
