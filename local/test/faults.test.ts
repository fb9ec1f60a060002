import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Linter } from 'eslint';
import { refuseDemoInProduction } from '../src/checks/credentials.ts';
import { dataVersion } from '../src/data/version.ts';
import { dataDirectory, root, runNode, start } from './start-process.ts';

let directory: string;

beforeAll(async () => {
  // What has to be built is built once, so that each start below takes a moment.
  await start({ LYCEUM_DATA_DIR: await dataDirectory(), GATEWAY_PORT: 'none' }).ended;
}, 180_000);

beforeEach(async () => {
  directory = await dataDirectory();
});

afterEach(() => {
  rmSync(dirname(directory), { recursive: true, force: true });
});

describe('Node', () => {
  const withVersion = (version: string) =>
    `Object.defineProperty(process, 'version', { value: '${version}' }); require('./local/start.cjs');`;

  test.each(['v0.10.48', 'v12.22.12', 'v18.20.4', 'v20.18.3'])(
    '%s is told that it is too old',
    async (version) => {
      const started = runNode(['-e', withVersion(version)], { LYCEUM_DATA_DIR: directory });
      expect(await started.ended).toBe(1);
      expect(started.output()).toMatch(/^Lyceum needs Node 20\.19 or newer; this is Node \d/);
      expect(started.output()).toContain(version.slice(1));
      expect(existsSync(directory)).toBe(false);
    },
  );

  test('of any age can read the file that says so', () => {
    const source = readFileSync(join(root, 'local/start.cjs'), 'utf8');
    const languageOptions = { ecmaVersion: 5, sourceType: 'script' } as const;
    expect(new Linter().verify(source, [{ files: ['**/*.cjs'], languageOptions }], 'start.cjs')).toEqual([]);
  });
});

test('dependencies that are not installed are asked for', async () => {
  const clone = mkdtempSync(join(tmpdir(), 'lyceum-clone-'));
  cpSync(join(root, 'local/start.cjs'), join(clone, 'local/start.cjs'));
  const started = runNode([join(clone, 'local/start.cjs')], {});
  expect(await started.ended).toBe(1);
  expect(started.output()).toContain('npm ci');
  rmSync(clone, { recursive: true });
});

test('wrong variables are listed all at once', async () => {
  const started = start({
    LYCEUM_DATA_DIR: directory,
    GATEWAY_PORT: '99999',
    LRS_PORT: '6000', // X11's: no browser connects to it
    DATABASE_URL: 'mysql://localhost/lyceum',
    KAFKA_BROKERS: 'no-port',
    LYCEUM_DEMO: 'maybe',
  });
  expect(await started.ended).toBe(78);
  for (const variable of ['GATEWAY_PORT', 'LRS_PORT', 'DATABASE_URL', 'KAFKA_BROKERS', 'LYCEUM_DEMO']) {
    expect(started.output()).toMatch(new RegExp(`^  ${variable}: `, 'm'));
  }
  expect(existsSync(directory)).toBe(false);
});

describe('a production start', () => {
  test('refuses demo data and demo secrets', async () => {
    const started = start({
      LYCEUM_DATA_DIR: directory,
      NODE_ENV: 'production',
      LYCEUM_DEMO: '1',
      KEY_ENCRYPTION_SECRET: 'lyceum-demo',
    });
    expect(await started.ended).toBe(1);
    expect(started.output()).toContain('LYCEUM_DEMO=1');
    expect(started.output()).toContain('KEY_ENCRYPTION_SECRET holds the demo secret');
    expect(existsSync(directory)).toBe(false);
  });

  test('finds the demo secret where secrets are, and takes a folder of that name for what it is', () => {
    const start = (source: NodeJS.ProcessEnv) => () => {
      refuseDemoInProduction({
        production: true,
        demo: false,
        demoFile: join(directory, 'demo.json'),
        source,
      });
    };
    expect(
      start({ PWD: '/srv/lyceum-demo', BACKUP_URL: 'https://own:own@backup/lyceum-demo' }),
    ).not.toThrow();
    expect(start({ BACKUP_URL: 'https://own:lyceum-demo@backup/lyceum' })).toThrow('BACKUP_URL holds');
    expect(start({ AWS_SECRET_ACCESS_KEY: 'lyceum-demo' })).toThrow('AWS_SECRET_ACCESS_KEY holds');
  });

  test('refuses a data directory with demo accounts in it', async () => {
    mkdirSync(directory);
    writeFileSync(join(directory, 'demo.json'), '{}');
    const started = start({ LYCEUM_DATA_DIR: directory, NODE_ENV: 'production' });
    expect(await started.ended).toBe(1);
    expect(started.output()).toContain('demo accounts');
    expect(readdirSync(directory)).toEqual(['demo.json']);
  });
});

test('data of a newer version is refused and left untouched', async () => {
  mkdirSync(join(directory, 'postgres'), { recursive: true });
  writeFileSync(join(directory, 'version.json'), JSON.stringify({ dataVersion: dataVersion + 1 }));
  writeFileSync(join(directory, 'postgres', 'something'), 'precious');
  const before = digestOf(directory);
  const started = start({ LYCEUM_DATA_DIR: directory });
  expect(await started.ended).toBe(1);
  expect(started.output()).toContain('newer version of Lyceum');
  expect(digestOf(directory)).toBe(before);
});

describe('the data directory', () => {
  test('that is a file is named, with what to do', async () => {
    writeFileSync(directory, 'in the way');
    const started = start({ LYCEUM_DATA_DIR: directory });
    expect(await started.ended).toBe(1);
    expect(started.output()).toContain(directory);
    expect(started.output()).toContain('LYCEUM_DATA_DIR');
    expect(started.output()).not.toMatch(/\n\s+at /);
    expect(readFileSync(directory, 'utf8')).toBe('in the way');
  });

  const smallDisk = whereAllowed('mount', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lyceum-disk-'));
    mountSmallDisk(folder);
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });

  smallDisk('on a disk without room is refused, with nothing written', async () => {
    mkdirSync(directory);
    mountSmallDisk(directory);
    try {
      const started = start({ LYCEUM_DATA_DIR: directory });
      expect(await started.ended).toBe(1);
      expect(started.output()).toMatch(/almost full: \d+ MB are free/);
      expect(readdirSync(directory)).toEqual([]);
    } finally {
      execFileSync('umount', [directory]);
    }
  });

  // Nothing is forbidden to root: as root the system is started as somebody else.
  const somebody = process.getuid?.() === 0 ? nobody() : {};
  const unwritable = whereAllowed('run as an ordinary user', () => {
    execFileSync(process.execPath, ['-e', 'require("fs").readdirSync("local/dist")'], {
      cwd: root,
      stdio: 'ignore',
      ...somebody,
    });
  });

  unwritable('that may not be written is named, with what to do', async () => {
    mkdirSync(directory, { mode: 0o555 });
    const started = start({ LYCEUM_DATA_DIR: directory }, somebody);
    expect(await started.ended).toBe(1);
    expect(started.output()).toContain(`${directory} can't be written: permission denied`);
    expect(started.output()).toContain('LYCEUM_DATA_DIR');
    expect(started.output()).not.toMatch(/\n\s+at /);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('ports in use', () => {
  let taken: Server;
  let port: number;

  beforeEach(async () => {
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    ({ port } = taken.address() as AddressInfo);
  });

  afterEach(() => {
    taken.close();
  });

  test('are named all at once, with their variable and who holds them', async () => {
    const started = start({ LYCEUM_DATA_DIR: directory, LRS_PORT: `${port}`, POSTGRES_PORT: `${port}` });
    expect(await started.ended).toBe(1);
    expect(started.output()).toMatch(
      new RegExp(`Port ${port}, which lrs-receive needs, is in use by .*LRS_PORT`),
    );
    expect(started.output()).toMatch(
      new RegExp(`Port ${port}, which the embedded postgres needs.*POSTGRES_PORT`),
    );
    if (process.platform === 'linux') expect(started.output()).toContain(`process ${process.pid}`);
  });
});

test('engines that do not answer are named all at once, with how long they were tried', async () => {
  const started = start({
    LYCEUM_DATA_DIR: directory,
    DATABASE_URL: 'postgresql://lyceum:hidden@127.0.0.1:9/lyceum',
    CLICKHOUSE_URL: 'http://127.0.0.1:9',
    KAFKA_BROKERS: '127.0.0.1:9',
    LYCEUM_ENGINE_TIMEOUT_SECONDS: '1',
  });
  expect(await started.ended).toBe(1);
  for (const [engine, variable] of [
    ['PostgreSQL', 'DATABASE_URL'],
    ['ClickHouse', 'CLICKHOUSE_URL'],
    ['Kafka', 'KAFKA_BROKERS'],
  ]) {
    expect(started.output()).toMatch(
      new RegExp(`${engine} at .*does not answer \\(tried for 1 s.*${variable}`),
    );
  }
  expect(started.output()).not.toContain('hidden');
});

/** A hash over names, contents and times of everything in a directory. */
function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const name of ['.', ...(readdirSync(folder, { recursive: true }) as string[]).sort()]) {
    const path = join(folder, name);
    const found = statSync(path);
    hash.update(`${name} ${found.mtimeMs} ${found.size}`);
    if (found.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** The `test` of jest where the attempt succeeds; else one that is skipped and says so, or fails where all is required. */
function whereAllowed(what: string, attempt: () => void) {
  try {
    attempt();
    return test;
  } catch (error) {
    if (process.env['LYCEUM_REQUIRE_ALL'] === '1') throw error;
    console.warn(`Skipped: this machine does not let the tests ${what}.`);
    return test.skip;
  }
}

function mountSmallDisk(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
}

/** The account that has no rights, by its numbers (passwd(5)). */
function nobody(): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((account) => account.startsWith('nobody:'));
  const [, , uid, gid] = (line ?? 'nobody:x:65534:65534').split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
