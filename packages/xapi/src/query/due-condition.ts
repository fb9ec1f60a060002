import { timestampMicros } from '../timestamp.ts';

/** Which statements of an organisation a retention drops: those that one of its rules says. */
export interface DueRule {
  /** Stored before then: a timestamp, to the microsecond. */
  readonly before: string;
  /** The IRI of the one verb; absent, all. */
  readonly verb?: string | undefined;
  /** The IRI of the one activity that statements are about; absent, all. */
  readonly activity?: string | undefined;
}

export interface BoundCondition {
  /** Over the columns of `statements`. */
  readonly condition: string;
  readonly parameters: Record<string, unknown>;
}

/** What is due by any of the rules; where there are none, nothing is. The latest instant leads by the sorting key. */
export function dueCondition(rules: readonly DueRule[]): BoundCondition {
  const parameters: Record<string, unknown> = {};
  const micros = rules.map(({ before }) => timestampMicros(before));
  const any = rules.map(({ verb, activity }, index) => {
    const name = (what: string) => `due_${what}${String(index)}`;
    parameters[name('before')] = micros[index]?.toString();
    if (verb !== undefined) parameters[name('verb')] = verb;
    if (activity !== undefined) parameters[name('activity')] = activity;
    return [
      before(name('before')),
      ...(verb === undefined ? [] : [`verb = {${name('verb')}:String}`]),
      ...(activity === undefined ? [] : [`activity = {${name('activity')}:String}`]),
    ].join(' AND ');
  });
  if (any.length === 0) return { condition: '0', parameters };
  parameters['due_last'] = micros.reduce((last, each) => (each > last ? each : last)).toString();
  return { condition: `${before('due_last')} AND (${any.join(' OR ')})`, parameters };
}

const before = (parameter: string) => `stored < fromUnixTimestamp64Micro({${parameter}:Int64}, 'UTC')`;
