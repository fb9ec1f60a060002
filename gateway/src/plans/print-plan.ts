import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createLogger, isMain, workspaceFile } from '@lyceum/service';
import {
  getOperationAST,
  GraphQLError,
  Kind,
  parse,
  Source,
  validate,
  type DocumentNode,
  type OperationDefinitionNode,
} from 'graphql';
import { loadSupergraph, type LoadedSupergraph } from '../federation/loaded-supergraph.ts';
import { expandedSelections } from '../limits/expansion.ts';
import { measureOperation } from '../limits/measure.ts';
import { planSize, planTree } from './plan-tree.ts';

const usage = `Usage: npm run plan -- FILE [--operation NAME] [--variables JSON] [--supergraph FILE]

Prints how the gateway would answer the operations of a GraphQL file: which subgraphs are asked for what, in which order,
and what they cost. Without --operation, all of them; without --supergraph, on Lyceum's own, as it was built last.`;

/** It can't be planned: the message is for who asked. */
class PlanError extends Error {
  override name = 'PlanError';
}

/** `npm run plan`: answers with which code the process ends. */
export async function printPlan(
  given: readonly string[],
  options: { from: string; say: (text: string) => void },
): Promise<number> {
  const { from, say } = options;
  try {
    const asked = readArguments(given);
    const file = resolve(from, asked.file);
    const document = parseDocument(await read(file), file);
    const supergraph = await open(asked.supergraph && resolve(from, asked.supergraph));
    const faults = validate(supergraph.schema, document);
    if (faults.length > 0) throw new PlanError(faults.map(String).join('\n\n'));
    const texts = operationsOf(document, asked.operation).map((operation) =>
      describe(supergraph, document, operation, asked.variables),
    );
    say(texts.join('\n\n'));
    return 0;
  } catch (error) {
    say(error instanceof Error && !(error instanceof GraphQLError) ? error.message : String(error));
    return 1;
  }
}

function readArguments(given: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...given],
    options: {
      operation: { type: 'string' },
      variables: { type: 'string', default: '{}' },
      supergraph: { type: 'string' },
    },
    allowPositionals: true,
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new PlanError(`Name one file.\n\n${usage}`);
  return { ...values, file, variables: readVariables(values.variables) };
}

function readVariables(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new PlanError('--variables must be a JSON object, such as \'{"first": 10}\'.');
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new PlanError(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function parseDocument(text: string, file: string): DocumentNode {
  return parse(new Source(text, file));
}

async function open(file = workspaceFile('schema', 'supergraph.graphql')): Promise<LoadedSupergraph> {
  const supergraphSdl = await read(file);
  try {
    return await loadSupergraph({
      supergraphSdl,
      logger: createLogger({ service: 'gateway', level: 'silent' }),
    });
  } catch (cause) {
    throw new PlanError(
      `${file} is no supergraph: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function operationsOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode[] {
  const all = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (name === undefined) return all;
  const wanted = getOperationAST(document, name);
  if (wanted) return [wanted];
  const names = all.map((each) => each.name?.value ?? 'one without a name').join(', ');
  throw new PlanError(`There is no operation ${name} in the file; it has ${names}.`);
}

function describe(
  supergraph: LoadedSupergraph,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
): string {
  const { schema } = supergraph;
  const plan = supergraph.plan(document, operation.name?.value);
  const { depth, cost } = measureOperation({ schema, document, operation, variables });
  const { fetches, rounds } = planSize(plan);
  const selections = expandedSelections(document, operation);
  const title = `${operation.operation} ${operation.name?.value ?? ''}`.trim();
  const figures = [
    `cost ${cost}`,
    `depth ${depth}`,
    `selections ${selections}`,
    `fetches ${fetches}`,
    `rounds ${rounds}`,
  ];
  return [title, figures.join(', '), '', ...planTree(plan)].join('\n');
}

if (isMain(import.meta)) {
  process.exitCode = await printPlan(process.argv.slice(2), {
    from: process.cwd(),
    say: (text) => {
      process.stdout.write(`${text}\n`);
    },
  });
}
