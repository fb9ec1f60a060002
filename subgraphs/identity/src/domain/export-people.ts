import { PLATFORM_ROLE, type Viewer } from '@lyceum/service';
import { stringify } from 'csv-stringify/sync';
import type { Member } from '../store/memberships.ts';
import type { Database } from '../store/store.ts';
import { requireNow } from './require-now.ts';
import { actorOf, recordAct } from './audit.ts';
import { toHarmlessCell } from './formula-cells.ts';
import { columns, type Column } from './import/columns.ts';

/** People whose rows are in memory at a time. */
const pageSize = 1_000;

export type PeopleExport = ReturnType<typeof createPeopleExport>;

/** The people of an organisation as a CSV file that an import takes back. */
export function createPeopleExport({ store }: { store: Database }) {
  /** In the order in which their accounts were made, so that a place in the file is a place in an index. */
  async function* rows(organisationId: string): AsyncGenerator<string> {
    yield stringify([[...columns]]);
    for (let after = ''; ;) {
      const members = await store.memberships.selectManyAfter(organisationId, after, pageSize);
      if (members.length === 0) return;
      const groups = await groupsOf(organisationId, members);
      yield stringify(members.map((member) => cellsOf(member, groups.get(member.id) ?? [])));
      after = members.at(-1)?.id ?? '';
    }
  }

  async function groupsOf(
    organisationId: string,
    members: readonly Member[],
  ): Promise<Map<string, string[]>> {
    const ids = members.map(({ id }) => id);
    const names = new Map<string, string[]>();
    for (const { userId, name } of await store.groups.selectManyOfUsers(organisationId, ids))
      names.set(userId, [...(names.get(userId) ?? []), name]);
    return names;
  }

  return {
    /**
     * The file, part by part, of which none is made before the one before was taken. It is no picture of one instant:
     * who is taken in meanwhile may be in it.
     *
     * @throws FORBIDDEN
     */
    async file(viewer: Viewer): Promise<AsyncGenerator<string>> {
      await store.transaction(async (tx) => {
        await requireNow(tx, viewer, 'user.export');
        const { organisationId } = viewer;
        await recordAct(tx, { act: 'people.export', by: actorOf(viewer), organisationId, subjectId: null });
      });
      return rows(viewer.organisationId);
    },
  };
}

function cellsOf(member: Member, groups: readonly string[]): string[] {
  const cells: Record<Column, string | null> = {
    external_id: member.externalId,
    email: member.email,
    name: member.name,
    given_name: member.givenName,
    family_name: member.familyName,
    // No file says who stands above the organisations: an import leaves that as it is.
    roles: member.roles.filter((role) => role !== PLATFORM_ROLE).join(';'),
    groups: groups.join(';'),
    locale: member.locale,
  };
  return columns.map((column) => toHarmlessCell(cells[column] ?? ''));
}
