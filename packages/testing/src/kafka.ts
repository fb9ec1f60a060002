import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A broker of its own for a test: Apache Kafka in KRaft mode, with nothing in it. */
export interface RunningKafka {
  /** host:port, as KAFKA_BROKERS wants it. */
  readonly brokers: string;
  readonly pid: number;
  /** Ends it at once and deletes its data. */
  stop(): Promise<void>;
}

const VERSION = '4.1.0';
const repository = join(import.meta.dirname, '../../..');
const cache = join(repository, '.cache/kafka', VERSION);
const libraries = join(cache, 'libs');
const START_TIMEOUT_MS = 60_000;

const run = promisify(execFile);

/**
 * Starts a real Apache Kafka, fetched with Maven the first time. Gives null, and prints why, where that is not
 * possible; with LYCEUM_REQUIRE_ALL=1 it rejects instead.
 */
export async function startKafka(): Promise<RunningKafka | null> {
  const missing = whatIsMissing() ?? (await fetchLibraries());
  if (missing === undefined) return start();
  const reason = `Apache Kafka can't be started for the tests: ${missing}`;
  if (process.env['LYCEUM_REQUIRE_ALL'] === '1') throw new Error(reason);
  console.warn(`Skipped: ${reason}`);
  return null;
}

function whatIsMissing(): string | undefined {
  if (!answers('java', '-version')) return 'java is not installed';
  if (!existsSync(libraries) && !answers('mvn', '-version')) return 'mvn is not installed';
  return undefined;
}

function answers(command: string, argument: string): boolean {
  try {
    execFileSync(command, [argument], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Puts Kafka's jars in the cache, whole or not at all. Gives the reason when Maven could not. */
async function fetchLibraries(): Promise<string | undefined> {
  if (existsSync(libraries)) return undefined;
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    await writeFile(join(draft, 'pom.xml'), pom());
    const goal = [
      'dependency:copy-dependencies',
      `-DoutputDirectory=${draft}/libs`,
      '-DincludeScope=runtime',
    ];
    await run('mvn', ['-q', '-B', '-f', join(draft, 'pom.xml'), ...goal]);
    // Another test may have been first.
    await rename(join(draft, 'libs'), libraries).catch(() => undefined);
    return undefined;
  } catch {
    return 'mvn could not fetch it';
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function pom(): string {
  const dependency = (group: string, artifact: string, version: string) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>lyceum</groupId><artifactId>kafka-for-tests</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
${dependency('org.apache.kafka', 'kafka_2.13', VERSION)}
${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}
</dependencies></project>`;
}

async function start(): Promise<RunningKafka> {
  const directory = await mkdtemp(join(tmpdir(), 'lyceum-kafka-'));
  const [port, controllerPort] = await Promise.all([freePort(), freePort()]);
  const properties = join(directory, 'server.properties');
  await writeFile(properties, serverProperties(directory, port, controllerPort));
  // 16 bytes in base64, as Kafka's own random-uuid gives.
  await run(
    'java',
    java('kafka.tools.StorageTool', 'format', '-t', 'bHljZXVtLXRlc3RzLTAwMQ', '-c', properties),
  );
  const output = await open(join(directory, 'output.log'), 'w');
  const broker = spawn('java', java('kafka.Kafka', properties), { stdio: ['ignore', output.fd, output.fd] });
  await output.close();
  const ended = once(broker, 'exit');
  // Nothing outlives the tests, however they end.
  const killNow = () => void broker.kill('SIGKILL');
  process.once('exit', killNow);
  const stop = async () => {
    process.removeListener('exit', killNow);
    killNow();
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilListening(port, broker);
  } catch (error) {
    const tail = (await readFile(join(directory, 'output.log'), 'utf8')).slice(-2_000);
    await stop();
    throw new Error(`Kafka did not start: ${tail}`, { cause: error });
  }
  return { brokers: `127.0.0.1:${port}`, pid: broker.pid ?? 0, stop };
}

function java(...args: string[]): string[] {
  const frugal = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  return [...frugal, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', join(libraries, '*'), ...args];
}

function serverProperties(directory: string, port: number, controllerPort: number): string {
  return Object.entries({
    'node.id': 1,
    'process.roles': 'broker,controller',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(directory, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'auto.create.topics.enable': false,
    // What takes minutes on a server must take moments in a test.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'log.retention.check.interval.ms': 200,
    'log.initial.task.delay.ms': 200,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
  })
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}

async function untilListening(port: number, broker: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isListening(port))) {
    if (broker.exitCode !== null) throw new Error(`it ended with ${broker.exitCode}`);
    if (Date.now() > deadline)
      throw new Error(`nothing listens on port ${port} after ${START_TIMEOUT_MS} ms`);
    await sleep(50);
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => {
      settle(true);
    });
    socket.once('error', () => {
      settle(false);
    });
  });
}
