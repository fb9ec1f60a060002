import { boolean, number, object, text, type JsonObject } from './checks.ts';
import { duration, extensions } from './common-checks.ts';
import type { Walk } from './fault.ts';

/** Results and scores: Data 2.4.5. */

const spec = 'Data 2.4.5';
const scoreSpec = 'Data 2.4.5.1';

function scoreRanges({ scaled, raw, min, max }: JsonObject, walk: Walk): void {
  if (typeof scaled === 'number' && (scaled < -1 || scaled > 1)) {
    walk.faultAt('scaled', 'must be between -1 and 1', scoreSpec);
  }
  if (typeof min === 'number' && typeof max === 'number' && min >= max) {
    walk.faultAt('min', 'must be less than max', scoreSpec);
  }
  if (typeof raw !== 'number') return;
  if (typeof min === 'number' && raw < min) walk.faultAt('raw', 'must not be less than min', scoreSpec);
  if (typeof max === 'number' && raw > max) walk.faultAt('raw', 'must not be greater than max', scoreSpec);
}

const score = object({
  spec: scoreSpec,
  properties: {
    scaled: number(scoreSpec),
    raw: number(scoreSpec),
    min: number(scoreSpec),
    max: number(scoreSpec),
  },
  rules: scoreRanges,
});

export const result = object({
  spec,
  properties: {
    score,
    success: boolean(spec),
    completion: boolean(spec),
    response: text(spec),
    duration,
    extensions,
  },
});
