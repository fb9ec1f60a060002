import type { ConnectionSource } from '@lyceum/graphql';
import type { Viewer } from '@lyceum/service';
import {
  agentKey,
  identifierOfKey,
  type Activity,
  type Actor,
  type LanguageMap,
  type Verb,
} from '@lyceum/xapi';
import type { Readers } from '../store/named-page.ts';
import type { Store } from '../store/store.ts';
import { learnersSeenBy } from './access.ts';
import { agentKeysOf, type AgentFilter } from './agent-filter.ts';
import { namedList, searchOf } from './named-list.ts';
import type { Names } from './names.ts';
import { withinLimits } from './within-limits.ts';

interface Search {
  readonly search?: string | null | undefined;
}

export type KnownThings = ReturnType<typeof createKnownThings>;

/** The activities, agents and verbs of the statements that a viewer may see. Everything throws FORBIDDEN, TOO_EXPENSIVE. */
export function createKnownThings({ store, names }: { store: Store; names: Names }) {
  const readersFor = (viewer: Viewer): Readers => ({
    organisationId: viewer.organisationId,
    actors: learnersSeenBy(viewer, null)?.flatMap((userId) => names.actorsOf(userId)),
  });

  return {
    /** Null where no statement names it. @throws INVALID */
    async activity(viewer: Viewer, id: string): Promise<Activity | null> {
      const iri = names.activityOf(['id'], id);
      const isNamed = await withinLimits(() => store.activities.isNamed(readersFor(viewer), iri));
      return isNamed ? { id: iri } : null;
    },

    /** @throws INVALID */
    activities(
      viewer: Viewer,
      filter: Search & { readonly type?: string | null | undefined },
    ): ConnectionSource<Activity> {
      const search = searchOf(['filter', 'search'], filter.search);
      const scope = { ...readersFor(viewer), search, type: filter.type ?? undefined };
      return namedList({
        select: (page) => store.activities.selectPage(scope, page),
        count: () => store.activities.count(scope),
        rowOf: (id) => ({ id }),
        nameOf: ({ id }) => id,
      });
    },

    /** Null where no statement names it. @throws INVALID */
    async agent(viewer: Viewer, identifier: AgentFilter): Promise<Actor | null> {
      const keys = agentKeysOf(names, ['identifier'], identifier);
      const [named] = await withinLimits(() => store.agents.selectNamed(readersFor(viewer), keys));
      return named === undefined ? null : agentOfKey(named);
    },

    /** @throws INVALID */
    agents(viewer: Viewer, filter: Search): ConnectionSource<Actor> {
      const scope = { ...readersFor(viewer), search: searchOf(['filter', 'search'], filter.search) };
      return namedList<Actor>({
        select: (page) => store.agents.selectPage(scope, page),
        count: () => store.agents.count(scope),
        rowOf: agentOfKey,
        nameOf: (agent) => agentKey(agent) ?? '',
      });
    },

    /** @throws INVALID */
    verbs(viewer: Viewer, filter: Search): ConnectionSource<Verb> {
      const scope = { ...readersFor(viewer), search: searchOf(['filter', 'search'], filter.search) };
      return namedList({
        select: (page) => store.verbs.selectPage(scope, page),
        count: () => store.verbs.count(scope),
        rowOf: (id) => ({ id }),
        nameOf: ({ id }) => id,
      });
    },

    /** What the newest statements call verbs; those that they call nothing are missing. */
    async displays({ organisationId }: Viewer, verbs: readonly string[]): Promise<Map<string, LanguageMap>> {
      const rows = await withinLimits(() => store.verbs.selectDisplays(organisationId, verbs));
      const said = rows.filter(({ display }) => display !== '');
      return new Map(said.map(({ iri, display }) => [iri, JSON.parse(display) as LanguageMap]));
    },
  };
}

function agentOfKey(key: string): Actor {
  return { ...identifierOfKey(key) };
}
