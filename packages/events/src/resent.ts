/**
 * The header of a record that is on its topic again for one group, which could not read it before: every other group, and
 * every live reader, has had it (dead-letters/).
 */
export const resentHeader = 'resent-to';

/** Whether a record is for the members of `group`; without one, for a reader that belongs to none. */
export const isMeantFor = (headers: Readonly<Record<string, string>>, group?: string): boolean => {
  const only = headers[resentHeader];
  return only === undefined || only === group;
};
