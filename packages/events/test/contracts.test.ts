import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv8/dist/2020.js';
// By path: the testkit depends on this workspace.
import { earlierCommits, fileAt, folderAt } from '../../testing/src/earlier-commits.ts';
import { contractsDirectory, readContracts } from '../scripts/read-contracts.ts';
import { incompatibilities, type Json } from './contract-compatibility.ts';

const contracts = readContracts();
const events = [...contracts].filter(([file]) => /^[a-z-]+\.[a-z-]+\.v\d+\.json$/.test(file));

const path = 'schema/events';
const { commits, missing } = earlierCommits(path, { directory: contractsDirectory });

describe('the contracts', () => {
  for (const commit of commits) {
    test(`change nothing that a reader or writer relies on, since ${commit.name}`, () => {
      const files = folderAt(commit, path, contractsDirectory).filter((file) => file.endsWith('.json'));
      expect(files).not.toEqual([]);
      const faults = files.flatMap((file) => {
        const now = contracts.get(file);
        if (now === undefined) return [`${file}: removed`];
        const before = JSON.parse(fileAt(commit, `${path}/${file}`, contractsDirectory)) as Json;
        return incompatibilities(before, JSON.parse(JSON.stringify(now)) as Json, file);
      });
      expect(faults).toEqual([]);
    });
  }

  // Named rather than passed over. Where all is required, earlierCommits has refused a checkout without history already.
  if (missing !== undefined) test.skip(`are compared with a commit before HEAD: ${missing}`, () => undefined);

  test.each(events)(
    '%s names its own type and version, a topic, and describes each field',
    (file, schema) => {
      const [, type, version] = /^(.+)\.v(\d+)\.json$/.exec(file) ?? [];
      expect(schema.title).toBe(type);
      expect(schema.properties).toMatchObject({
        type: { const: type },
        dataversion: { const: Number(version) },
      });
      const topics = [schema['x-topic'] ?? []].flat();
      expect(topics).not.toEqual([]);
      for (const topic of topics) expect(topic).toMatch(/^[a-z]+\.events$/);
    },
  );

  test('are schemas of JSON Schema 2020-12, which services take for granted', () => {
    const ajv = new Ajv2020();
    const faults = [...contracts].flatMap(([file, schema]) =>
      ajv.validateSchema(schema) === true ? [] : [`${file}: ${ajv.errorsText(ajv.errors)}`],
    );
    expect(faults).toEqual([]);
  });

  test.each([...contracts])('%s describes every property', (_file, schema) => {
    const undescribed: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [name, property] of Object.entries((node as { properties?: object }).properties ?? {})) {
        const { description, $ref } = property as { description?: string; $ref?: string };
        if (description === undefined && $ref === undefined) undescribed.push(`${path}/${name}`);
      }
      for (const [key, value] of Object.entries(node)) visit(value, `${path}/${key}`);
    };
    visit(schema, '');
    expect(undescribed).toEqual([]);
  });
});

describe('the comparison of contracts', () => {
  const before = {
    description: 'old words',
    required: ['a'],
    properties: {
      a: { type: 'string' },
      kind: { enum: ['X', 'Y'] },
      list: { items: { properties: { b: { type: 'null' } } } },
    },
  };
  const changed = (change: (schema: typeof before) => void) => {
    const after = structuredClone(before);
    change(after);
    return incompatibilities(before, after);
  };

  test('allows a new optional property and other words', () => {
    const after = {
      ...before,
      description: 'new words',
      properties: { ...before.properties, c: { type: 'string' } },
    };
    expect(incompatibilities(before, after)).toEqual([]);
  });

  test.each<[string, (schema: typeof before) => void, string]>([
    [
      'a property that is removed (or renamed)',
      (s) => delete (s.properties as Partial<typeof s.properties>).a,
      '/properties/a: removed',
    ],
    ['a type that changed', (s) => (s.properties.a.type = 'number'), '/properties/a/type: changed'],
    [
      'a property newly required: old records lack it',
      (s) => s.required.push('kind'),
      '/required: kind added',
    ],
    ['a property no longer required: old readers need it', (s) => s.required.pop(), '/required: a removed'],
    [
      'a value more: old readers refuse it',
      (s) => s.properties.kind.enum.push('Z'),
      '/properties/kind/enum: Z added',
    ],
    [
      'a value less: old records have it',
      (s) => s.properties.kind.enum.pop(),
      '/properties/kind/enum: Y removed',
    ],
    ['a new limit', (s) => Object.assign(s.properties.a, { minLength: 1 }), '/properties/a/minLength: added'],
    [
      'a change deep down',
      (s) => (s.properties.list.items.properties.b.type = 'string'),
      '/properties/list/items/properties/b/type: changed',
    ],
  ])('refuses %s', (_what, change, fault) => {
    expect(changed(change)).toEqual([fault]);
  });
});
