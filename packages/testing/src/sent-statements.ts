import pg from 'pg';

/** The SQL that this process sends to PostgreSQL while `work` runs, as the driver sends it: all of it, in order. */
export async function sentStatements(work: () => Promise<unknown>): Promise<string[]> {
  const sent: string[] = [];
  const { prototype } = pg.Client;
  const send = Reflect.get(prototype, 'query') as (...args: unknown[]) => unknown;
  const watched = function (this: pg.Client, ...args: unknown[]) {
    const [query] = args as [string | { text: string }];
    sent.push(typeof query === 'string' ? query : query.text);
    return send.apply(this, args);
  };
  Object.assign(prototype, { query: watched });
  try {
    await work();
  } finally {
    Object.assign(prototype, { query: send });
  }
  return sent;
}

/** Those of {@link sentStatements} that read or write tables, but for those of events; each once. */
export async function statementsOfTables(work: () => Promise<unknown>): Promise<string[]> {
  return [...new Set(await sentStatements(work))].filter(
    (text) => /\b(FROM|INTO|UPDATE)\b/i.test(text) && !/\b(outbox|inbox)\b/.test(text),
  );
}
