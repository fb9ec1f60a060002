import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ROLES } from '@lyceum/service';
import { graphqlClient, statementsOfTables, type GraphQLClient } from '@lyceum/testing';
import {
  accept,
  askForAddress,
  confirmAddress,
  invite,
  register,
  requestReset,
  reset,
  setRegistration,
  verify,
} from './kit/account-flows.ts';
import { startDnsServer, type DnsServer } from './kit/dns-server.ts';
import { logIn, runIdentity, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { newestMail, tokenIn } from './kit/mailbox.ts';
import { createObjects } from './kit/tenancy-objects.ts';
import { operations } from './kit/tenancy-operations.ts';

let dns: DnsServer;
let identity: RunningIdentity;
let stranger: Organisation;

beforeAll(async () => {
  dns = await startDnsServer();
  identity = await runIdentity({ DNS_SERVERS: dns.address });
  stranger = await identity.organisation('stranger');
});
afterAll(async () => {
  await identity.stop();
  await dns.stop();
});

/** Every way that leads through a link in a mail. */
async function walkThroughMails(admin: GraphQLClient, visitor: GraphQLClient): Promise<void> {
  await setRegistration(admin, 'OPEN');
  const [email, guest] = ['walker@lyceum.example', 'walking-guest@lyceum.example'];
  const given = { organisation: stranger.slug, name: 'Walker', email, password: 'lyceum-demo' };
  await register(visitor, given);
  await verify(visitor, tokenIn(await newestMail(identity, email)), 'lyceum-demo');
  await requestReset(visitor, { email });
  await reset(visitor, tokenIn(await newestMail(identity, email, 2)), 'lyceum-demo-2');
  const { accessToken } = await logIn(visitor, email, 'lyceum-demo-2');
  await askForAddress(graphqlClient(identity.url, accessToken), `new-${email}`, 'lyceum-demo-2');
  await confirmAddress(visitor, tokenIn(await newestMail(identity, `new-${email}`)));
  await invite(admin, { email: guest });
  await accept(visitor, tokenIn(await newestMail(identity, guest)), 'Guest', 'lyceum-demo');
}

/**
 * Accounts are no organisation's; and none is known yet of who logs in, registers, asks for a link, or shows a refresh
 * token, the token of a link, a passkey, or the token of a login that awaits one. Of a person the links are voided, and
 * the organisations counted, wherever they are.
 */
const ofNoOrganisation = [
  // What is in a file is its import's, which was looked up in the organisation; the worker takes on any's.
  /(FROM|INTO) "public"\."people_import_(fault|piece)" /,
  /UPDATE people_import SET state = 'RUNNING'/,
  // What belongs to a job that was looked up in the organisation; the worker takes on any's.
  /(FROM|INTO|UPDATE) "public"\."privacy_job_(part|piece)" /,
  /SELECT j\.id FROM privacy_job j\s+WHERE j\.state = 'RUNNING'/,
  /FROM "public"\."privacy_job" WHERE ("public"\."privacy_job"\."id" IN|1=0)/,
  /\bpersonal_data_work\b/,
  /FROM "user" t\s+WHERE \(t\.id = \$2\)/,
  // Of each act, its own: the function takes it out of the act.
  /audit_append/,
  // Guesses are counted before anybody is known.
  /guess_(limit|count)/,
  /counted_window/,
  /(FROM|UPDATE) "public"\."login_challenge" /,
  /FROM passkey_challenge WHERE /,
  /FROM "public"\."passkey" WHERE \("public"\."passkey"\."credential_id" = \$1 AND 1=1\)/,
  /(FROM|INTO) "public"\."(user|refresh_token)" /,
  /UPDATE "public"\."(user|refresh_token)" |FROM "user" WHERE id = /,
  /FROM membership\s+JOIN "user" .*\s+JOIN organisation .*\s+WHERE "user"\.email = \$1/,
  /FROM "public"\."membership" WHERE "public"\."membership"\."user_id" = \$1/,
  /FROM "public"\."session" WHERE \("public"\."session"\."id" = \$1 AND 1=1\)/,
  /"account_token" .*WHERE \(?"public"\."account_token"\."(hash" = |expires_at" < )/,
  /"account_token" .*WHERE \(.*"account_token"\."user_id" = /,
  /FROM "public"\."organisation" WHERE \("public"\."organisation"\."slug" = /,
  /(FROM|UPDATE|INTO) ("public"\.)?"?mail"?\b/,
];

/** Does the statement itself name whose rows it reads or writes? */
function namesOrganisation(statement: string): boolean {
  if (/^\s*(WITH \w+ AS \(\s*)?INSERT/i.test(statement)) return statement.includes('organisation_id');
  const [, condition = ''] = /\bWHERE\b([^]*?)(\bRETURNING\b|\bORDER BY\b|$)/i.exec(statement) ?? [];
  const ofOrganisation = /(FROM|UPDATE) ("public"\.)?"?organisation"? (SET .*)?WHERE [^ ]*\bid"? (=|IN)/;
  return condition.includes('organisation_id') || ofOrganisation.test(statement);
}

test('every statement names the organisation whose rows it reads, locks or writes', async () => {
  const member = await stranger.member(...ROLES);
  const own = await createObjects({ identity, dns }).idsOf(stranger, member);
  const statements = await statementsOfTables(async () => {
    for (const operation of Object.values(operations)) await member.ask(...operation(own));
    await member.ask('{ userImports { nodes { id } totalCount } }');
    await member.ask('{ groups { nodes { id members { nodes { groups { totalCount } } } } totalCount } }');
    await member.ask(
      '{ users(filter: { role: ADMIN }, orderBy: { field: EMAIL }) { nodes { name } totalCount } }',
    );
    await member.ask('{ viewer { sessions(first: 5) { nodes { id } totalCount } } }');
    await member.ask(
      'mutation ($input: PasswordChangeInput!) { passwordChange(input: $input) { userErrors { code } } }',
      { input: { currentPassword: 'lyceum-demo', newPassword: 'lyceum-demo-2' } },
    );
    await member.ask('mutation { sessionsRevoke(input: { keepCurrent: true }) { ended } }');
    await member.ask(
      '{ users(filter: { search: "some" }) { nodes { name } totalCount } lrsKeys { nodes { id } totalCount } }',
    );
    await member.ask('{ invitations { nodes { id } totalCount } }');
    const visitor = graphqlClient(identity.url);
    await walkThroughMails(stranger.admin, visitor);
    const { refreshToken } = await logIn(visitor, 'learner@lyceum.example');
    await visitor(
      'mutation ($input: SessionRefreshInput!) { sessionRefresh(input: $input) { userErrors { code } } }',
      { input: { refreshToken } },
    );
  });
  for (const table of ['membership', 'lrs_key', 'session', 'organisation', 'group', 'group_member']) {
    expect(statements.some((text) => new RegExp(`\\b${table}\\b`).test(text))).toBe(true);
  }
  const unnamed = statements.filter((text) => !namesOrganisation(text));
  expect(unnamed.filter((text) => !ofNoOrganisation.some((known) => known.test(text)))).toEqual([]);
});
