import type { Client, Logger } from '@lyceum/service';
import { GraphQLError, type FormattedExecutionResult, type GraphQLFormattedError } from 'graphql';
import type { Access, Credentials } from '../access/access.ts';
import { createAdmission, type Renewal } from '../access/admission.ts';
import { formatAll, type ErrorFormatter } from '../requests/format-error.ts';
import { createBacklog } from './backlog.ts';
import { reasonsOf } from './ended.ts';
import type { OperationPayload } from './operation.ts';
import type { LiveLimits } from './live-limits.ts';
import { openContext } from './open-context.ts';
import type { OperationRunner, Results } from './run-operation.ts';
import type { Patience } from './upstream.ts';
import { createUpstreams } from './upstreams.ts';

/** How what comes of the operations is written to a client; each resolves once the next may be written. */
export interface ConnectionSink {
  next(id: string, result: FormattedExecutionResult): Promise<void>;
  /** The operation is over, and why. */
  error(id: string, errors: readonly GraphQLFormattedError[]): Promise<void>;
  complete(id: string): Promise<void>;
}

/** One client with many operations at a time: a socket, or an event stream in single connection mode. */
export interface Connection {
  readonly credentials: Credentials;
  /** What runs now. */
  ids(): readonly string[];
  has(id: string): boolean;
  /**
   * Runs the operation until it is over; the id is free again then, or once it is stopped.
   *
   * @param answered called once instead of the sink with why the operation may not run; without errors, when it does
   */
  start(id: string, payload: OperationPayload, answered?: Answered): Promise<void>;
  /** Nothing more is written for it, what was under way neither. */
  stop(id: string): void;
  /** Shows a new token of the same session; running subscriptions go on under its rights. */
  renew(header: string): Promise<Renewal>;
  /** Stops all, and tells nobody. */
  end(): void;
}

export type Answered = (errors?: readonly GraphQLError[]) => void;

/** What connections of one gateway share. */
export interface ConnectionOptions {
  readonly runner: OperationRunner;
  readonly access: Access;
  readonly format: ErrorFormatter;
  readonly patience: Patience;
  readonly limits: LiveLimits;
  readonly logger: Logger;
}

interface Running {
  stopped: boolean;
  results?: Results;
}

/** @param whose.over called once, when the client's token or session has ended, with the reason */
export function createConnection(
  options: ConnectionOptions,
  whose: { credentials: Credentials; client: Client; sink: ConnectionSink; over: (reason: string) => void },
): Connection {
  const { runner, access, format, patience, limits, logger } = options;
  const { client, sink, over } = whose;
  const admission = createAdmission({ access, credentials: whose.credentials, over });
  const upstreams = createUpstreams({
    authorization: () => admission.credentials.authorization,
    patience,
    logger,
  });
  const link = { upstreams, backlog: createBacklog(limits.waitingBytes) };
  const operations = new Map<string, Running>();
  let ended = false;

  async function run(
    id: string,
    running: Running,
    payload: OperationPayload,
    answered: Answered | undefined,
  ) {
    const results = await runner.run(payload, openContext(client, admission), link);
    if (!(Symbol.asyncIterator in results)) {
      await refuse(id, running, results, answered);
      return;
    }
    answered?.();
    running.results = results;
    if (running.stopped) await results.return();
    else await deliver(id, running, results);
  }

  async function refuse(
    id: string,
    running: Running,
    errors: readonly GraphQLError[],
    answered: Answered | undefined,
  ): Promise<void> {
    if (answered) answered(errors);
    else if (!running.stopped) await sink.error(id, formatAll(format, errors));
  }

  async function deliver(id: string, running: Running, results: Results): Promise<void> {
    try {
      for await (const result of results) {
        if (running.stopped) return;
        await sink.next(id, result);
      }
      if (!running.stopped) await sink.complete(id);
    } catch (error) {
      if (!running.stopped) await sink.error(id, formatAll(format, reasonsOf(error)));
    }
  }

  function stop(id: string): void {
    const running = operations.get(id);
    operations.delete(id);
    if (!running) return;
    running.stopped = true;
    void running.results?.return();
  }

  return {
    get credentials() {
      return admission.credentials;
    },
    ids: () => [...operations.keys()],
    has: (id) => operations.has(id),
    async start(id, payload, answered) {
      const running: Running = { stopped: false };
      // Whoever is verified while it ends must not leave behind what nobody would stop.
      if (ended) {
        answered?.([gone()]);
        return;
      }
      if (operations.size >= limits.operationsPerConnection) {
        await refuse(id, running, [tooMany(limits.operationsPerConnection)], answered);
        return;
      }
      operations.set(id, running);
      try {
        await run(id, running, payload, answered);
      } finally {
        // A client may use the id anew as soon as it has stopped what had it.
        if (operations.get(id) === running) operations.delete(id);
      }
    },
    stop,
    async renew(header) {
      const renewal = await admission.renew(header);
      if (renewal.outcome === 'renewed') upstreams.renew(renewal.rightsChanged);
      return renewal;
    },
    end() {
      ended = true;
      admission.leave();
      for (const id of [...operations.keys()]) stop(id);
    },
  };
}

function gone(): GraphQLError {
  return new GraphQLError('The connection has ended.', {
    extensions: { code: 'NOT_FOUND', http: { status: 404 } },
  });
}

function tooMany(limit: number): GraphQLError {
  return new GraphQLError(`No more than ${limit} operations may run on one connection at a time.`, {
    extensions: { code: 'TOO_MANY_OPERATIONS', limit, http: { status: 429 } },
  });
}
