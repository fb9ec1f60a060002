import { BUILT_IN_ROLES, entryOf, PERMISSIONS, type PermissionName } from '../src/permissions/catalogue.ts';

const head = `# Permissions

What a person may do in an organisation is a set of named acts. Roles are sets of them; services ask for the act, never for
the role. This page is made from \`packages/service/src/permissions/catalogue.ts\` by \`npm run build\`.

PLATFORM_ADMIN is given in the platform organisation alone, and is over all organisations, not in them
([decision 18](decisions/0018-organisations.md)).

A person holds one or more of the built-in roles below, in the whole organisation (\`membershipUpdate\`). An organisation may
have roles of its own (\`roleCreate\`), and a role can be granted for the whole organisation or, as far as the last column
says, for one course or group alone (\`roleGrant\`). A grant of a role for a course gives those of its permissions that can be
granted for a course, and no other; of a group the same, for what is done to its people. Who observes a person
(\`observationCreate\`) has all that can be granted for a user.

Nobody makes, changes, grants or takes away a role that holds a permission which they don't hold themselves.

Who lacks a permission is answered \`FORBIDDEN\`, and \`extensions.missing\` names it:

\`\`\`json
{
  "message": "This needs the permission course.publish.",
  "extensions": { "code": "FORBIDDEN", "missing": "course.publish" }
}
\`\`\`

An operation lets through who holds one of its permissions for anything at all; then the object is looked at. What each
operation comes to for each built-in role, [the matrix](../e2e/test/permission-matrix.md) says, which is tested.
`;

/** The text of docs/permissions.md, as prettier leaves it. */
export function permissionsPage(): string {
  const nouns = [...new Set(PERMISSIONS.map(nounOf))];
  const columns = ['permission', 'lets a person', ...BUILT_IN_ROLES, 'also for one'];
  const rows = nouns.flatMap((noun) => PERMISSIONS.filter((name) => nounOf(name) === noun).map(rowOf));
  return `${head}\n${table(columns, rows)}`;
}

const nounOf = (name: PermissionName) => name.split('.')[0] ?? '';

function rowOf(name: PermissionName): string[] {
  const { allows, roles, scopes = [] } = entryOf(name);
  const held = BUILT_IN_ROLES.map((role) => (roles.includes(role) ? 'yes' : ''));
  return [`\`${name}\``, allows.charAt(0).toLowerCase() + allows.slice(1, -1), ...held, scopes.join(', ')];
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, place) =>
    Math.max(...[column, ...rows.map((row) => row[place] ?? '')].map((text) => text.length)),
  );
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${cells.map((cell, place) => cell.padEnd(widths[place] ?? 0, fill)).join(' | ')} |`;
  const rule = line(
    columns.map(() => ''),
    '-',
  );
  return `${[line(columns), rule, ...rows.map((row) => line(row))].join('\n')}\n`;
}
