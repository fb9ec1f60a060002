import { invalid } from '@lyceum/service';
import type { RetentionRule } from '../store/store-retentions.ts';
import type { Names } from './names.ts';

export interface WantedRule {
  readonly days: number;
  readonly verb?: string | null | undefined;
  readonly activity?: string | null | undefined;
}

const mostRules = 20;

/** A day at least, since what comes in is still on its way; a hundred years at most. */
const [fewestDays, mostDays] = [1, 36_500];

const dayMs = 24 * 60 * 60_000;

/** @throws INVALID, with the place of the rule in its field */
export function checkedRules(
  field: readonly string[],
  rules: readonly WantedRule[],
  names: Names,
): RetentionRule[] {
  if (rules.length < 1 || rules.length > mostRules)
    throw invalid(field, `Must be 1 to ${String(mostRules)} rules.`);
  return rules.map(({ days, verb, activity }, index) => {
    const at = (name: string) => [...field, String(index), name];
    if (!Number.isInteger(days) || days < fewestDays || days > mostDays)
      throw invalid(at('days'), `Must be ${String(fewestDays)} to ${String(mostDays)}.`);
    return {
      days,
      ...(verb == null ? {} : { verb: names.verbOf(at('verb'), verb) }),
      ...(activity == null ? {} : { activity: names.activityOf(at('activity'), activity) }),
    };
  });
}

/** What the rules mean at an instant. */
export function dueRules(rules: readonly RetentionRule[], now: Date) {
  return rules.map(({ days, ...rest }) => ({
    ...rest,
    before: new Date(now.getTime() - days * dayMs).toISOString(),
  }));
}
