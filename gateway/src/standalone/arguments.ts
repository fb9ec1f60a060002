import { parseArgs } from 'node:util';
import { StartError } from '@lyceum/service';

/** What is asked of a gateway alone. */
export interface StandaloneArguments {
  readonly supergraph: string;
  readonly port?: number;
  readonly host?: string;
}

const usage = `Usage: npm start --workspace gateway -- --supergraph FILE [--port N] [--host ADDRESS]

  --supergraph FILE  the composed graph (SDL with @join__ directives); loaded anew when it changes
  --port N           where it listens; 4000 (or PORT) unless said
  --host ADDRESS     the interface; 127.0.0.1 (or HOST) unless said

Without arguments, it is the gateway of the whole system. See gateway/README.md, "Alone".`;

/** @throws StartError that says what is wrong, and the usage. */
export function parseStandaloneArguments(given: readonly string[]): StandaloneArguments {
  const { supergraph, port, host } = valuesOf(given);
  if (!supergraph) throw misused('--supergraph must name a file.');
  return {
    supergraph,
    ...(port === undefined ? {} : { port: portOf(port) }),
    ...(host === undefined ? {} : { host }),
  };
}

function valuesOf(given: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { supergraph: text, port: text, host: text };
  try {
    return parseArgs({ args: [...given], options }).values;
  } catch (error) {
    throw misused(error instanceof Error ? error.message : String(error));
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw misused(`--port must be a port, 0 to 65535: "${text}"`);
  return port;
}

function misused(reason: string): StartError {
  return new StartError(`${reason}\n\n${usage}`);
}
