import { createHash } from 'node:crypto';
import {
  GraphQLError,
  Kind,
  parse,
  print,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql';
import type { ManifestFile } from './manifest.ts';

/** A file of a client: of GraphQL, or of TypeScript or JavaScript with documents in gql`…` or graphql`…`. */
export interface ClientFile {
  readonly path: string;
  readonly text: string;
}

/** The clients' documents make no manifest; each fault names its file. */
export class CollectionError extends Error {
  override name = 'CollectionError';
}

export const graphqlFile = /\.(graphql|gql)$/;
export const codeFile = /\.(ts|tsx|mts|cts|js|jsx|mjs|cjs)$/;

interface Found<N> {
  readonly node: N;
  readonly path: string;
}

/**
 * All operations of the files, each with the fragments that it uses, from whatever file: fragments are known by their
 * names, as client libraries have it. An operation's id is the SHA-256 hash of its printed document.
 *
 * @throws CollectionError
 */
export function collectOperations(files: readonly ClientFile[]): ManifestFile {
  const operations = new Map<string, Found<OperationDefinitionNode>>();
  const fragments = new Map<string, Found<FragmentDefinitionNode>>();
  for (const { path, node } of files.flatMap(definitionsIn)) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) add(fragments, 'fragment', node.name.value, { node, path });
    else if (node.name) add(operations, 'operation', node.name.value, { node, path });
    else throw new CollectionError(`${path}: an operation has no name. Give it one, by which it is known.`);
  }
  const named = [...operations].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: named.map(([name, { node, path }]) => {
      const body = print({ kind: Kind.DOCUMENT, definitions: [node, ...used(node, path, fragments)] });
      return { id: createHash('sha256').update(body).digest('hex'), name, type: node.operation, body };
    }),
  };
}

function add<N extends OperationDefinitionNode | FragmentDefinitionNode>(
  all: Map<string, Found<N>>,
  what: string,
  name: string,
  found: Found<N>,
): void {
  const other = all.get(name);
  if (other && print(other.node) !== print(found.node))
    throw new CollectionError(`${found.path}: ${other.path} has another ${what} of the name ${name}.`);
  all.set(name, found);
}

function used(
  operation: OperationDefinitionNode,
  path: string,
  fragments: ReadonlyMap<string, Found<FragmentDefinitionNode>>,
): FragmentDefinitionNode[] {
  const reached = new Map<string, FragmentDefinitionNode>();
  const follow = (node: OperationDefinitionNode | FragmentDefinitionNode) => {
    visit(node, {
      FragmentSpread({ name: { value: name } }) {
        const found = fragments.get(name);
        if (!found) throw new CollectionError(`${path}: there is no fragment ${name} in any of the files.`);
        if (reached.has(name)) return;
        reached.set(name, found.node);
        follow(found.node);
      },
    });
  };
  follow(operation);
  return [...reached.values()];
}

function definitionsIn(file: ClientFile) {
  const texts = graphqlFile.test(file.path) ? [file.text] : templatesIn(file.text);
  return texts.flatMap((text) =>
    parsed(text, file.path).definitions.flatMap((node) =>
      node.kind === Kind.OPERATION_DEFINITION || node.kind === Kind.FRAGMENT_DEFINITION
        ? [{ node, path: file.path }]
        : [],
    ),
  );
}

/** What is interpolated are documents of fragments, which are found by their names. */
function templatesIn(code: string): string[] {
  const templates = code.matchAll(/\b(?:gql|graphql)(?:\(\s*(?:\/\*[^*]*\*\/\s*)?)?`((?:[^`\\]|\\.)*)`/g);
  return [...templates].map(([, text = '']) => text.replaceAll(/\$\{[^}]*\}/g, ''));
}

function parsed(text: string, path: string): DocumentNode {
  if (text.trim() === '') return { kind: Kind.DOCUMENT, definitions: [] };
  try {
    return parse(text, { noLocation: true });
  } catch (error) {
    const reason = error instanceof GraphQLError ? error.message : String(error);
    throw new CollectionError(`${path}: ${reason}`);
  }
}
