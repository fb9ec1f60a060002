import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort, onFreePort } from '@lyceum/engines';

/** A broker of its own for a test: Apache Kafka in KRaft mode, with nothing in it. */
export interface RunningKafka {
  /** host:port, as KAFKA_BROKERS wants it. */
  readonly brokers: string;
  readonly pid: number;
  /** SIGKILL, and gone when this resolves; its data stay. */
  kill(): Promise<void>;
  /** Starts it again on what it has left, where it was: it has another pid then. */
  restart(): Promise<void>;
  /** Resolves when the process that runs now has ended. */
  ended(): Promise<void>;
  /** Ends it at once and deletes its data. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
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
  if (missing === undefined) return onFreePort(HOST, startBroker, isPortTaken);
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

/** A broker that ended before it listened, with its last words. */
class FailedStartError extends Error {
  override name = 'FailedStartError';
}

// Another process may have bound the port since it was found free.
function isPortTaken(error: unknown): boolean {
  return (
    error instanceof FailedStartError && /java\.net\.BindException|Address already in use/.test(error.message)
  );
}

/** Starts a broker on this port; rejects with its last words when it ends before it has started. */
export async function startBroker(port: number): Promise<RunningKafka> {
  const directory = await mkdtemp(join(tmpdir(), 'lyceum-kafka-'));
  const properties = join(directory, 'server.properties');
  await writeFile(properties, serverProperties(directory, port, await freePort(HOST)));
  // 16 bytes in base64, as Kafka's own random-uuid gives.
  await run(
    'java',
    java('kafka.tools.StorageTool', 'format', '-t', 'bHljZXVtLXRlc3RzLTAwMQ', '-c', properties),
  );
  let broker = await runBroker(directory).catch(async (error: unknown) => {
    await rm(directory, { recursive: true, force: true });
    throw error;
  });
  const kill = async () => {
    broker.process.kill('SIGKILL');
    await broker.ended;
  };
  return {
    brokers: `${HOST}:${port}`,
    get pid() {
      return broker.process.pid ?? 0;
    },
    kill,
    restart: async () => {
      broker = await runBroker(directory);
    },
    ended: () => broker.ended,
    stop: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Broker {
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
}

/** Runs a broker on a directory that is prepared; resolves when it has started. */
async function runBroker(directory: string): Promise<Broker> {
  const output = await open(join(directory, 'output.log'), 'w');
  // It ends with the run of the tests at the latest (jest/keep-run.mjs).
  const broker = spawn('java', java('kafka.Kafka', join(directory, 'server.properties')), {
    stdio: ['ignore', output.fd, output.fd],
  });
  await output.close();
  const ended = once(broker, 'exit').then(() => undefined);
  const said = () => readFile(join(directory, 'output.log'), 'utf8');
  try {
    await untilStarted(said, broker);
    return { process: broker, ended };
  } catch (error) {
    const lastWords = (await said()).slice(-4_000);
    broker.kill('SIGKILL');
    await ended;
    throw new FailedStartError(`Kafka did not start: ${lastWords}`, { cause: error });
  }
}

function java(...args: string[]): string[] {
  const frugal = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const log = '-Dorg.slf4j.simpleLogger';
  const levels = [`${log}.defaultLogLevel=warn`, `${log}.log.kafka.server.KafkaRaftServer=info`];
  return [...frugal, ...levels, '-cp', join(libraries, '*'), ...args];
}

function serverProperties(directory: string, port: number, controllerPort: number): string {
  const [broker, controller] = [`${HOST}:${port}`, `${HOST}:${controllerPort}`];
  return Object.entries({
    'node.id': 1,
    'process.roles': 'broker,controller',
    'controller.quorum.voters': `1@${controller}`,
    listeners: `PLAINTEXT://${broker},CONTROLLER://${controller}`,
    'advertised.listeners': `PLAINTEXT://${broker}`,
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

// Its own word counts: on its port somebody else may answer.
async function untilStarted(said: () => Promise<string>, broker: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await said()).includes('Kafka Server started')) {
    if (broker.exitCode !== null || broker.signalCode !== null)
      throw new Error(`it ended with ${broker.exitCode ?? broker.signalCode ?? ''}`);
    if (Date.now() > deadline) throw new Error(`it has not started after ${START_TIMEOUT_MS} ms`);
    await sleep(50);
  }
}
