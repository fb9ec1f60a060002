import { expect } from '@jest/globals';
import { eventually, type GraphQLClient } from '@lyceum/testing';

export interface UserImport {
  readonly state: string;
  readonly failure: string | null;
  readonly rows: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly faultyRows: number;
  readonly faultCount: number;
  readonly faults: { readonly nodes: readonly { line: number; column: string | null; reason: string }[] };
}

/** Sends a file of people as an administrator's browser or script does. */
export function sendFile(
  url: string,
  token: string,
  file: string | Uint8Array<ArrayBuffer>,
  query: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/people/import?${new URLSearchParams(query).toString()}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
    body: file,
  });
}

const progress = `query ($id: ID!) {
  userImport(id: $id) {
    state failure rows created updated unchanged faultyRows faultCount faults(first: 100) { nodes { line column reason } }
  }
}`;

export async function importOf(ask: GraphQLClient, id: string): Promise<UserImport> {
  return (await ask<{ userImport: UserImport }>(progress, { id })).data.userImport;
}

/** How an import ended. */
export function endOfImport(ask: GraphQLClient, id: string): Promise<UserImport> {
  return eventually(
    async () => {
      const userImport = await importOf(ask, id);
      expect(['COMPLETED', 'FAILED']).toContain(userImport.state);
      return userImport;
    },
    { timeoutMs: 60_000 },
  );
}
