import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientHeader, sealClient, developmentGatewaySecret } from '@lyceum/service';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { verifyChains } from '../src/domain/audit-chain.ts';
import { runIdentity, tryLogIn, withStore, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { sql } from './kit/sql.ts';

let identity: RunningIdentity;
let organisation: Organisation;

beforeAll(async () => {
  identity = await runIdentity();
  organisation = await identity.organisation('audited');
});
afterAll(() => identity.stop());

interface Act {
  readonly sequence: number;
  readonly act: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly actorKind: string;
  readonly actor: { id: string } | null;
  readonly sessionId: string | null;
  readonly subjectId: string | null;
  readonly changes: { field: string; before: string; after: string }[];
  readonly clientAddress: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly hash: string;
  readonly previousHash: string;
}

async function acts(admin: GraphQLClient, filter: object = {}, page: object = {}): Promise<Act[]> {
  const { data, errors } = await admin<{ auditEvents: { nodes: Act[] } }>(
    `query ($filter: AuditEventFilter, $first: Int, $last: Int, $after: String, $before: String) {
      auditEvents(filter: $filter, first: $first, last: $last, after: $after, before: $before) {
        nodes {
          sequence act outcome reason actorKind actor { id } sessionId subjectId
          changes { field before after } clientAddress userAgent requestId hash previousHash
        }
      }
    }`,
    { filter, ...page },
  );
  expect(errors).toBeUndefined();
  return data.auditEvents.nodes;
}

const create = (name: string, email: string) =>
  `mutation { userCreate(input: { name: "${name}", email: "${email}", password: "of nobody else" }) {
    user { id } userErrors { code }
  } }`;

describe('the audit log', () => {
  test('tells who did what to whom, what it changed, from where, and in which request', async () => {
    const { ask, userId, sessionId } = await organisation.member('ADMIN');
    const { data } = await ask<{ userCreate: { user: { id: string } } }>(
      create('Eve', 'eve@audited.example'),
    );
    const { id } = data.userCreate.user;
    const [act] = await acts(organisation.admin, { subjectId: id });
    expect(act).toMatchObject({
      act: 'user.create',
      outcome: 'DONE',
      reason: null,
      actorKind: 'USER',
      actor: { id: userId },
      sessionId,
      changes: [
        { field: 'email', before: 'null', after: '"eve@audited.example"' },
        { field: 'roles', before: '[]', after: '["LEARNER"]' },
      ],
      clientAddress: '127.0.0.1',
      requestId: expect.stringMatching(/./),
    });
    expect(JSON.stringify(act)).not.toContain('of nobody else');
  });

  test('names the client that the gateway forwards for, and believes nobody else', async () => {
    const input = { email: 'eve@audited.example', password: 'a wrong one' };
    const forwarded = { address: '203.0.113.7', userAgent: 'A Browser/1' };
    const refusedFrom = async (secret: string) => {
      await fetch(`${identity.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [clientHeader]: sealClient(forwarded, secret) },
        body: JSON.stringify({
          query:
            'mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) { userErrors { code } } }',
          variables: { input },
        }),
      });
      return (await acts(organisation.admin, { act: 'session.create', outcome: 'REFUSED' }))[0];
    };
    const refusal = { reason: 'CREDENTIALS_REFUSED', actorKind: 'VISITOR', actor: null };
    expect(await refusedFrom(developmentGatewaySecret)).toMatchObject({
      ...refusal,
      clientAddress: '203.0.113.7',
      userAgent: 'A Browser/1',
    });
    expect(await refusedFrom('the secret of somebody')).toMatchObject({
      ...refusal,
      clientAddress: '127.0.0.1',
    });
  });

  test('has no act of a change that did not come to be', async () => {
    const before = await acts(organisation.admin, { act: 'user.create' });
    const { data } = await organisation.admin<{ userCreate: object }>(create('Eve', 'eve@audited.example'));
    expect(data.userCreate).toMatchObject({ userErrors: [{ code: 'EMAIL_TAKEN' }] });
    expect(await acts(organisation.admin, { act: 'user.create' })).toEqual(before);
  });

  test('is read in pages, the newest first, and from its end', async () => {
    const all = await acts(organisation.admin, {}, { first: 100 });
    const sequences = all.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, place) => sequences.length - place));
    expect((await acts(organisation.admin, {}, { last: 2 })).map(({ sequence }) => sequence)).toEqual([2, 1]);
    const until = new Date(Date.now() + 60_000).toISOString();
    expect(await acts(organisation.admin, { since: until })).toEqual([]);
    expect(await acts(organisation.admin, { until }, { first: 100 })).toEqual(all);
  });

  test('is read by administrators of the organisation alone', async () => {
    const elsewhere = await identity.organisation('not-audited');
    expect((await acts(elsewhere.admin)).every(({ act }) => act === 'session.create')).toBe(true);
    const { ask } = await organisation.member('AUTHOR', 'INSTRUCTOR', 'LEARNER');
    const { errors } = await ask('{ auditEvents { nodes { id } } }');
    expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  });

  test('links acts that are done at the same moment', async () => {
    const addresses = Array.from({ length: 12 }, (_, place) => `same-moment-${place}@audited.example`);
    await Promise.all(addresses.map((email) => organisation.admin(create('Same', email))));
    const all = (await acts(organisation.admin, {}, { first: 100 })).reverse();
    all.reduce((before, act) => {
      expect(act.previousHash).toBe(before);
      return act.hash;
    }, '');
    expect(await withStore(identity.databaseUrl, verifyChains)).toMatchObject({ faults: [] });
  });

  test('says as little of an address without an account as of one with', async () => {
    const visitor = graphqlClient(identity.url);
    await tryLogIn(visitor, { email: 'nobody@audited.example', password: 'a wrong one' });
    const kept = await sql<{ event: string }>(
      identity.databaseUrl,
      `SELECT event FROM audit_event WHERE organisation_id = '' ORDER BY sequence DESC LIMIT 1`,
    );
    expect(JSON.parse(kept[0]?.event ?? '')).toMatchObject({ act: 'session.create', subjectId: null });
    expect(kept[0]?.event).not.toContain('nobody@');
  });
});

describe('the role that the service works as', () => {
  const role = () =>
    `-c role=${new URL(serviceDatabaseUrl(identity.databaseUrl, 'identity')).pathname.slice(1)}_service`;

  test.each([
    [`UPDATE audit_event SET act = 'user.praise'`],
    ['DELETE FROM audit_event'],
    ['TRUNCATE audit_event'],
    [`INSERT INTO audit_event SELECT * FROM audit_event LIMIT 1`],
    [`UPDATE audit_chain SET hash = ''`],
    ['DELETE FROM audit_chain'],
    ['DROP TABLE audit_event'],
    ['ALTER TABLE audit_event DISABLE TRIGGER ALL'],
  ])('may not %s', async (statement) => {
    await expect(sql(identity.databaseUrl, statement, [], role())).rejects.toThrow(
      /permission denied|must be owner/,
    );
  });

  test('is not the one that the tables belong to, and even that one only adds', async () => {
    const current = await sql(identity.databaseUrl, 'SELECT current_user AS name', [], role());
    expect(current).toEqual([{ name: expect.stringMatching(/_service$/) }]);
    await expect(sql(identity.databaseUrl, 'DELETE FROM audit_event')).rejects.toThrow('append-only');
  });
});

describe('verifying', () => {
  /** Past everything: as who has taken over the database. */
  const tampered = async (statement: string) => {
    const off = 'ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only';
    const on = 'ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only';
    // One message is one transaction.
    await sql(identity.databaseUrl, `${off}; ${statement}; ${on}`);
    return withStore(identity.databaseUrl, verifyChains);
  };

  test.each([
    [
      'changed',
      `UPDATE audit_event SET event = replace(event, 'DONE', 'done') WHERE `,
      'not that of what it says',
    ],
    [
      'changed in a column that is looked for',
      `UPDATE audit_event SET act = 'user.praise' WHERE `,
      'columns',
    ],
    ['taken out', 'DELETE FROM audit_event WHERE ', 'rows 2 to 2 are missing'],
  ])('finds the first row that was %s', async (slug, change, reason) => {
    const { id } = await identity.organisation(`tampered-${slug.replaceAll(' ', '-')}`);
    await tryLogIn(graphqlClient(identity.url), { email: 'x', password: 'x' });
    const another = `SELECT audit_append('{"id":"a","organisationId":"${id}","occurredAt":"2026-01-01T00:00:00.000Z","act":"a.b","outcome":"DONE","actor":{"id":null},"subjectId":null}')`;
    await sql(identity.databaseUrl, `${another}; ${another}; ${another}`);
    const { faults } = await tampered(`${change} organisation_id = '${id}' AND sequence = 2`);
    const found = faults.filter(({ organisationId }) => organisationId === id);
    expect(found).toEqual([
      { organisationId: id, sequence: expect.anything(), reason: expect.stringContaining(reason) },
    ]);
  });

  test('finds that the end was taken off', async () => {
    const { id } = await identity.organisation('cut');
    const { faults } = await tampered(
      `DELETE FROM audit_event WHERE organisation_id = '${id}' AND sequence = 1`,
    );
    expect(faults).toContainEqual({ organisationId: id, sequence: 0n, reason: 'rows 1 to 1 are missing' });
  });
});
