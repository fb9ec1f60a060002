import { ensureDatabase } from '@lyceum/postgres';
import { testServerUrl } from '@lyceum/testing';
import pg from 'pg';
import { mailTable, newMail, renderMail, type NewMail } from '../src/index.ts';

export interface MailDatabase {
  readonly connectionString: string;
  readonly client: pg.Client;
  /** Writes mails, and answers their ids. */
  write(count: number, given?: Partial<NewMail>): Promise<string[]>;
  stateOf(id: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

let databases = 0;

/** A database with nothing but mails. */
export async function createMailDatabase(): Promise<MailDatabase> {
  const url = new URL(testServerUrl());
  url.pathname = `/mail_${process.pid}_${(databases += 1)}`;
  const connectionString = url.href;
  await ensureDatabase(connectionString);
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(mailTable);
  const writeOne = async (given: Partial<NewMail>) => {
    const content = { subject: 'Hello', greeting: 'Hello,', paragraphs: ['A line.'], signature: 'Us' };
    const rendered = renderMail(content, 'en');
    const row = newMail({ recipient: 'ada@example.org', template: 'test', locale: 'en', rendered, ...given });
    await client.query(
      `INSERT INTO mail (id, recipient, template, locale, subject, text, html, deliver_until)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [row.id, row.recipient, row.template, row.locale, row.subject, row.text, row.html, row.deliverUntil],
    );
    return row.id;
  };
  return {
    connectionString,
    client,
    async write(count, given = {}) {
      const ids: string[] = [];
      await client.query('BEGIN');
      for (let written = 0; written < count; written += 1) ids.push(await writeOne(given));
      await client.query('COMMIT');
      return ids;
    },
    async stateOf(id) {
      const { rows } = await client.query<Record<string, unknown>>('SELECT * FROM mail WHERE id = $1', [id]);
      return rows[0] ?? {};
    },
    close: () => client.end(),
  };
}
