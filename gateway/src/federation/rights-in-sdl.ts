import { Kind, visit, type DocumentNode } from 'graphql';

const ofRights = /^https:\/\/specs\.apollo\.dev\/(authenticated|requiresScopes|policy)\//;

/**
 * A supergraph that asks for rights by directive (@authenticated, @requiresScopes, @policy) is not served: nobody here would
 * enforce them. The gateway's own check passes one whose link does not say `for: SECURITY`.
 *
 * @throws Error that names the directives.
 */
export function refuseRightsInSdl(supergraph: DocumentNode): void {
  const asked = linkedUrls(supergraph).flatMap((url) => {
    const name = ofRights.exec(url)?.[1];
    return name === undefined ? [] : [`@${name}`];
  });
  if (asked.length === 0) return;
  const names = [...new Set(asked)].join(', ');
  throw new Error(
    `It asks for rights by ${names}, which this gateway does not enforce: it is not served without.`,
  );
}

/** What `@link(url:)` and `@core(feature:)` of the schema name, whatever they were imported as. */
function linkedUrls({ definitions }: DocumentNode): string[] {
  const urls: string[] = [];
  for (const definition of definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    visit(definition, { StringValue: ({ value }) => void urls.push(value) });
  }
  return urls;
}
