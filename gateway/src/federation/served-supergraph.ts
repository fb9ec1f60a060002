import { readFile } from 'node:fs/promises';
import { StartError, type Logger, type Metrics } from '@lyceum/service';
import type { Generations } from './generations.ts';
import { openSupergraphUrl } from './supergraph-url.ts';
import { watchFile } from './watch-file.ts';

/** Where the supergraph comes from: a file that is watched, or an URL that is asked again and again. */
export type SupergraphSource =
  | {
      readonly file: string;
      /** What to do where it cannot be read. */
      readonly advice?: string;
    }
  | {
      readonly url: string;
      readonly token?: string | undefined;
      readonly intervalMs: number;
      readonly copy: string;
    };

/** What of a gateway a supergraph is followed by. */
interface Server {
  readonly generations: Generations;
  readonly metrics: Metrics;
}

export interface ServedSupergraph<G extends Server> {
  readonly gateway: G;
  /** Replaces the supergraph whenever there is another. @returns how to stop */
  readonly follow: () => () => void;
}

/**
 * @param create makes the gateway of a supergraph, and rejects where it cannot be served
 * @throws StartError where there is none; what `create` does with that of a file
 */
export async function serveSupergraph<G extends Server>(
  source: SupergraphSource,
  logger: Logger,
  create: (supergraphSdl: string) => Promise<G>,
): Promise<ServedSupergraph<G>> {
  if ('file' in source) {
    const { file } = source;
    const gateway = await create(await read(source));
    const onChange = (sdl: string) => gateway.generations.replace(sdl);
    return { gateway, follow: () => watchFile(file, { logger, what: 'supergraph', onChange }) };
  }
  const { begun: gateway, follow } = await openSupergraphUrl({ ...source, begin: create, logger });
  const polls = gateway.metrics.counter({
    name: 'lyceum_gateway_supergraph_polls_total',
    help: 'How often the URL of the supergraph was asked, by what came of it.',
    labelNames: ['outcome'],
  });
  return {
    gateway,
    follow: () =>
      follow(gateway.generations, (outcome) => {
        polls.inc({ outcome });
      }),
  };
}

async function read({ file, advice }: { readonly file: string; readonly advice?: string }): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const told = `The supergraph ${file} cannot be read. ${reason}${advice === undefined ? '' : `. ${advice}`}`;
    throw new StartError(told, { cause });
  }
}
