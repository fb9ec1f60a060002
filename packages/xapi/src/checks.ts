import type { Walk } from './fault.ts';

/**
 * The pieces that the validator is put together from. A check looks at one value and tells the walk what is
 * wrong with it; checks for objects are tables of checks by property.
 */
export type Check = (value: unknown, walk: Walk) => void;

export type JsonObject = Record<string, unknown>;

/** Whether a JSON value is an object, neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names what a value is, for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A string, with `accepts` true of it; `form` completes "must be ...". */
export function text(spec: string, form = 'a string', accepts?: (value: string) => boolean): Check {
  return (value, walk) => {
    if (typeof value !== 'string') walk.fault(`must be ${form}, is ${kindOf(value)}`, spec);
    else if (accepts !== undefined && !accepts(value)) walk.fault(`must be ${form}`, spec);
  };
}

/** Exactly this string. */
export function literal(expected: string, spec: string): Check {
  return (value, walk) => {
    if (value !== expected) walk.fault(`must be ${JSON.stringify(expected)}`, spec);
  };
}

/** One of these strings, in this case. */
export function oneOf(expected: readonly string[], spec: string): Check {
  const allowed = new Set<unknown>(expected);
  return (value, walk) => {
    if (!allowed.has(value)) walk.fault(`must be one of ${expected.join(', ')}`, spec);
  };
}

export function boolean(spec: string): Check {
  return (value, walk) => {
    if (typeof value !== 'boolean') walk.fault(`must be true or false, is ${kindOf(value)}`, spec);
  };
}

/** A number that a double can hold: 1e400 is JSON, but parses as Infinity. */
export function number(spec: string): Check {
  return (value, walk) => {
    if (typeof value !== 'number') walk.fault(`must be a number, is ${kindOf(value)}`, spec);
    else if (!Number.isFinite(value)) walk.fault('is beyond the range of a double', spec);
  };
}

/** An array, each element held against one check. */
export function list(element: Check, spec: string): Check {
  return (value, walk) => {
    if (!Array.isArray(value)) {
      walk.fault(`must be an array, is ${kindOf(value)}`, spec);
      return;
    }
    for (let index = 0; index < value.length; index += 1) {
      walk.enter(index);
      element(value[index], walk);
      walk.leave();
    }
  };
}

export interface ObjectRules {
  spec: string;
  /** Every property that may be there. Anything else, wrong case included, is a fault (Data 2.2). */
  properties: Record<string, Check>;
  required?: readonly string[];
  /** What several properties must satisfy together; called when the value is an object. */
  rules?: (value: JsonObject, walk: Walk) => void;
}

/** An object with known properties only. */
export function object({ spec, properties, required = [], rules }: ObjectRules): Check {
  const checks = new Map(Object.entries(properties));
  return (value, walk) => {
    if (!isJsonObject(value)) {
      walk.fault(`must be an object, is ${kindOf(value)}`, spec);
      return;
    }
    // JSON.parse makes plain objects, of which for-in sees the own properties only, `__proto__` included.
    for (const key in value) {
      walk.members += 1;
      walk.enter(key);
      const check = checks.get(key);
      if (check === undefined) faultUnknown(key, checks, walk);
      else check(value[key], walk);
      walk.leave();
    }
    // Nothing in JSON is undefined, and no name here is one that every object has.
    for (const key of required) if (value[key] === undefined) walk.faultAt(key, 'is missing', spec);
    if (rules !== undefined) rules(value, walk);
  };
}

/** An object with keys of one form and values of one kind. */
export function map(key: (text: string) => boolean, form: string, element: Check, spec: string): Check {
  return (value, walk) => {
    if (!isJsonObject(value)) {
      walk.fault(`must be an object, is ${kindOf(value)}`, spec);
      return;
    }
    for (const name in value) {
      walk.members += 1;
      walk.enter(name);
      if (key(name)) element(value[name], walk);
      else walk.fault(`the key must be ${form}`, spec);
      walk.leave();
    }
  };
}

function faultUnknown(key: string, checks: ReadonlyMap<string, Check>, walk: Walk): void {
  const meant = [...checks.keys()].find((known) => known.toLowerCase() === key.toLowerCase());
  const hint = meant === undefined ? '' : `; did you mean ${meant}? Case matters`;
  walk.fault(`is not a property that xAPI knows here${hint}`, 'Data 2.2');
}

/** Any JSON value, null too: only its object members are counted. */
export const anything: Check = (value, walk) => {
  if (Array.isArray(value))
    value.forEach((element) => {
      anything(element, walk);
    });
  else if (isJsonObject(value)) {
    for (const key in value) {
      walk.members += 1;
      anything(value[key], walk);
    }
  }
};
