import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv8/dist/2020.js';
import { eventSchemas } from './generated/event-schemas.ts';

/** Checks an event against the contract of its type and version. */
export interface EventValidator {
  /** What is wrong, each with its path; empty when nothing is. Undefined: there is no such contract. */
  faultsOf(type: string, version: number, event: unknown): string[] | undefined;
  hasContract(type: string): boolean;
}

/**
 * Writers are held to the letter: a property that no contract names is a fault (it might be a secret). Readers let
 * such properties pass, so that a contract can gain one while older readers run.
 */
export function createEventValidator(side: 'writer' | 'reader'): EventValidator {
  const base = eventSchemas['envelope.v1.json'].$id.replace('envelope.v1.json', '');
  let schemas: Ajv2020 | undefined;
  return {
    faultsOf: (type, version, event) => {
      schemas ??= addSchemas(side);
      // Compiled when first needed: a service uses a few of the contracts.
      const validate: ValidateFunction | undefined = schemas.getSchema(`${base}${type}.v${version}.json`);
      if (validate === undefined) return undefined;
      return validate(event) ? [] : (validate.errors ?? []).map(describe);
    },
    hasContract: (type) =>
      Object.keys(eventSchemas).some((file) => file.startsWith(`${type}.v`) && type.includes('.')),
  };
}

/**
 * That they are schemas at all is for the tests to say (contracts.test.ts): to check it here would have every service
 * compile the schema of schemas at its start, which takes more time than all else that it has to load.
 */
function addSchemas(side: 'writer' | 'reader'): Ajv2020 {
  const ajv = new (loadAjv())({
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    validateSchema: false,
    meta: false,
  });
  ajv.addKeyword('x-topic');
  ajv.addFormat('date-time', isDateTime);
  for (const schema of Object.values(eventSchemas))
    ajv.addSchema(side === 'writer' ? closed(schema) : schema);
  return ajv;
}

/** With the first event: its seventy files would be read at every start. */
function loadAjv(): typeof Ajv2020 {
  const require = createRequire(import.meta.url);
  return (require('ajv8/dist/2020.js') as { Ajv2020: typeof Ajv2020 }).Ajv2020;
}

/** RFC 3339, as CloudEvents asks for. */
function isDateTime(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
  );
}

function describe({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath || '/'} ${message ?? 'is wrong'} ${JSON.stringify(params)}`;
}

/** The same schema, refusing properties that it does not name. */
function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(closed) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const);
  // Beside allOf, the properties that the other schemas name count as unknown.
  const closes = 'properties' in schema && !('allOf' in schema);
  return Object.fromEntries(closes ? [...entries, ['additionalProperties', false]] : entries) as T;
}
