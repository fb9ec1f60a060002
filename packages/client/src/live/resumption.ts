import { Kind, type DocumentNode, type FieldNode, type SelectionSetNode } from 'graphql';
import { definitionOf } from '../operation.ts';

/** Where a subscription stands. */
export interface Place {
  /** To begin with, or to go on with. */
  readonly variables: () => Readonly<Record<string, unknown>>;
  /** An event was taken. */
  took(data: unknown): void;
  /** Goes on from now. */
  forget(): void;
  /** Why something is missed by who goes on from here; undefined: nothing is. */
  missed(): 'NOT_RESUMABLE' | 'NO_CURSOR' | undefined;
}

export function createPlace(document: DocumentNode, first: Readonly<Record<string, unknown>>): Place {
  const { afterVariable, cursorOf } = resumptionOf(document);
  let variables = first;
  const put = (cursor: string | undefined) => {
    if (afterVariable !== undefined) variables = { ...variables, [afterVariable]: cursor };
  };
  return {
    variables: () => variables,
    took(data) {
      const cursor = cursorOf(data);
      if (cursor !== undefined) put(cursor);
    },
    forget() {
      put(undefined);
    },
    missed() {
      if (afterVariable === undefined) return 'NOT_RESUMABLE';
      return variables[afterVariable] == null ? 'NO_CURSOR' : undefined;
    },
  };
}

/** How a subscription goes on where it was. */
interface Resumption {
  /** The variable that says behind which event it goes on; undefined where the operation has none, or asks for no cursor. */
  readonly afterVariable: string | undefined;
  /** Of an event; undefined where it has none. */
  readonly cursorOf: (data: unknown) => string | undefined;
}

const never: Resumption = { afterVariable: undefined, cursorOf: () => undefined };

/**
 * A field of the graph that takes `after` tells events, each with its `cursor`. An operation that gives `after` by a variable
 * and selects `cursor` can be resumed; of any other, what came while it was away is missed.
 */
function resumptionOf(document: DocumentNode): Resumption {
  const field = firstField(definitionOf(document).selectionSet, document);
  const after = field?.arguments?.find(({ name }) => name.value === 'after')?.value;
  const cursor = field?.selectionSet && fieldNamed('cursor', field.selectionSet, document);
  if (!field || !cursor || after?.kind !== Kind.VARIABLE) return never;
  const [eventKey, cursorKey] = [keyOf(field), keyOf(cursor)];
  return {
    afterVariable: after.name.value,
    cursorOf(data) {
      const event = (data as Record<string, unknown> | null | undefined)?.[eventKey];
      const value = (event as Record<string, unknown> | null | undefined)?.[cursorKey];
      return typeof value === 'string' ? value : undefined;
    },
  };
}

const keyOf = ({ alias, name }: FieldNode) => (alias ?? name).value;

/** A valid subscription has one (https://spec.graphql.org/October2021/#sec-Single-root-field). */
function firstField(selections: SelectionSetNode, document: DocumentNode): FieldNode | undefined {
  return fieldsOf(selections, document)[0];
}

function fieldNamed(
  name: string,
  selections: SelectionSetNode,
  document: DocumentNode,
): FieldNode | undefined {
  return fieldsOf(selections, document).find((field) => field.name.value === name);
}

function fieldsOf({ selections }: SelectionSetNode, document: DocumentNode): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet, document);
    const fragment = document.definitions.find(
      (node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === selection.name.value,
    );
    return fragment && 'selectionSet' in fragment ? fieldsOf(fragment.selectionSet, document) : [];
  });
}
