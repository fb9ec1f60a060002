import {
  Kind,
  type FieldNode,
  type FormattedExecutionResult,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../limits/fragments.ts';
import type { Operation } from './operation.ts';

/**
 * What the events of a subscription are to a reader who is too slow for them.
 *
 * A field with an argument `after` tells events, none of which may be left out: its reader is cut off, and goes on from a
 * cursor. Any other tells states: of one object (by its `id`) the newest is enough, where the ids are in the events.
 */
export interface EventKind {
  readonly resumable: boolean;
  /** The variable that gives `after`, by which the gateway itself goes on; undefined where none does. */
  readonly afterVariable: string | undefined;
  /** The object whose state the event tells; undefined where a later one does not make it needless. */
  keyOf(payload: FormattedExecutionResult): string | undefined;
  /** Where a reader goes on who has had this event; undefined where it does not say. */
  cursorOf(payload: FormattedExecutionResult): string | undefined;
}

export function eventKind(operation: Operation, schema: GraphQLSchema): EventKind {
  const field = rootFieldOf(operation);
  const definition = schema.getSubscriptionType()?.getFields()[field?.name.value ?? ''];
  const resumable = definition?.args.some(({ name }) => name === 'after') ?? false;
  const after = field?.arguments?.find(({ name }) => name.value === 'after')?.value;
  const responseKey = field?.alias?.value ?? field?.name.value ?? '';
  const [idKey, cursorKey] = ['id', 'cursor'].map((name) => responseKeyOf(name, field, operation));
  const valueIn = ({ data }: FormattedExecutionResult, key: string | undefined) => {
    const event = data?.[responseKey] as Readonly<Record<string, unknown>> | null | undefined;
    const value = key === undefined ? undefined : event?.[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  return {
    resumable,
    afterVariable: after?.kind === Kind.VARIABLE ? after.name.value : undefined,
    keyOf: (payload) => (resumable || payload.errors ? undefined : valueIn(payload, idKey)),
    cursorOf: (payload) => (resumable ? valueIn(payload, cursorKey) : undefined),
  };
}

/** A valid subscription has one root field (https://spec.graphql.org/October2021/#sec-Single-root-field). */
function rootFieldOf(operation: Operation): FieldNode | undefined {
  return fieldsIn(operation.definition.selectionSet, operation)[0];
}

/** Under which key a field of the event stands in the answer. */
function responseKeyOf(name: string, field: FieldNode | undefined, operation: Operation): string | undefined {
  const fields = field?.selectionSet ? fieldsIn(field.selectionSet, operation) : [];
  const selected = fields.find((each) => each.name.value === name);
  return (selected?.alias ?? selected?.name)?.value;
}

/** Also those of fragments. */
function fieldsIn(selectionSet: SelectionSetNode, { document }: Operation): FieldNode[] {
  const fragments = fragmentsOf(document);
  const within = ({ selections }: SelectionSetNode): FieldNode[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      if (selection.kind === Kind.INLINE_FRAGMENT) return within(selection.selectionSet);
      const fragment = fragments.get(selection.name.value);
      return fragment ? within(fragment.selectionSet) : [];
    });
  return within(selectionSet);
}
