import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError, type Logger } from '@lyceum/service';
import type { Generations } from './generations.ts';

export interface SupergraphUrlOptions<T> {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  /** Where the last one that was served is kept: a start does not depend on whoever serves the URL. */
  readonly copy: string;
  readonly intervalMs: number;
  readonly timeoutMs?: number;
  /** Of the supergraph. */
  readonly mostBytes?: number;
  /** Makes what serves it; rejects where it cannot be served. */
  readonly begin: (supergraphSdl: string) => Promise<T>;
  readonly logger: Logger;
}

/** What came of asking: `unchanged` is the one that is served, or was refused, already. */
export type PollOutcome = 'replaced' | 'unchanged' | 'refused' | 'failed';

export interface SupergraphUrl<T> {
  /** What `begin` has made of the URL's, or else of the copy. */
  readonly begun: T;
  /** Asks again and again from now on. @returns how to stop */
  readonly follow: (
    generations: Pick<Generations, 'replace'>,
    observe: (outcome: PollOutcome) => void,
  ) => () => void;
}

/** What was answered: undefined where nothing has changed. */
interface Fetched {
  readonly text: string;
  readonly etag: string | null;
}

/**
 * The supergraph of an URL, asked for with If-None-Match (RFC 9110, 13.1.2). One that is not served, for whatever reason,
 * leaves the current one as it is, and is looked at again once it is another.
 *
 * @throws StartError where neither the URL nor the copy has one that can be served
 */
export async function openSupergraphUrl<T>(options: SupergraphUrlOptions<T>): Promise<SupergraphUrl<T>> {
  const { url, copy, begin, logger } = options;
  let known: Fetched | undefined;

  async function fromUrl(): Promise<T> {
    const fetched = await fetchSupergraph(options, undefined);
    if (!fetched) throw new Error('it answers 304, though nothing is known yet');
    const begun = await begin(fetched.text);
    known = fetched;
    await keep(fetched.text);
    return begun;
  }

  async function fromCopy(reason: unknown): Promise<T> {
    try {
      const begun = await begin(await readFile(copy, 'utf8'));
      logger.warn({ err: reason, url, copy }, 'the supergraph cannot be had now: the last one is served');
      return begun;
    } catch (error) {
      const said = `The supergraph ${url} cannot be served: ${messageOf(reason)}. Nor can the last one, ${copy}: ${messageOf(error)}.`;
      throw new StartError(said, { cause: reason });
    }
  }

  /** Renamed into its place: a start finds a whole one, or the one before. */
  async function keep(text: string): Promise<void> {
    try {
      await mkdir(dirname(copy), { recursive: true });
      await writeFile(`${copy}.next`, text);
      await rename(`${copy}.next`, copy);
    } catch (error) {
      logger.warn({ err: error, copy }, 'the supergraph is served, but no copy of it could be kept');
    }
  }

  async function poll(generations: Pick<Generations, 'replace'>): Promise<PollOutcome> {
    const fetched = await fetchSupergraph(options, known?.etag ?? undefined);
    if (!fetched || fetched.text === known?.text) return 'unchanged';
    const outcome = await generations.replace(fetched.text);
    known = fetched;
    if (outcome === 'replaced') await keep(fetched.text);
    return outcome;
  }

  return {
    begun: await fromUrl().catch(fromCopy),
    follow(generations, observe) {
      const stopping = new AbortController();
      let failure = '';
      const run = async () => {
        for (;;) {
          await delay(options.intervalMs * (0.9 + Math.random() / 5), undefined, { signal: stopping.signal });
          const outcome = await poll(generations).catch((error: unknown) => {
            // Said once, not every ten seconds.
            if (messageOf(error) !== failure)
              logger.warn({ err: error, url }, 'the supergraph cannot be asked for');
            failure = messageOf(error);
            return 'failed' as const;
          });
          if (outcome !== 'failed') failure = '';
          observe(outcome);
        }
      };
      run().catch(() => undefined);
      return () => {
        stopping.abort();
      };
    },
  };
}

/** @throws Error that says what is wrong with the answer */
async function fetchSupergraph(
  {
    url,
    token,
    timeoutMs = 10_000,
    mostBytes = 16 * 2 ** 20,
  }: Pick<SupergraphUrlOptions<unknown>, 'url' | 'token' | 'timeoutMs' | 'mostBytes'>,
  etag: string | undefined,
): Promise<Fetched | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, {
    headers: {
      accept: 'text/plain, application/graphql, */*;q=0.1',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
    },
    signal,
  }).catch((error: unknown) => {
    throw signal.aborted ? new Error(`it did not answer within ${timeoutMs} ms`) : error;
  });
  if (response.status === 304) {
    await response.body?.cancel();
    return undefined;
  }
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`it answers ${response.status}`);
  }
  const text = await textWithin(response, mostBytes).catch((error: unknown) => {
    throw signal.aborted ? new Error(`it was not whole within ${timeoutMs} ms`) : error;
  });
  return { text, etag: response.headers.get('etag') };
}

async function textWithin(response: Response, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // What breaks off here is cancelled by leaving the loop.
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > mostBytes) throw new Error(`it is larger than ${mostBytes} bytes`);
    chunks.push(chunk as Uint8Array);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Of a connection that failed, fetch says so in the cause alone.
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
