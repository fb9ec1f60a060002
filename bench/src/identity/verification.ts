import { createHash } from 'node:crypto';
import { viewerOf } from '@lyceum/graphql';
import { createTokenVerifier, type TokenVerifier } from '@lyceum/service';
import { createTestIssuer, type TestIssuer } from '@lyceum/testing';
// By path: what the gateway asks of each request, which it shows nobody.
import { createAccess } from '../../../gateway/src/access/access.ts';
import { createEndedSessions } from '../../../gateway/src/access/ended-sessions.ts';
import { endingAll } from '../ending/ending.ts';
import { median } from '../report/report.ts';
import type { Options } from './options.ts';
import type { Finding } from './part.ts';

const tokenCount = 1_000;
const verifications = 200_000;

type Verify = (header: string) => unknown;

/**
 * What it takes to know who asks: in the gateway, in a subgraph, with a token that was seen before and with a new one.
 * The bare limit is a digest of the token and a look-up by it.
 */
export function measureVerification({ runs }: Options): Promise<Finding[]> {
  return endingAll(async (endLater) => {
    const issuer = await createTestIssuer();
    endLater(() => issuer.close());
    const tokens = await Promise.all(Array.from({ length: tokenCount }, () => issuer.tokenFor()));
    const headers = tokens.map((token) => `Bearer ${token}`);
    const verifier = verifierOf(issuer);
    const access = createAccess({ verifier, ended: createEndedSessions() });
    const ways = {
      gateway: (header: string) => access.authenticate(header),
      subgraph: (header: string) => viewerOf(verifier, header),
      bare: bareLookUp(headers),
    };
    const taken = await inTurns(ways, headers, runs);
    const cold = await coldTimes(issuer, headers, runs);
    return findingsOf(taken, cold);
  });
}

const verifierOf = ({ issuer, jwksUrl }: TestIssuer): TokenVerifier =>
  createTokenVerifier({ issuer, jwksUrl, audience: 'lyceum' });

function bareLookUp(headers: readonly string[]): Verify {
  const digest = (header: string) => createHash('sha256').update(header).digest('base64');
  const known = new Map(headers.map((header) => [digest(header), header]));
  return (header) => known.get(digest(header));
}

type Taken = Record<'gateway' | 'subgraph' | 'bare', number[]>;

/** So that a slower minute of the machine falls on all. The first run warms up, and is not counted. */
async function inTurns(ways: Record<keyof Taken, Verify>, headers: readonly string[], runs: number) {
  const taken: Taken = { gateway: [], subgraph: [], bare: [] };
  for (let run = 0; run <= runs; run += 1) {
    for (const name of ['bare', 'gateway', 'subgraph'] as const) {
      const microseconds = await microsecondsEach(ways[name], headers, verifications);
      if (run > 0) taken[name].push(microseconds);
    }
  }
  return taken;
}

async function microsecondsEach(verify: Verify, headers: readonly string[], count: number): Promise<number> {
  const began = performance.now();
  for (let index = 0; index < count; index += 1) await verify(headers[index % headers.length] ?? '');
  return ((performance.now() - began) * 1_000) / count;
}

/** Of a verifier that has the keys, and has seen none of the tokens. */
async function coldTimes(issuer: TestIssuer, headers: readonly string[], runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const verifier = verifierOf(issuer);
    await verifier.verify(await issuer.tokenFor());
    const each = await microsecondsEach((header) => viewerOf(verifier, header), headers, headers.length);
    if (run > 0) times.push(each);
  }
  return times;
}

function findingsOf(taken: Taken, cold: readonly number[]): Finding[] {
  const bare = median(taken.bare);
  const finding = (where: keyof Taken, what: string): Finding => ({
    name: `verification.${where}.us`,
    what: `token verified in ${what}, µs`,
    measured: median(taken[where]),
    bare,
    target: '< 30',
  });
  return [
    finding('gateway', 'the gateway'),
    finding('subgraph', 'a subgraph'),
    { name: 'verification.cold.us', what: 'token met for the first time, µs', measured: median(cold) },
  ];
}
