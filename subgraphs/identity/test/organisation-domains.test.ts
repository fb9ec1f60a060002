import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { register, setRegistration, verify } from './kit/account-flows.ts';
import { act } from './kit/acting.ts';
import { startDnsServer, type DnsServer, type TxtAnswer } from './kit/dns-server.ts';
import { runIdentity, withStore, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { newestMail, tokenIn } from './kit/mailbox.ts';
import { personOf } from '../src/domain/sign-on/federated-people.ts';
import { identityEvents } from '../src/events/identity-events.ts';

let dns: DnsServer;
let identity: RunningIdentity;
let north: Organisation;
let south: Organisation;
let domains = 0;

beforeAll(async () => {
  dns = await startDnsServer();
  identity = await runIdentity({ DNS_SERVERS: dns.address, DNS_TIMEOUT_MS: '200' });
  north = await identity.organisation('north');
  south = await identity.organisation('south');
});
afterAll(async () => {
  await identity.stop();
  await dns.stop();
});

interface Shown {
  domain: { id: string; domain: string; verifiedAt: string | null; recordName: string; recordValue: string };
}

const shown = 'domain { id domain verifiedAt recordName recordValue }';
const newDomain = () => `school-${(domains += 1)}.example`;
const claim = (client: GraphQLClient, domain: string) =>
  act<Shown>(client, 'organisationDomainClaim', { domain }, shown);
const check = (client: GraphQLClient, domainId: string) =>
  act<Shown>(client, 'organisationDomainVerify', { domainId }, shown);

/** A domain that the organisation has verified. */
async function verifiedBy(client: GraphQLClient, domain = newDomain()): Promise<string> {
  const { domain: claimed } = await claim(client, domain);
  dns.say(domain, [claimed.recordValue]);
  expect((await check(client, claimed.id)).userErrors).toEqual([]);
  return domain;
}

describe('a mail domain', () => {
  test('is claimed, and verified by the record that was told', async () => {
    const name = newDomain();
    const { domain } = await claim(north.admin, ` @${name.toUpperCase()} `);
    expect(domain).toMatchObject({ domain: name, verifiedAt: null, recordName: name });
    expect(domain.recordValue).toMatch(/^lyceum-verification=[\w-]{32}$/);
    expect((await claim(north.admin, name)).domain).toEqual(domain);
    // A record comes in parts, among others.
    const { recordValue } = domain;
    dns.say(name, ['v=spf1 -all', [recordValue.slice(0, 9), recordValue.slice(9)]]);
    const verified = await check(north.admin, domain.id);
    expect(verified).toMatchObject({
      domain: { ...domain, verifiedAt: expect.stringMatching(/^20/) },
      userErrors: [],
    });
    expect((await check(north.admin, domain.id)).domain).toEqual(verified.domain);
    const { data } = await north.admin<{ viewer: { organisation: { domains: { nodes: object[] } } } }>(
      '{ viewer { organisation { domains(first: 100) { nodes { domain } totalCount } } } }',
    );
    expect(data.viewer.organisation.domains.nodes).toContainEqual({ domain: name });
    const acts = await north.admin(
      'query ($id: ID!) { auditEvents(filter: { subjectId: $id }) { nodes { act } } }',
      { id: domain.id },
    );
    expect(acts.data).toEqual({
      auditEvents: {
        nodes: [
          { act: 'organisation.domain.verify' },
          { act: 'organisation.domain.verify' },
          { act: 'organisation.domain.claim' },
        ],
      },
    });
  });

  test.each<[string, TxtAnswer, RegExp]>([
    ['is not there', 'NXDOMAIN', /knows no domain/],
    ['has no such record', [], /no TXT record yet/],
    [
      'has the record of somebody else',
      ['lyceum-verification=another'],
      /No TXT record of .* says lyceum-verification=/,
    ],
    ['is answered for by nobody', 'SILENCE', /did not answer .* in time/],
    ['can not be asked for', 'SERVFAIL', /can't be asked/],
  ])('that %s is not verified, and the answer says why', async (_case, answer, message) => {
    const name = newDomain();
    const { domain } = await claim(north.admin, name);
    dns.say(name, answer);
    expect(await check(north.admin, domain.id)).toMatchObject({
      domain: null,
      userErrors: [
        { code: 'DOMAIN_UNVERIFIED', field: ['input', 'domainId'], message: expect.stringMatching(message) },
      ],
    });
    expect(dns.asked).toContain(name);
  });

  test('may be claimed by many, and is one’s: who was first gives it up before the other has it', async () => {
    const name = newDomain();
    const [ours, theirs] = [(await claim(north.admin, name)).domain, (await claim(south.admin, name)).domain];
    expect(ours.recordValue).not.toBe(theirs.recordValue);
    dns.say(name, [ours.recordValue, theirs.recordValue]);
    const answers = await Promise.all([check(north.admin, ours.id), check(south.admin, theirs.id)]);
    expect(answers.map(({ userErrors }) => userErrors[0]?.code ?? 'verified').sort()).toEqual([
      'CONFLICT',
      'verified',
    ]);
    const northHasIt = answers[0].userErrors.length === 0;
    const [holder, other] = northHasIt ? [north, south] : [south, north];
    const [held, wanted] = northHasIt ? [ours, theirs] : [theirs, ours];
    const removed = await act(holder.admin, 'organisationDomainRemove', { domainId: held.id }, 'domainId');
    expect(removed).toEqual({ domainId: held.id, userErrors: [] });
    expect(await check(other.admin, wanted.id)).toMatchObject({ userErrors: [] });
  });

  test('is for administrators to claim, of no form that is none', async () => {
    expect(await claim(north.admin, 'no domain')).toMatchObject({ userErrors: [{ code: 'INVALID' }] });
    const { ask } = await north.member('AUTHOR');
    await expect(claim(ask, newDomain())).rejects.toThrow('organisation.domain.update');
    const { errors } = await ask('{ viewer { organisation { domains { totalCount } } } }');
    expect(errors).toMatchObject([{ extensions: { missing: 'organisation.domain.read' } }]);
  });
});

describe('a domain that another organisation has verified', () => {
  const visitor = () => graphqlClient(identity.url);
  const password = 'their own words';

  test('registers nobody elsewhere, and is in no settings there', async () => {
    const domain = await verifiedBy(north.admin);
    const refused = { organisation: null, userErrors: [{ code: 'INVALID', field: ['input', 'domains'] }] };
    expect(await setRegistration(south.admin, 'BY_DOMAIN', [domain])).toMatchObject(refused);
    expect(await setRegistration(north.admin, 'BY_DOMAIN', [domain])).toMatchObject({ userErrors: [] });
    const provider = {
      name: 'P',
      issuer: 'https://login.example.org',
      clientId: 'c',
      clientSecret: 's',
      domains: [domain],
    };
    const made = 'identityProvider { id }';
    expect(await act(south.admin, 'identityProviderCreate', provider, made)).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['input', 'domains'] }],
    });
    const { identityProvider } = await act<{ identityProvider: { id: string } }>(
      south.admin,
      'identityProviderCreate',
      { ...provider, domains: [] },
      made,
    );
    const change = { id: identityProvider.id, domains: [domain] };
    expect(await act(south.admin, 'identityProviderUpdate', change, made)).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['input', 'domains'] }],
    });
  });

  test('lets nobody in where it was named before it was verified', async () => {
    const domain = newDomain();
    await setRegistration(south.admin, 'BY_DOMAIN', [domain]);
    const early = `early@${domain}`;
    const applicant = { organisation: 'south', name: 'New', email: early, password };
    await register(visitor(), applicant);
    const token = tokenIn(await newestMail(identity, early));
    await verifiedBy(north.admin, domain);
    const refused = { userErrors: [{ code: 'REGISTRATION_REFUSED' }] };
    expect(await verify(visitor(), token, password)).toMatchObject(refused);
    expect(await register(visitor(), { ...applicant, email: `late@${domain}` })).toMatchObject(refused);
  });

  test('lets nobody new in by single sign-on where it was named before', async () => {
    const domain = newDomain();
    const provider = {
      id: newId('idp'),
      organisationId: south.id,
      name: 'P',
      issuer: 'https://login.example.org',
      clientId: 'c',
      sealedClientSecret: 's',
      domains: [domain],
      roleClaim: null,
      roleMapping: [],
      defaultRoles: ['LEARNER'],
      enabled: true,
    };
    const comes = (sub: string) =>
      withStore(identity.databaseUrl, async (store) => {
        const claims = { sub, email: `${sub}@${domain}`, email_verified: true } as unknown as Parameters<
          typeof personOf
        >[3];
        const made =
          (await store.identityProviders.selectOptional(provider.id)) ??
          (await store.identityProviders.insert(provider));
        return store.transaction((tx) => personOf(tx, identityEvents, made, claims));
      });
    const known = await comes('early');
    await verifiedBy(north.admin, domain);
    await expect(comes('late')).rejects.toMatchObject({ fault: 'domain_not_allowed' });
    // Who is in stays in.
    expect(await comes('early')).toBe(known);
  });
});
