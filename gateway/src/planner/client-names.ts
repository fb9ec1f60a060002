import {
  GraphQLError,
  Kind,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { ownPrefix } from './required-fields.ts';

/** A response name that was given in place of the client's, and what it holds. */
interface Renamed {
  /** The client's. */
  readonly name: string;
  readonly inner: Names;
}

/** Response names on the way to a renamed one; all others are the client's. */
type Names = ReadonlyMap<string, Renamed>;

/** A document whose aliases can't be taken for what the planner fetches, and the way back to the client's. */
export interface RenamedDocument {
  readonly document: DocumentNode;
  /** A result of the renamed document as one of the client's: in data, and in the paths of errors. */
  restore<R extends ExecutionResult>(result: R, operationName: string | null): R;
}

/**
 * Gives other names to those aliases of a client that are names of keys or of fields that a @requires needs
 * (`{ id: name }`): the planner goes by response names, and would send the name as the id.
 *
 * @returns undefined where there are none, as nearly always.
 */
export function withoutTakenNames(
  document: DocumentNode,
  taken: ReadonlySet<string>,
): RenamedDocument | undefined {
  const taking = { some: false };
  const renamed = visit(document, {
    Field(node) {
      const name = fetchedName(node, taken);
      if (!node.alias || node.alias.value === name) return undefined;
      taking.some = true;
      return { ...node, alias: { ...node.alias, value: name } };
    },
  });
  if (!taking.some) return undefined;
  const byOperation = new Map<string | null, Names>();
  const namesOf = (operationName: string | null) => {
    const names = byOperation.get(operationName) ?? namesIn(renamed, operationName);
    byOperation.set(operationName, names);
    return names;
  };
  return { document: renamed, restore: (result, name) => restored(result, namesOf(name)) };
}

/** The response name under which what a client selects is planned and fetched. */
export function fetchedName({ alias, name }: FieldNode, taken: ReadonlySet<string>): string {
  if (!alias) return name.value;
  return alias.value !== name.value && isTaken(alias.value, taken)
    ? `${ownPrefix}${alias.value}`
    : alias.value;
}

/** One that begins as ours do is renamed too, so that no two become one. */
function isTaken(alias: string, taken: ReadonlySet<string>): boolean {
  return taken.has(alias) || alias.startsWith(ownPrefix);
}

function namesIn({ definitions }: DocumentNode, operationName: string | null): Names {
  const fragments = new Map(
    definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
  const operation = definitions.find(
    (node) =>
      node.kind === Kind.OPERATION_DEFINITION &&
      (operationName === null || node.name?.value === operationName),
  );
  return operation?.kind === Kind.OPERATION_DEFINITION
    ? namesOf([operation.selectionSet], fragments)
    : new Map();
}

function namesOf(
  sets: readonly SelectionSetNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Names {
  const byResponseName = new Map<string, FieldNode[]>();
  for (const field of sets.flatMap((set) => fieldsOf(set, fragments))) {
    const name = (field.alias ?? field.name).value;
    byResponseName.set(name, [...(byResponseName.get(name) ?? []), field]);
  }
  const names = new Map<string, Renamed>();
  for (const [responseName, fields] of byResponseName) {
    const inner = namesOf(
      fields.flatMap(({ selectionSet }) => selectionSet ?? []),
      fragments,
    );
    const isOurs = fields.some(({ alias }) => alias?.value.startsWith(ownPrefix));
    if (!isOurs && inner.size === 0) continue;
    names.set(responseName, { name: isOurs ? responseName.slice(ownPrefix.length) : responseName, inner });
  }
  return names;
}

function fieldsOf(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): FieldNode[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : fragments.get(selection.name.value)?.selectionSet;
    return inner ? fieldsOf(inner, fragments) : [];
  });
}

function restored<R extends ExecutionResult>(result: R, names: Names): R {
  const { data, errors, extensions } = result;
  const completion = extensions?.['valueCompletion'];
  return {
    ...result,
    ...(data ? { data: restoredValue(data, names) } : {}),
    ...(errors ? { errors: errors.map((error) => restoredError(error, names)) } : {}),
    ...(Array.isArray(completion)
      ? {
          extensions: {
            ...extensions,
            valueCompletion: completion.map((error: GraphQLError) => restoredError(error, names)),
          },
        }
      : {}),
  };
}

function restoredValue(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((element) => restoredValue(element, names));
  if (typeof value !== 'object' || value === null) return value;
  const own: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const renamed = names.get(key);
    own[renamed?.name ?? key] =
      renamed && renamed.inner.size > 0 ? restoredValue(inner, renamed.inner) : inner;
  }
  return own;
}

/** The message of an error of the executor's own names the last field of its path. */
function restoredError(error: GraphQLError, names: Names): GraphQLError {
  let within: Names | undefined = names;
  const path = error.path?.map((step) => {
    if (typeof step !== 'string' || step === '@') return step;
    const renamed: Renamed | undefined = within?.get(step);
    within = renamed?.inner;
    return renamed?.name ?? step;
  });
  const last = error.path?.at(-1);
  const message =
    typeof last === 'string' && last.startsWith(ownPrefix)
      ? error.message.replaceAll(last, last.slice(ownPrefix.length))
      : error.message;
  const { source, positions, originalError, extensions } = error;
  return new GraphQLError(message, { source, positions, path, originalError, extensions });
}
