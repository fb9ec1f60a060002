import { readFile } from 'node:fs/promises';
import { StartError, type Logger, type Metrics } from '@lyceum/service';
import type { Generations } from './generations.ts';
import { loadSupergraph } from './loaded-supergraph.ts';
import { watchSupergraph } from './supergraph-file.ts';
import { openSupergraphUrl } from './supergraph-url.ts';

/** Where the supergraph comes from: a file that is watched, or an URL that is asked again and again. */
export type SupergraphSource =
  | { readonly file: string }
  | {
      readonly url: string;
      readonly token?: string | undefined;
      readonly intervalMs: number;
      readonly copy: string;
    };

export interface ServedSupergraph {
  readonly supergraphSdl: string;
  /** Replaces it whenever there is another. @returns how to stop */
  follow(gateway: { readonly generations: Generations; readonly metrics: Metrics }): () => void;
}

/** @throws StartError where there is none that can be served. */
export async function openSupergraph(source: SupergraphSource, logger: Logger): Promise<ServedSupergraph> {
  if ('file' in source) {
    return {
      supergraphSdl: await read(source.file),
      follow: ({ generations }) => watchSupergraph(source.file, logger, (sdl) => generations.replace(sdl)),
    };
  }
  const verify = (supergraphSdl: string) => loadSupergraph({ supergraphSdl, logger });
  const polled = await openSupergraphUrl({ ...source, verify, logger });
  return {
    supergraphSdl: polled.supergraphSdl,
    follow({ generations, metrics }) {
      const polls = metrics.counter({
        name: 'lyceum_gateway_supergraph_polls_total',
        help: 'How often the URL of the supergraph was asked, by what came of it.',
        labelNames: ['outcome'],
      });
      return polled.follow(generations, (outcome) => {
        polls.inc({ outcome });
      });
    },
  };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`The supergraph ${file} cannot be read. ${reason}`, { cause });
  }
}
