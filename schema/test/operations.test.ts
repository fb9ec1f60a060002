import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { workspaceFolder } from './workspace.ts';
import { apiSchema } from '../src/index.ts';
import { getVariableValues, Kind, parse, validate, type OperationDefinitionNode } from 'graphql';

const folder = join(workspaceFolder, 'operations');
const schema = apiSchema(readFileSync(join(workspaceFolder, 'supergraph.graphql'), 'utf8'));
const names = readdirSync(folder).flatMap((file) =>
  file.endsWith('.graphql') ? [file.replace('.graphql', '')] : [],
);

describe.each(names)('the example %s', (name) => {
  const document = parse(readFileSync(join(folder, `${name}.graphql`), 'utf8'));
  const operations = document.definitions.filter(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  );

  test('is valid on the supergraph', () => {
    expect(validate(schema, document)).toEqual([]);
  });

  test('has a name for each operation, which titles its tab', () => {
    for (const operation of operations) expect(operation.name?.value).toMatch(/^[A-Z]/);
  });

  test('comes with variables that fit', () => {
    const variables = readVariables(name);
    for (const { variableDefinitions } of operations) {
      const { errors } = getVariableValues(schema, variableDefinitions ?? [], variables);
      expect(errors).toBeUndefined();
    }
  });
});

function readVariables(name: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(join(folder, `${name}.variables.json`), 'utf8')) as Record<
      string,
      unknown
    >;
  } catch {
    return {};
  }
}
