import { mapIterator, type LiveTopic, type LiveValue } from '@lyceum/events';
import type { ConnectionSource } from '@lyceum/graphql';
import {
  conflict,
  invalid,
  newId,
  notFound,
  type ForwardingCredentials,
  type OutwardRules,
  type Viewer,
} from '@lyceum/service';
import type { ForwardingEvents } from '../events/forwarding-events.ts';
import type { Database, Tables } from '../store/database.ts';
import type { ForwardingRefusal } from '../store/forwarding-refusals.ts';
import type {
  ForwardingChange,
  ForwardingVersion,
  StatementForwarding,
} from '../store/statement-forwardings.ts';
import {
  checkedEndpoint,
  checkedFilter,
  checkedKey,
  checkedName,
  checkedSecret,
  type WantedFilter,
} from './forwarding-input.ts';
import type { Names } from './names.ts';

/** A forwarding that went on. */
export interface ChangedForwarding extends LiveValue {
  readonly id: string;
}

export interface WantedForwarding {
  readonly name: string;
  readonly endpoint: string;
  readonly version: ForwardingVersion;
  readonly key: string;
  readonly secret: string;
  readonly filter?: WantedFilter | null | undefined;
  readonly since?: Date | null | undefined;
  readonly attachments: boolean;
}

/** What is absent stays. */
export interface WantedChange {
  readonly name?: string | null | undefined;
  readonly endpoint?: string | null | undefined;
  readonly version?: ForwardingVersion | null | undefined;
  readonly key?: string | null | undefined;
  readonly secret?: string | null | undefined;
  readonly filter?: WantedFilter | null | undefined;
  readonly attachments?: boolean | null | undefined;
}

export type StatementForwardings = ReturnType<typeof createStatementForwardings>;

/** Each costs a request a second, and more. */
const mostOfOrganisation = 20;

/**
 * Statements on their way to other stores: said here what is wanted, done by the LRS, which tells how it goes
 * (docs/decisions/0033).
 */
export function createStatementForwardings(o: {
  database: Database;
  events: ForwardingEvents;
  live: LiveTopic<ChangedForwarding>;
  names: Names;
  credentials: ForwardingCredentials;
  rules: OutwardRules;
  /** Where this store is reached itself. */
  ownUrls: readonly string[];
}) {
  const { database, events, live, names, credentials, rules, ownUrls } = o;

  /** @throws NOT_FOUND */
  async function get({ organisationId }: Viewer, id: string, field = ['id']): Promise<StatementForwarding> {
    const [found] = await database.statementForwardings.selectMany(organisationId, [id]);
    if (!found) throw notFound('forwarding', id, field);
    return found;
  }

  /** Changes one, and tells of it. @throws NOT_FOUND */
  function change(
    { organisationId, userId }: Viewer,
    id: string,
    changeOf: (known: StatementForwarding, tx: Tables) => ForwardingChange | Promise<ForwardingChange>,
  ): Promise<StatementForwarding> {
    return database.transaction(async (tx) => {
      const known = await tx.statementForwardings.lock(organisationId, id);
      if (!known) throw notFound('forwarding', id, ['input', 'id']);
      const changed = await tx.statementForwardings.update(known, await changeOf(known, tx), userId);
      await events.updated(tx, changed);
      await events.changed(tx, changed);
      return changed;
    });
  }

  return {
    get,

    /** @throws INVALID; CONFLICT where one has the name, or there are too many */
    create: (viewer: Viewer, wanted: WantedForwarding): Promise<StatementForwarding> =>
      database.transaction(async (tx) => {
        const { organisationId, userId: createdBy } = viewer;
        const id = newId('forwarding');
        const endpoint = checkedEndpoint(wanted.endpoint, rules, ownUrls);
        const secret = checkedSecret(wanted.secret);
        const row = {
          ...{
            id,
            organisationId,
            createdBy,
            endpoint,
            version: wanted.version,
            attachments: wanted.attachments,
          },
          name: checkedName(wanted.name),
          key: checkedKey(wanted.key),
          secret: credentials.seal({ organisationId, id, endpoint }, secret),
          filter: checkedFilter(names, wanted.filter ?? {}),
          since: wanted.since ?? new Date(),
        };
        await tx.statementForwardings.lockOrganisation(organisationId);
        if ((await tx.statementForwardings.count(organisationId)) >= mostOfOrganisation)
          throw conflict(`There are ${String(mostOfOrganisation)}, and no more may be: delete one.`);
        const made = await tx.statementForwardings.insertOptional(row);
        if (!made) throw nameTaken(row.name);
        await events.updated(tx, made);
        await events.changed(tx, made);
        return made;
      }),

    /**
     * Changes what is wanted, from now on; the place is kept. A secret that was given for one host never goes to another:
     * with an endpoint elsewhere, key and secret are given anew.
     *
     * @throws INVALID, NOT_FOUND; CONFLICT where another has the name
     */
    update: (viewer: Viewer, id: string, wanted: WantedChange): Promise<StatementForwarding> =>
      change(viewer, id, async (known, tx) => {
        const endpoint =
          wanted.endpoint == null ? known.endpoint : checkedEndpoint(wanted.endpoint, rules, ownUrls);
        const isElsewhere = new URL(endpoint).origin !== new URL(known.endpoint).origin;
        if (isElsewhere && wanted.secret == null)
          throw invalid(['input', 'secret'], 'Another host is given the secret anew.');
        const name = wanted.name == null ? known.name : checkedName(wanted.name);
        if (
          name !== known.name &&
          (await tx.statementForwardings.hasNamesake(known.organisationId, name, id))
        )
          throw nameTaken(name);
        const place = { ...known, endpoint };
        return {
          ...{ name, endpoint },
          ...(wanted.version == null ? {} : { version: wanted.version }),
          ...(wanted.key == null ? {} : { key: checkedKey(wanted.key) }),
          ...(wanted.secret == null ? {} : { secret: credentials.seal(place, checkedSecret(wanted.secret)) }),
          ...(wanted.filter == null ? {} : { filter: checkedFilter(names, wanted.filter) }),
          ...(wanted.attachments == null ? {} : { attachments: wanted.attachments }),
          state: known.enabled ? 'RUNNING' : 'PAUSED',
        };
      }),

    /** Sends nothing until it is resumed; the place is kept. @throws NOT_FOUND */
    pause: (viewer: Viewer, id: string) => change(viewer, id, () => ({ enabled: false, state: 'PAUSED' })),

    /** Goes on where it was; one that waits or fails is tried at once. @throws NOT_FOUND */
    resume: (viewer: Viewer, id: string) => change(viewer, id, () => ({ enabled: true, state: 'RUNNING' })),

    /** Ends one; its credential is forgotten. @throws NOT_FOUND */
    delete: ({ organisationId }: Viewer, id: string): Promise<string> =>
      database.transaction(async (tx) => {
        const known = await tx.statementForwardings.lock(organisationId, id);
        if (!known) throw notFound('forwarding', id, ['input', 'id']);
        await tx.statementForwardings.delete(organisationId, id);
        await events.deleted(tx, known);
        return id;
      }),

    readable: ({ organisationId }: Viewer, ids: readonly string[]) =>
      database.statementForwardings.selectMany(organisationId, ids),

    listed: ({ organisationId }: Viewer): ConnectionSource<StatementForwarding> => ({
      rows: (page) => database.statementForwardings.selectPage(organisationId, page),
      key: ({ id }) => [id],
      count: () => database.statementForwardings.count(organisationId),
    }),

    /** What the other store refused of one that the viewer sees. */
    refusalsOf: ({ id }: StatementForwarding): ConnectionSource<ForwardingRefusal> => ({
      rows: (page) => database.forwardingRefusals.selectPage(id, page),
      key: ({ refusedAt, statementId }) => [refusedAt.toISOString(), statementId],
      count: () => database.forwardingRefusals.count(id),
    }),

    /** One each time that it goes on, or stands otherwise, from now on. @throws NOT_FOUND */
    async updates(viewer: Viewer, id: string): Promise<AsyncIterableIterator<StatementForwarding>> {
      await get(viewer, id);
      const changes = await live.subscribe(viewer.organisationId, (changed) => changed.id === id);
      return mapIterator(changes, () => get(viewer, id));
    },

    /** Tells again what is wanted of those of which nothing was heard for long: the log keeps it for a week. */
    async askAgain(now = new Date()): Promise<void> {
      const before = new Date(now.getTime() - silenceMs);
      for (const forwarding of await database.statementForwardings.selectManyUnheard(before, askedAtOnce)) {
        await database.transaction(async (tx) => {
          if (await tx.statementForwardings.updateAsked(forwarding)) await events.updated(tx, forwarding);
        });
      }
    },
  };
}

/** The LRS tells of what is under way every half minute. */
const silenceMs = 60 * 60_000;
const askedAtOnce = 50;

const nameTaken = (name: string) => conflict(`There is a forwarding ${name}.`, ['input', 'name']);
