/** The tag by which a service writes SQL with values in it: `Prisma.sql` of its client. */
type SqlTag<Fragment> = (strings: readonly string[], ...values: unknown[]) => Fragment;

/**
 * The people of these groups, as an array within another query: worked out once, so that what is theirs is found by an
 * index also beside other alternatives.
 */
export function peopleOf<Fragment>(
  sql: SqlTag<Fragment>,
  organisationId: string,
  groupIds: readonly string[],
): Fragment {
  return sql`ARRAY(
    SELECT m.user_id FROM group_member m
    WHERE m.organisation_id = ${organisationId} AND m.group_id = ANY(${[...groupIds]}::text[]) AND m.member)`;
}
