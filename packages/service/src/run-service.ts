import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from './environment.ts';
import { withSourcePositions } from './source-positions.ts';
import { StartError } from './start-error.ts';

/** A service that was started. */
export interface RunningService {
  /** Where it is reached, for a service that listens. */
  readonly url?: string;
  /** Not ready, intake stopped, drained to a deadline, closed. */
  stop(): Promise<void>;
}

/** What a main.ts exports: a name, and how to start it from the environment. */
export interface Service {
  readonly name: string;
  start(): Promise<RunningService>;
}

/** sysexits.h EX_CONFIG: something was found in an unconfigured or misconfigured state. */
const exitMisconfigured = 78;
const stopDeadlineMs = 8_000;

/**
 * Runs one service as this process: started, stopped by a signal, its parent's end or a message; a crash exits 1. One
 * that is asked while it still starts is stopped as soon as it has: half-way through it may hold a process of its own,
 * as PostgreSQL's, that nobody else would end.
 */
export async function runService(service: Service): Promise<void> {
  process.on('uncaughtException', (error) => {
    crash(service, error);
  });
  process.on('unhandledRejection', (error) => {
    crash(service, error);
  });
  // Begun a moment later: by then there is somebody who hears that it is to stop.
  const started = Promise.resolve()
    .then(() => service.start())
    .catch((error: unknown) => fail(service, error));
  const asked = stopWhenAsked(service, started);
  const running = await started;
  if (!asked.aborted) tellParent({ type: 'ready', service: service.name, url: running.url });
}

/** True in the module that Node was started with: `if (isMain(import.meta)) await runService(service)`. */
export function isMain(meta: ImportMeta): boolean {
  const entry = process.argv[1];
  return entry !== undefined && realpathSync(entry) === fileURLToPath(meta.url);
}

/** @returns a signal that is aborted once the service was asked to stop */
function stopWhenAsked(service: Service, started: Promise<RunningService>): AbortSignal {
  const asked = new AbortController();
  const stop = () => {
    if (asked.signal.aborted) return;
    asked.abort();
    setTimeout(() => process.exit(1), stopDeadlineMs).unref();
    started
      .then((running) => running.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          crash(service, error);
        },
      );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // A service never outlives the supervisor that started it, which may have gone before anybody listened here.
  process.on('disconnect', stop);
  if (process.send && !process.connected) stop();
  process.on('message', (message) => {
    if (message === 'stop') stop();
  });
  return asked.signal;
}

/** A parent that is gone can't be told: `disconnect` follows, and stops the service. */
function tellParent(message: object): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

function fail(service: Service, error: unknown): never {
  process.stderr.write(`${service.name} could not start.\n${textOf(error)}\n`);
  process.exit(error instanceof EnvironmentError ? exitMisconfigured : 1);
}

function crash(service: Service, error: unknown): never {
  process.stderr.write(`${service.name} crashed.\n${textOf(error)}\n`);
  process.exit(1);
}

function textOf(error: unknown): string {
  if (error instanceof StartError) return error.message;
  return error instanceof Error ? withSourcePositions(error.stack ?? error.message) : String(error);
}
