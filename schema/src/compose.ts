import { composeServices } from '@apollo/composition';
import {
  GraphQLError,
  parse,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
} from 'graphql';

/** One subgraph as it goes into the composition. */
export interface SubgraphSource {
  readonly name: string;
  /** Where the gateway reaches it unless it is told otherwise. */
  readonly url: string;
  /** The text of its schema.graphql, and the file that faults are reported in. */
  readonly sdl: string;
  readonly file: string;
}

/** The subgraphs do not make one graph; the message names each fault with its subgraph, file and line. */
export class CompositionError extends Error {
  override name = 'CompositionError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `The subgraphs do not compose (${faults.length} fault(s)):\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    );
    this.faults = faults;
  }
}

/**
 * Composes subgraphs into a supergraph (Apollo Federation 2), the same text for the same subgraphs in any order.
 *
 * @throws CompositionError
 */
export function composeSupergraph(subgraphs: readonly SubgraphSource[]): string {
  const ordered = [...subgraphs].sort((a, b) => (a.name < b.name ? -1 : 1));
  const { errors, supergraphSdl } = composeServices(
    ordered.map((subgraph) => ({
      name: subgraph.name,
      url: subgraph.url,
      typeDefs: parseSubgraph(subgraph),
    })),
  );
  if (errors) throw new CompositionError(errors.map((error) => describe(error, ordered)));
  return `${supergraphSdl.trimEnd()}\n`;
}

function parseSubgraph({ name, sdl, file }: SubgraphSource): DocumentNode {
  try {
    return parse(sdl);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new CompositionError([`${name} (${file}:${error.locations?.[0]?.line ?? 1}): ${error.message}`]);
  }
}

function describe(error: GraphQLError, subgraphs: readonly SubgraphSource[]): string {
  const code = error.extensions['code'];
  const places = placesOf(error, subgraphs);
  return `${places.length > 0 ? `${places.join(', ')}: ` : ''}${error.message}${typeof code === 'string' ? ` [${code}]` : ''}`;
}

/** Composition marks most nodes at fault with their subgraph; what has no node names a field and subgraphs in its text. */
function placesOf(error: GraphQLError, subgraphs: readonly SubgraphSource[]): string[] {
  const places = (error.nodes ?? []).flatMap((node) => {
    const name = 'subgraph' in node ? node.subgraph : /^\[(.+?)\]/.exec(error.message)?.[1];
    const subgraph = subgraphs.find((candidate) => candidate.name === name);
    return subgraph && node.loc ? [place(subgraph, node.loc.startToken.line)] : [];
  });
  return places.length > 0 ? [...new Set(places)] : placesNamedIn(error.message, subgraphs);
}

function placesNamedIn(message: string, subgraphs: readonly SubgraphSource[]): string[] {
  const [, typeName, fieldName] = /"(\w+)\.(\w+)/.exec(message) ?? [];
  if (typeName === undefined || fieldName === undefined) return [];
  return subgraphs
    .filter(({ name }) => message.includes(`"${name}"`))
    .flatMap((subgraph) => {
      const line = lineOfField(parse(subgraph.sdl), typeName, fieldName);
      return line === undefined ? [] : [place(subgraph, line)];
    });
}

function lineOfField({ definitions }: DocumentNode, typeName: string, fieldName: string): number | undefined {
  const fields = definitions.flatMap((node): readonly (FieldDefinitionNode | InputValueDefinitionNode)[] =>
    'fields' in node && node.name.value === typeName ? (node.fields ?? []) : [],
  );
  return fields.find(({ name }) => name.value === fieldName)?.loc?.startToken.line;
}

function place({ name, file }: SubgraphSource, line: number): string {
  return `${name} (${file}:${line})`;
}
