import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startPostgres, type RunningPostgres } from '@lyceum/engines';
import { Client } from 'pg';
import { pino } from 'pino';
import {
  createEventLog,
  createOutboxRelay,
  domainEvent,
  insertOutbox,
  outboxAndInboxTables,
  type EventLog,
  type LogRecord,
} from '../src/index.ts';
import { applyEvents } from './apply-events.ts';
import { startChild } from './child.ts';
import { eventually } from './eventually.ts';
import type { DeathPoint, OutboxChildInput } from './outbox-child-protocol.ts';

const SLOW = 60_000;
const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });

describe('the outbox', () => {
  let postgresDirectory: string;
  let postgres: RunningPostgres;
  let databases = 0;
  let connectionString: string;
  let client: Client;
  let directory: string;
  let log: EventLog;

  beforeAll(async () => {
    postgresDirectory = await mkdtemp(join(tmpdir(), 'lyceum-outbox-'));
    // Started by root, PostgreSQL runs as another user, who has to get in.
    await chmod(postgresDirectory, 0o755);
    postgres = await startPostgres({ directory: postgresDirectory, port: 0, logger });
  }, SLOW);

  afterAll(async () => {
    await postgres.stop();
    await rm(postgresDirectory, { recursive: true, force: true });
  }, SLOW);

  beforeEach(async () => {
    const name = `outbox_${databases++}`;
    const server = await connect(postgres.url);
    await server.query(`CREATE DATABASE ${name}`);
    await server.end();
    connectionString = urlOf(name);
    client = await connect(connectionString);
    await client.query(outboxAndInboxTables);
    await client.query('CREATE TABLE applied (event_id text NOT NULL, user_id text NOT NULL)');
    directory = await mkdtemp(join(tmpdir(), 'lyceum-log-'));
    log = await createEventLog({ directory, logger, clientId: 'test' });
  });

  afterEach(async () => {
    await log.close();
    await client.end().catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  });

  function urlOf(database: string): string {
    const url = new URL(postgres.url);
    url.pathname = `/${database}`;
    return url.href;
  }

  /** An application that outlives a restart of its database, as far as these tests go. */
  async function connect(url: string): Promise<Client> {
    const connected = new Client({ connectionString: url });
    connected.on('error', () => undefined);
    await connected.connect();
    return connected;
  }

  async function register(count: number, prefix = 'user'): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, index) => `${prefix}_${index}`);
    await client.query('BEGIN');
    for (const id of ids) {
      const user = { id, name: id, email: `${id}@lyceum.example`, emailVerified: true, revision: 1 };
      const row = domainEvent({ type: 'user.registered', subject: id, organisation: '', data: { user } });
      await insertOutbox(async (sql, params) => (await client.query(sql, [...params])).rowCount ?? 0, [row]);
    }
    await client.query('COMMIT');
    return ids;
  }

  const countOf = async (table: string) =>
    Number((await client.query<{ count: string }>(`SELECT count(*) FROM ${table}`)).rows[0]!.count);

  async function untilPublished(): Promise<void> {
    await eventually(async () => {
      expect(await countOf('outbox')).toBe(0);
    }, SLOW);
  }

  /** All that is in the log. */
  async function published(): Promise<LogRecord[]> {
    const records: LogRecord[] = [];
    const group = `reader-${Math.random()}`;
    const consumer = await log.consume({
      topics: ['identity.events'],
      group,
      handle: async (batch) => {
        records.push(...batch.records);
      },
    });
    await eventually(async () => {
      const lags = await log.lag(group);
      expect(lags).toHaveLength(4);
      expect(lags.every(({ lag }) => lag === 0)).toBe(true);
    }, SLOW);
    await consumer.stop();
    return records;
  }

  test(
    'sends large events in appends that a broker takes, all of them and in their order',
    async () => {
      const count = 60;
      const row = (place: number) => ({
        topic: 'identity.events',
        key: 'one',
        value: JSON.stringify({ place, text: 'x'.repeat(place === 30 ? 6 * 2 ** 20 : 256 * 2 ** 10) }),
        headers: {},
      });
      for (let place = 0; place < count; place += 1)
        await insertOutbox(
          async (sql, params) => (await client.query(sql, [...params])).rowCount ?? 0,
          [row(place)],
        );
      const sizes: number[] = [];
      const append: EventLog['append'] = (records) => {
        sizes.push(records.reduce((sum, { value }) => sum + value.length, 0));
        return log.append(records);
      };
      const relay = createOutboxRelay({ connectionString, log: { ...log, append }, logger });
      await untilPublished();
      await relay.stop();
      // One event alone may be larger.
      expect(sizes.filter((size) => size > 4 * 2 ** 20)).toHaveLength(1);
      const places = (await published()).map(
        ({ value }) => (JSON.parse(String(value)) as { place: number }).place,
      );
      expect(places).toEqual(Array.from({ length: count }, (_, place) => place));
    },
    SLOW,
  );

  const points: DeathPoint[] = [
    'relay: before the append',
    'relay: between append and delete',
    'relay: after the delete',
    'consumer: before the transaction',
    'consumer: in the transaction',
    'consumer: between transaction and commit of the offset',
  ];

  test.each(points)(
    'loses nothing and doubles nothing through kill -9 in the %s',
    async (diesAt) => {
      const ids = await register(450);
      const relay = diesAt.startsWith('relay')
        ? undefined
        : createOutboxRelay({ connectionString, log, logger });
      await startChild('outbox-child.ts', { connectionString, directory, diesAt } satisfies OutboxChildInput)
        .ended;
      const second = relay ?? createOutboxRelay({ connectionString, log, logger });
      await untilPublished();
      const applier = await applyEvents({ connectionString, log, logger });
      await eventually(async () => {
        expect(await countOf('applied')).toBeGreaterThanOrEqual(ids.length);
        expect((await log.lag('applier')).every(({ lag }) => lag === 0)).toBe(true);
      }, SLOW);
      await Promise.all([applier.stop(), second.stop()]);
      const { rows } = await client.query<{ user_id: string }>('SELECT user_id FROM applied');
      expect(rows.map((row) => row.user_id).toSorted()).toEqual(ids.toSorted());
    },
    SLOW,
  );

  test(
    'publishes the events of one aggregate in their order',
    async () => {
      await register(3, 'first');
      const relay = createOutboxRelay({ connectionString, log, logger });
      for (let revision = 2; revision < 20; revision += 1) {
        const user = { id: 'first_0', name: 'x', email: 'x@lyceum.example', emailVerified: true, revision };
        const row = domainEvent({ type: 'user.updated', subject: user.id, organisation: '', data: { user } });
        await insertOutbox(
          async (sql, params) => (await client.query(sql, [...params])).rowCount ?? 0,
          [row],
        );
      }
      await untilPublished();
      await relay.stop();
      const records = (await published()).filter(({ key }) => key === 'first_0');
      const revisions = records.map(({ value }) => /"revision":(\d+)/.exec(value.toString())?.[1]);
      expect(revisions).toEqual(Array.from({ length: 19 }, (_, index) => String(index + 1)));
    },
    SLOW,
  );

  test(
    'is published by one relay at a time: a second stands by, and takes over',
    async () => {
      const first = createOutboxRelay({ connectionString, log, logger });
      const second = createOutboxRelay({ connectionString, log, logger, pollMs: 50 });
      await register(300, 'a');
      await untilPublished();
      expect(await published()).toHaveLength(300);
      await first.stop();
      await register(10, 'b');
      await untilPublished();
      await second.stop();
    },
    SLOW,
  );

  test(
    'wakes the relay by a notification, long before it would look by itself',
    async () => {
      const relay = createOutboxRelay({ connectionString, log, logger, pollMs: SLOW });
      await register(1, 'early');
      await untilPublished();
      await register(1, 'late');
      await untilPublished();
      await relay.stop();
    },
    SLOW / 2,
  );

  test(
    'is published without notifications, too',
    async () => {
      await client.query('DROP TRIGGER outbox_notify ON outbox');
      const relay = createOutboxRelay({ connectionString, log, logger, pollMs: 50 });
      await register(1, 'early');
      await untilPublished();
      await register(1, 'late');
      await untilPublished();
      await relay.stop();
    },
    SLOW,
  );

  test(
    'keeps its rows while the log refuses them, and loses none',
    async () => {
      let refusals = 3;
      const append: EventLog['append'] = async (records) => {
        if (refusals-- > 0) throw new Error('the log is away');
        await log.append(records);
      };
      const relay = createOutboxRelay({ connectionString, log: { ...log, append }, logger });
      await register(5);
      await untilPublished();
      await relay.stop();
      expect(await published()).toHaveLength(5);
    },
    SLOW,
  );

  test(
    'goes on when Postgres was restarted',
    async () => {
      const relay = createOutboxRelay({ connectionString, log, logger });
      await register(5, 'before');
      await untilPublished();
      const port = Number(new URL(postgres.url).port);
      await client.end();
      await postgres.stop();
      postgres = await startPostgres({ directory: postgresDirectory, port, logger });
      client = await connect(connectionString);
      await register(5, 'after');
      await untilPublished();
      await relay.stop();
      expect(await published()).toHaveLength(10);
    },
    SLOW,
  );

  test(
    'forgets handled events after a month',
    async () => {
      await client.query(
        `INSERT INTO inbox VALUES ('c', 'old', now() - interval '31 days'), ('c', 'new', now() - interval '29 days')`,
      );
      const relay = createOutboxRelay({ connectionString, log, logger });
      await eventually(async () => {
        const { rows } = await client.query<{ event_id: string }>('SELECT event_id FROM inbox');
        expect(rows.map((row) => row.event_id)).toEqual(['new']);
      }, SLOW);
      await relay.stop();
    },
    SLOW,
  );
});
