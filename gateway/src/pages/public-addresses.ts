/** Where people find what the start page links to; absent what they cannot reach. */
export interface PublicAddresses {
  readonly xapi?: string;
  readonly jwks?: string;
  readonly clickhouse?: string;
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * The addresses that were set as public. While developing, also those on this very machine: a name of a network of
 * containers is nothing that a browser could open, nor does a production system tell where its parts are.
 */
export function publicAddresses(options: {
  configured: Readonly<Record<keyof PublicAddresses, string | undefined>>;
  internal: Required<PublicAddresses>;
  production: boolean;
}): PublicAddresses {
  const { configured, internal, production } = options;
  const names = Object.keys(internal) as (keyof PublicAddresses)[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const here = !production && isOnThisMachine(internal[name]) ? internal[name] : undefined;
      const address = configured[name] ?? here;
      return address === undefined ? [] : [[name, address]];
    }),
  );
}

export function isOnThisMachine(address: string): boolean {
  return loopback.test(new URL(address).hostname);
}
