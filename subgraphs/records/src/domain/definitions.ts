import type { Viewer } from '@lyceum/service';
import { languageChooser, type Activity, type ActivityDefinition, type LanguageMap } from '@lyceum/xapi';
import type { Store } from '../store/store.ts';
import { withinLimits } from './within-limits.ts';

/** What is said of an activity: as JSON, and what that says. */
export interface Definition {
  readonly json: string;
  readonly value: ActivityDefinition;
}

export type Definitions = ReturnType<typeof createDefinitions>;

/** What the activities and agents of an organisation are called. */
export function createDefinitions({ store }: { store: Store }) {
  return {
    /** The merged definitions, by activity; those that nobody has defined are missing. @throws TOO_EXPENSIVE */
    async ofActivities(viewer: Viewer, activities: readonly string[]): Promise<Map<string, Definition>> {
      const found = await withinLimits(() =>
        store.definitions.selectDefinitions(viewer.organisationId, activities),
      );
      return new Map([...found].map(([activity, json]) => [activity, definitionOf(json)]));
    },

    /** The names of agents, by agentKey, the latest first. @throws TOO_EXPENSIVE */
    async namesOfAgents(viewer: Viewer, agents: readonly string[]): Promise<Map<string, string[]>> {
      const rows = await withinLimits(() => store.definitions.selectNames(viewer.organisationId, agents));
      const names = new Map<string, string[]>(agents.map((agent) => [agent, []]));
      for (const { agent, name } of rows) names.get(agent)?.push(name);
      return names;
    },
  };
}

function definitionOf(json: string): Definition {
  return { json, value: JSON.parse(json) as ActivityDefinition };
}

/** What a statement itself says of an activity. */
export function ownDefinition({ definition }: Activity): Definition | null {
  return definition === undefined ? null : { json: JSON.stringify(definition), value: definition };
}

/** One of the texts, by what a client would have as Accept-Language (Communication 2.1.3); null where there is none. */
export function textIn(map: LanguageMap | undefined, language: string | null | undefined): string | null {
  const languages = Object.keys(map ?? {});
  if (map === undefined || languages.length === 0) return null;
  return map[languageChooser(language ?? '')(languages)] ?? null;
}
