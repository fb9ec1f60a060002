const scopes: Readonly<Record<string, string>> = {
  STATEMENTS_WRITE: 'statements/write',
  STATEMENTS_READ_MINE: 'statements/read/mine',
  STATEMENTS_READ: 'statements/read',
  STATE: 'state',
  PROFILE: 'profile',
  DEFINE: 'define',
  ALL_READ: 'all/read',
  ALL: 'all',
};

/** A scope as the xAPI specification spells it (1.0.3 part 3, 4.2). */
export function xapiScope(scope: string): string {
  const spelling = scopes[scope];
  if (spelling === undefined) throw new Error(`There is no xAPI scope for ${scope}.`);
  return spelling;
}
