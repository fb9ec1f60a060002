/** An object of JSON, as a subgraph sent it. Any name may be a client's alias, `__proto__` and `constructor` too. */
export type JsonObject = Record<string, unknown>;

const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Whether every object has something under this name that nobody sent. */
export function isInherited(name: string): boolean {
  return inherited.has(name);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function ownValue(object: JsonObject, name: string): unknown {
  return !inherited.has(name) || Object.hasOwn(object, name) ? object[name] : undefined;
}

export function setOwn(object: JsonObject, name: string, value: unknown): void {
  if (!inherited.has(name)) object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
