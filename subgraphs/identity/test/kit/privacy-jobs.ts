import { expect } from '@jest/globals';
import { eventually, type GraphQLClient } from '@lyceum/testing';

export interface Job {
  id: string;
  kind: string;
  state: string;
  user: { id: string; name: string } | null;
  requestedBy: { id: string } | null;
  finishedAt: string | null;
  archiveUrl: string | null;
  partsEnded: number;
  partsTotal: number;
  parts: {
    service: string;
    state: string;
    failure: string | null;
    report: { what: string; action: string; count: number; reason: string | null }[];
  }[];
}

export interface Answer {
  job: Job | null;
  userErrors: { code: string; field: string[] | null }[];
}

export const jobFields = `
  id kind state user { id name } requestedBy { id } finishedAt archiveUrl partsEnded partsTotal
  parts { service state failure report { what action count reason } }`;

export async function askForExport(ask: GraphQLClient, userId?: string): Promise<Answer> {
  const { data } = await ask<{ personalDataExport: Answer }>(
    `mutation ($input: PersonalDataExportInput!) {
      personalDataExport(input: $input) { job { ${jobFields} } userErrors { code field } }
    }`,
    { input: { userId } },
  );
  return data.personalDataExport;
}

export async function erase(ask: GraphQLClient, userId: string, email: string): Promise<Answer> {
  const { data } = await ask<{ personErase: Answer }>(
    `mutation ($input: PersonEraseInput!) {
      personErase(input: $input) { job { ${jobFields} } userErrors { code field } }
    }`,
    { input: { userId, email } },
  );
  return data.personErase;
}

export async function jobOf(ask: GraphQLClient, id: string): Promise<Job | null> {
  const { data } = await ask<{ privacyJob: Job | null }>(
    `query ($id: ID!) { privacyJob(id: $id) { ${jobFields} } }`,
    { id },
  );
  return (data as { privacyJob: Job | null } | null)?.privacyJob ?? null;
}

/** The job once it has ended so. */
export async function untilJob(ask: GraphQLClient, id: string, state: string): Promise<Job> {
  return eventually(
    async () => {
      const job = await jobOf(ask, id);
      expect(job).toMatchObject({ state });
      return job!;
    },
    { timeoutMs: 30_000 },
  );
}

export function fetchArchive(url: string, token: string, jobId: string): Promise<Response> {
  return fetch(`${url}/people/personal-data/${jobId}`, { headers: { authorization: `Bearer ${token}` } });
}

/** Each line, as the object that it is. */
export const linesOf = (text: string | undefined): Record<string, unknown>[] =>
  (text ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
