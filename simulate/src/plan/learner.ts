import { addressOf, pickName } from './names.ts';
import { profiles, type ProfileName } from './profiles.ts';
import { createRandom } from './random.ts';

/** A synthetic person. */
export interface Learner {
  /** 0, 1, 2 ... */
  readonly index: number;
  readonly name: string;
  readonly email: string;
  /** Learners of a cohort begin in the same week. */
  readonly cohort: string;
  /** The week in which the cohort begins: 0 is the first. */
  readonly startWeek: number;
  readonly profile: ProfileName;
  readonly utcOffsetHours: number;
  /** How their tool sends: each statement when it happens, or several together. */
  readonly delivery: 'single' | 'batch';
}

const cohorts = [
  { name: 'Monday evening', startWeek: 0, weight: 4 },
  { name: 'Apprentices, first year', startWeek: 0, weight: 3 },
  { name: 'Weekend class', startWeek: 1, weight: 2 },
  { name: 'Returners', startWeek: 2, weight: 1 },
] as const;

const utcOffsets = [-8, -5, -3, 0, 1, 2, 3, 5, 8, 9] as const;
const names = Object.keys(profiles) as ProfileName[];

/** The learner of this number under this seed: always the same one. */
export function createLearner(seed: number, index: number): Learner {
  const random = createRandom(seed, `learner/${index}`);
  const name = pickName(random);
  const cohort = cohorts[random.weighted(cohorts.map(({ weight }) => weight))] ?? cohorts[0];
  return {
    index,
    name,
    email: `${addressOf(name)}.${seed}-${index}@learners.lyceum.example`,
    cohort: cohort.name,
    startWeek: cohort.startWeek,
    profile: names[random.weighted(names.map((profile) => profiles[profile].share))] ?? 'steady',
    utcOffsetHours: random.pick(utcOffsets),
    delivery: random.chance(0.4) ? 'single' : 'batch',
  };
}
