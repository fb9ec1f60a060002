import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  eventually,
  startSmtpServer,
  temporaryDirectory,
  type SmtpMoment,
  type SmtpServer,
} from '@lyceum/testing';
import { pino } from 'pino';
import { createMetrics } from '@lyceum/service';
import { createMailRelay, createTransport, mailFolder, parseMail, type MailRelay } from '../src/index.ts';
import { createMailDatabase, type MailDatabase } from './mail-database.ts';
import type { DeathPoint, RelayChildInput } from './relay-child-protocol.ts';

/** Longer than a child takes to its first mail, also where the machine is busy: else it loses what it is sending. */
const leaseMs = 3_000;
let database: MailDatabase;
let server: SmtpServer;
let dataDirectory: string;
let relays: MailRelay[];
let logged: string[];
const children: ChildProcess[] = [];

beforeEach(async () => {
  database = await createMailDatabase();
  server = await startSmtpServer();
  dataDirectory = temporaryDirectory();
  relays = [];
  logged = [];
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(relays.map((relay) => relay.stop()));
  await server.stop();
  await database.close();
});

const from = 'Lyceum <no-reply@school.example>';
const logger = pino({ level: 'trace' }, { write: (line) => void logged.push(line) });

type Overrides = Partial<Parameters<typeof createMailRelay>[0]>;

function startSending(smtpUrl: string | undefined, overrides: Overrides = {}): MailRelay {
  const transport = createTransport({ smtpUrl, from, dataDirectory });
  const { connectionString } = database;
  const relay = createMailRelay({
    connectionString,
    transport,
    logger,
    concurrency: 2,
    pollMs: 50,
    leaseMs,
    ...overrides,
  });
  relays.push(relay);
  return relay;
}

/** The ids of mails, as their Message-IDs have them. */
const idsOf = (raws: readonly string[]) =>
  raws.map(
    (raw) => /^<(mail_\w+)@school\.example>$/.exec(parseMail(raw).headers.get('message-id') ?? '')?.[1],
  );

async function untilSent(ids: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      const states = await Promise.all(ids.map((id) => database.stateOf(id)));
      expect(states.map(({ state }) => state)).toEqual(ids.map(() => 'SENT'));
    },
    { timeoutMs: 20_000 },
  );
}

/** A process that sends, and dies at a point of its own or of the server’s. */
function startChild(diesAt: DeathPoint, smtpUrl: string | undefined): ChildProcess {
  const { connectionString } = database;
  const input = { connectionString, diesAt, dataDirectory, leaseMs, ...(smtpUrl ? { smtpUrl } : {}) };
  const script = join(import.meta.dirname, 'relay-child.ts');
  const args = ['--import', 'tsx', script, JSON.stringify(input satisfies Omit<RelayChildInput, 'smtpUrl'>)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(child);
  return child;
}

describe('a sender that is killed', () => {
  test.each([
    ['before it is sent', false],
    ['between the server’s answer and the note', true],
    ['after it was noted', false],
  ] as const)('%s loses none, and doubles one in that window alone: %s', async (diesAt, doubles) => {
    const ids = await database.write(4);
    await once(startChild(diesAt, server.url), 'exit');
    startSending(server.url);
    await untilSent(ids);
    const received = idsOf(server.accepted);
    expect([...new Set(received)].toSorted()).toEqual(ids.toSorted());
    expect(received).toHaveLength(ids.length + (doubles ? 1 : 0));
  });

  test.each([
    ['MAIL', false],
    ['RCPT', false],
    ['DATA', false],
    ['.', true],
  ] as const)(
    'as the server hears its %s loses none, and doubles one where the server has it: %s',
    async (fatal, doubles) => {
      const ids = await database.write(4);
      const child = startChild('server', server.url);
      const ended = once(child, 'exit');
      server.onMoment = async (moment: SmtpMoment) => {
        if (moment === fatal && child.exitCode === null && child.signalCode === null) {
          child.kill('SIGKILL');
          await ended;
        }
        return undefined;
      };
      await ended;
      startSending(server.url);
      await untilSent(ids);
      const received = idsOf(server.accepted);
      expect([...new Set(received)].toSorted()).toEqual(ids.toSorted());
      expect(received).toHaveLength(ids.length + (doubles ? 1 : 0));
    },
  );

  test.each(['before it is sent', 'between the server’s answer and the note', 'after it was noted'] as const)(
    '%s loses and doubles none where mails are files',
    async (diesAt) => {
      const ids = await database.write(4);
      await once(startChild(diesAt, undefined), 'exit');
      startSending(undefined);
      await untilSent(ids);
      const folder = mailFolder(dataDirectory);
      expect(readdirSync(folder).toSorted()).toEqual(ids.map((id) => `${id}.eml`).toSorted());
      const raws = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
      expect(idsOf(raws).toSorted()).toEqual(ids.toSorted());
    },
  );
});

describe('a mail', () => {
  test('of a transaction that is rolled back is none; of one that commits is sent at once', async () => {
    startSending(server.url, { pollMs: 60_000 });
    await database.client.query('BEGIN');
    await database.client.query(
      `INSERT INTO mail (id, recipient, template, locale, subject, text, deliver_until)
       VALUES ('mail_never', 'ada@example.org', 'test', 'en', 'Never', 'Never', now() + interval '1 day')`,
    );
    await database.client.query('ROLLBACK');
    const ids = await database.write(1);
    await untilSent(ids);
    const later = await database.write(1);
    await untilSent(later);
    expect(idsOf(server.accepted)).toEqual([...ids, ...later]);
  });

  test('is sent once by several senders, also while the server takes longer than the lease', async () => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    server.onMoment = async (moment) => {
      if (moment === '.') await opened;
      return undefined;
    };
    const ids = await database.write(6);
    for (let senders = 0; senders < 3; senders += 1) startSending(server.url, { leaseMs: 200 });
    const started = Date.now();
    // Several leases long.
    await eventually(() => {
      expect(Date.now() - started).toBeGreaterThan(1_200);
    });
    open();
    await untilSent(ids);
    expect(idsOf(server.accepted).toSorted()).toEqual(ids.toSorted());
  });

  test('that was sent while the database was away is not sent again', async () => {
    let left = 1;
    server.onMoment = async (moment) => {
      if (moment === '.' && left-- > 0) {
        await database.client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lyceum mail relay'
           AND datname = current_database()`,
        );
      }
      return undefined;
    };
    const ids = await database.write(3);
    startSending(server.url, { concurrency: 1 });
    await untilSent(ids);
    expect(idsOf(server.accepted).toSorted()).toEqual(ids.toSorted());
  });

  test('says nothing any more once it was sent', async () => {
    const [id = ''] = await database.write(1);
    startSending(server.url);
    await untilSent([id]);
    expect(await database.stateOf(id)).toMatchObject({
      subject: null,
      text: null,
      html: null,
      last_error: null,
    });
  });

  test('that its server refuses for good is given up; its address is in no log', async () => {
    server.onMoment = (moment, line) =>
      moment === 'RCPT' && line.includes('nobody')
        ? '550 5.1.1 nobody@example.org: no such mailbox'
        : undefined;
    const metrics = createMetrics('test');
    const [refused = ''] = await database.write(1, { recipient: 'nobody@example.org' });
    const sent = await database.write(1);
    startSending(server.url, { metrics });
    await untilSent(sent);
    await eventually(async () => {
      expect(await database.stateOf(refused)).toMatchObject({ state: 'FAILED', attempts: 1, text: null });
    });
    expect(String((await database.stateOf(refused))['last_error'])).toContain('550');
    const line = logged.find((text) => text.includes('given up'));
    expect(line).toContain('n…@example.org');
    expect(logged.join('')).not.toContain('nobody@');
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/lyceum_mails_total\{template="test",state="sent",service="test"\} 1/);
    expect(text).toMatch(/lyceum_mails_total\{template="test",state="failed",service="test"\} 1/);
  });

  test.each([
    ['its mailbox is full', 'RCPT', '452 4.2.2 Full'],
    ['the sender is refused, which is our own fault', 'MAIL', '550 5.7.1 Log in first'],
  ] as const)('is tried again, later, where %s', async (_case, at, answer) => {
    server.onMoment = (moment) => (moment === at ? answer : undefined);
    const [id = ''] = await database.write(1);
    startSending(server.url);
    await eventually(async () => {
      expect(await database.stateOf(id)).toMatchObject({ state: 'WAITING', attempts: 1 });
    });
    const { next_attempt_at: next, text } = await database.stateOf(id);
    const delay = (next as Date).getTime() - Date.now();
    expect(delay).toBeGreaterThan(5_000);
    expect(delay).toBeLessThan(10_000);
    expect(text).toContain('A line.');
    server.onMoment = () => undefined;
    await database.client.query('UPDATE mail SET next_attempt_at = now()');
    await untilSent([id]);
  });

  test('waits while no server answers, and longer each time', async () => {
    await server.stop();
    const [id = ''] = await database.write(1);
    startSending(server.url);
    for (const attempts of [1, 2, 3]) {
      await eventually(async () => {
        expect(await database.stateOf(id)).toMatchObject({ state: 'WAITING', attempts });
      });
      const { next_attempt_at: next } = await database.stateOf(id);
      const delay = (next as Date).getTime() - Date.now();
      expect(delay).toBeGreaterThan(9_000 * 2 ** (attempts - 1));
      await database.client.query('UPDATE mail SET next_attempt_at = now()');
    }
  });

  test('whose links have expired is given up', async () => {
    const [id = ''] = await database.write(1, { deliverUntil: new Date(Date.now() - 1) });
    startSending(server.url);
    await eventually(async () => {
      expect(await database.stateOf(id)).toMatchObject({ state: 'FAILED' });
    });
    expect(server.accepted).toEqual([]);
  });

  test('is forgotten a month after it was sent, and not before', async () => {
    const [old = '', recent = '', waiting = ''] = await database.write(3);
    await database.client.query(
      `UPDATE mail SET state = 'SENT', created_at = now() - CASE id WHEN $1 THEN interval '31 days' ELSE interval '29 days' END
       WHERE id IN ($1, $2)`,
      [old, recent],
    );
    await database.client.query(
      `UPDATE mail SET created_at = now() - interval '31 days', next_attempt_at = now() + interval '1 day' WHERE id = $1`,
      [waiting],
    );
    startSending(server.url);
    await eventually(async () => {
      const { rows } = await database.client.query<{ id: string }>('SELECT id FROM mail');
      expect(rows.map(({ id }) => id).toSorted()).toEqual([recent, waiting].toSorted());
    });
  });
});
