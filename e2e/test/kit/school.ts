import { ROLES, newId, type Role } from '@lyceum/service';
import { eventually, graphqlClient, type GraphQLClient, type System } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { queryDatabase } from './database.ts';
import { deadLetterOf } from './dead-letters.ts';
import type { IdKind } from './id-kinds.ts';
import { demoSecret, logIn, tryToLogIn, type Person } from './people.ts';
import { completion, postStatements } from './records.ts';

/** Somebody who asks the gateway, whatever it answers. */
export interface Asker {
  readonly token: string;
  readonly ask: GraphQLClient;
}

/** The demo organisation, with somebody of each built-in role, and one object of each kind. */
export interface School {
  readonly of: Readonly<Record<Role, Asker & { loggedInAnew(): Promise<string> }>>;
  /** Objects that are not the askers', as far as a kind can be somebody's. */
  readonly ids: Readonly<Record<IdKind, string>>;
}

export async function openSchool(system: System): Promise<School> {
  // One after another: several at once from one address look like somebody who guesses.
  const admin = await logIn(system, 'admin');
  const author = await logIn(system, 'author');
  const instructor = await logIn(system, 'instructor');
  const learner = await logIn(system, 'learner');
  const bystander = await newMember(system, admin, 'LEARNER');
  const observer = await newMember(system, admin, 'OBSERVER');
  // The demo's administrator stands above the organisations beside: each role is asked for by itself.
  const administrator = await newMember(system, admin, 'ADMIN');
  const platformAdmin = await newMember(system, admin, 'PLATFORM_ADMIN');
  const ids = await objectsOf(system, { admin, learner, bystanderId: bystander.id, observerId: observer.id });
  const asker = ({ token }: { token: string }, email: string) => ({
    token,
    ask: graphqlClient(system.url('gateway'), token),
    loggedInAnew: async () => {
      const { sessionCreate } = await tryToLogIn(system, email, demoSecret);
      return sessionCreate.tokens?.accessToken ?? '';
    },
  });
  return {
    of: {
      ADMIN: asker(administrator, administrator.email),
      AUTHOR: asker(author, 'author@lyceum.example'),
      INSTRUCTOR: asker(instructor, 'instructor@lyceum.example'),
      LEARNER: asker(learner, 'learner@lyceum.example'),
      OBSERVER: asker(observer, observer.email),
      PLATFORM_ADMIN: asker(platformAdmin, platformAdmin.email),
    },
    ids,
  };
}

/** A person whom the administrator adds, logged in. */
async function newMember(
  system: System,
  { ask }: Person,
  role: Role,
): Promise<{ id: string; email: string; token: string }> {
  const email = `${newId('somebody')}@lyceum.example`;
  const input = { name: `Some ${role}`, email, password: demoSecret, roles: [role] };
  const { userCreate } = await ask<{ userCreate: { user: { id: string } } }>(
    'mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } userErrors { message } } }',
    { input },
  );
  const { sessionCreate } = await tryToLogIn(system, email, demoSecret);
  return { id: userCreate.user.id, email, token: sessionCreate.tokens?.accessToken ?? '' };
}

interface Demo {
  readonly admin: Person;
  readonly learner: Person;
  readonly bystanderId: string;
  readonly observerId: string;
}

async function objectsOf(
  system: System,
  { admin, learner, bystanderId, observerId }: Demo,
): Promise<Record<IdKind, string>> {
  const organisation = await ofOrganisation(admin);
  const { enrolment, course, module, contentItem, assessment } = await quizOf(admin, learner.id);
  return {
    ...organisation,
    ...(await roleGrantedTo(admin, bystanderId)),
    passkey: await passkeyOf(system, bystanderId),
    ...(await madeBy(admin)),
    userImport: await importBy(system, admin),
    personalAccessToken: await tokenOf(learner),
    privacyJob: await exportOf(admin, learner.id),
    storeJob: await storeExportOf(admin),
    observation: await observationOf(admin, learner.id),
    observer: observerId,
    statementForwarding: await forwardingOf(admin),
    user: bystanderId,
    session: String(decodeJwt(learner.token)['sid']),
    enrolment,
    course,
    module,
    contentItem,
    assessment,
    ...(await questionOf(admin, assessment)),
    attempt: await startAttempt(learner, assessment),
    deadLetter: await deadLetterOf(system, admin, organisation.organisation),
    statement: await storedStatement(system, admin, completion(system, learner.id, contentItem)),
  };
}

/** It goes nowhere: nobody has that name (RFC 6761). */
async function forwardingOf({ ask }: Person): Promise<string> {
  const { statementForwardingCreate } = await ask<{
    statementForwardingCreate: { forwarding: { id: string } };
  }>(
    `mutation ($input: StatementForwardingCreateInput!) {
      statementForwardingCreate(input: $input) { forwarding { id } userErrors { message } }
    }`,
    { input: { name: newId('place'), endpoint: 'https://lrs.invalid/xapi', key: 'us', secret: 'ours' } },
  );
  return statementForwardingCreate.forwarding.id;
}

/** The administrator observes the learner, which gives them nothing that they lack. */
async function observationOf({ ask, id }: Person, learnerId: string): Promise<string> {
  const { observationCreate } = await ask<{ observationCreate: { observation: { id: string } } }>(
    `mutation ($input: ObservationCreateInput!) {
      observationCreate(input: $input) { observation { id } userErrors { message } }
    }`,
    { input: { observerId: id, learnerId } },
  );
  return observationCreate.observation.id;
}

async function ofOrganisation({ ask }: Person): Promise<Record<'organisation' | 'lrsKey', string>> {
  const { viewer, lrsKeys } = await ask<{
    viewer: { organisation: { id: string } };
    lrsKeys: { nodes: { id: string }[] };
  }>('{ viewer { organisation { id } } lrsKeys(first: 1) { nodes { id } } }');
  return { organisation: viewer.organisation.id, lrsKey: lrsKeys.nodes[0]!.id };
}

async function roleGrantedTo({ ask }: Person, userId: string): Promise<Record<'role' | 'grant', string>> {
  const { roleCreate } = await ask<{ roleCreate: { role: { id: string } } }>(
    `mutation {
      roleCreate(input: { name: "Publisher", permissions: ["course.publish"] }) { role { id } userErrors { message } }
    }`,
  );
  const { roleGrant } = await ask<{ roleGrant: { grant: { id: string } } }>(
    'mutation ($input: RoleGrantInput!) { roleGrant(input: $input) { grant { id } userErrors { message } } }',
    { input: { userId, roleId: roleCreate.role.id } },
  );
  return { role: roleCreate.role.id, grant: roleGrant.grant.id };
}

async function madeBy({
  ask,
}: Person): Promise<
  Record<'group' | 'invitation' | 'apiClient' | 'identityProvider' | 'organisationDomain', string>
> {
  interface Made {
    groupCreate: { group: { id: string } };
    invitationCreate: { invitation: { id: string } };
    apiClientCreate: { apiClient: { id: string } };
    identityProviderCreate: { identityProvider: { id: string } };
    organisationDomainClaim: { domain: { id: string } };
  }
  const made = await ask<Made>(
    `mutation ($email: String!) {
      groupCreate(input: { name: "A class" }) { group { id } }
      registrationUpdate(input: { mode: BY_INVITATION }) { userErrors { message } }
      invitationCreate(input: { email: $email }) { invitation { id } userErrors { message } }
      apiClientCreate(input: { name: "A program", permissions: ["user.list"] }) { apiClient { id } }
      identityProviderCreate(
        input: { name: "A school", issuer: "https://login.example.org", clientId: "lyceum", clientSecret: "secret" }
      ) { identityProvider { id } userErrors { message } }
      organisationDomainClaim(input: { domain: "school.example" }) { domain { id } }
    }`,
    { email: `${newId('guest')}@lyceum.example` },
  );
  return {
    group: made.groupCreate.group.id,
    invitation: made.invitationCreate.invitation.id,
    apiClient: made.apiClientCreate.apiClient.id,
    identityProvider: made.identityProviderCreate.identityProvider.id,
    organisationDomain: made.organisationDomainClaim.domain.id,
  };
}

async function importBy(system: System, { token }: Person): Promise<string> {
  const response = await fetch(new URL('/people/import?dryRun=true', system.url('gateway')), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
    body: 'email,name\n',
  });
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  const { id } = (await response.json()) as { id: string };
  return id;
}

async function exportOf({ ask }: Person, userId: string): Promise<string> {
  const { personalDataExport } = await ask<{ personalDataExport: { job: { id: string } } }>(
    'mutation ($userId: ID) { personalDataExport(input: { userId: $userId }) { job { id } userErrors { message } } }',
    { userId },
  );
  return personalDataExport.job.id;
}

async function storeExportOf({ ask }: Person): Promise<string> {
  const { storeExportCreate } = await ask<{ storeExportCreate: { job: { id: string } } }>(
    'mutation { storeExportCreate(input: {}) { job { id } userErrors { message } } }',
  );
  return storeExportCreate.job.id;
}

async function tokenOf({ ask }: Person): Promise<string> {
  const { personalAccessTokenCreate } = await ask<{
    personalAccessTokenCreate: { personalAccessToken: { id: string } };
  }>(
    `mutation ($expiresAt: DateTime!) {
      personalAccessTokenCreate(input: { name: "A script", permissions: ["course.read"], expiresAt: $expiresAt }) {
        personalAccessToken { id }
      }
    }`,
    { expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
  );
  return personalAccessTokenCreate.personalAccessToken.id;
}

/** Without an authenticator, nobody registers one over the graph. */
async function passkeyOf(system: System, userId: string): Promise<string> {
  const id = newId('passkey');
  await queryDatabase(
    system,
    'identity',
    `INSERT INTO passkey
       (id, organisation_id, user_id, user_handle, credential_id, public_key, counter, transports, synced, name)
     SELECT '${id}', organisation_id, user_id, '${id}', '${id}', '\\x00', 0, '{}', false, 'A key'
     FROM membership WHERE user_id = '${userId}'`,
  );
  return id;
}

/** A quiz of a course that the learner is enrolled in. */
async function quizOf({ ask }: Person, learnerId: string) {
  interface Course {
    id: string;
    modules: { id: string; items: { id: string; assessment: { id: string } | null }[] }[];
  }
  const { enrolments } = await ask<{ enrolments: { nodes: { id: string; course: Course }[] } }>(
    `query ($learnerId: ID!) {
      enrolments(first: 1, filter: { learnerId: $learnerId }) {
        nodes { id course { id modules { id items { id assessment { id } } } } }
      }
    }`,
    { learnerId },
  );
  const { id: enrolment, course } = enrolments.nodes[0]!;
  for (const { id: module, items } of course.modules) {
    for (const { id: contentItem, assessment } of items)
      if (assessment) return { enrolment, course: course.id, module, contentItem, assessment: assessment.id };
  }
  throw new Error('The course that the demo learner is enrolled in has no quiz.');
}

async function questionOf({ ask }: Person, id: string): Promise<Record<'question' | 'choice', string>> {
  const { assessment } = await ask<{
    assessment: { questions: { id: string; version: { choices?: { id: string }[] } }[] };
  }>(
    `query ($id: ID!) {
      assessment(id: $id) { questions { id version { ... on SingleChoiceVersion { choices { id } } } } }
    }`,
    { id },
  );
  const question = assessment.questions.find(({ version }) => version.choices)!;
  return { question: question.id, choice: question.version.choices![0]!.id };
}

async function startAttempt({ ask }: Person, assessmentId: string): Promise<string> {
  const { attemptStart } = await ask<{
    attemptStart: { attempt: { id: string } | null; userErrors: object[] };
  }>(
    'mutation ($input: AttemptStartInput!) { attemptStart(input: $input) { attempt { id } userErrors { message } } }',
    { input: { assessmentId, idempotencyKey: newId('key') } },
  );
  if (!attemptStart.attempt) throw new Error(JSON.stringify(attemptStart.userErrors));
  return attemptStart.attempt.id;
}

async function storedStatement(system: System, { ask }: Person, statement: object): Promise<string> {
  const response = await postStatements(system, statement);
  const [id = ''] = (await response.json()) as string[];
  await eventually(() => ask('query ($id: ID!) { statement(id: $id) { id } }', { id }));
  return id;
}

/** Somebody with every role in an organisation that has nothing else. Nobody can found one over the graph. */
export async function strangerTo(system: System): Promise<Asker> {
  const [organisationId, userId] = [newId('org'), newId('user')];
  const email = `${userId}@lyceum.example`;
  const roles = ROLES.map((role) => `'${role}'`).join(', ');
  await queryDatabase(
    system,
    'identity',
    `WITH founded AS (
       INSERT INTO organisation (id, slug, name) VALUES ('${organisationId}', '${organisationId.replace('_', '-')}', 'Elsewhere')),
     entered AS (INSERT INTO "user" (id, email, email_verified) VALUES ('${userId}', '${email}', true))
     INSERT INTO membership (organisation_id, user_id, email, name, password_hash, roles)
     SELECT '${organisationId}', '${userId}', '${email}', 'A Stranger', password_hash, ARRAY[${roles}]
     FROM membership WHERE email = 'admin@lyceum.example'`,
  );
  const { sessionCreate } = await tryToLogIn(system, email, demoSecret);
  const token = sessionCreate.tokens?.accessToken ?? '';
  return { token, ask: graphqlClient(system.url('gateway'), token) };
}

/** An id of the same kind that nothing has. */
export function unknownLike(id: string): string {
  const prefix = /^([a-z_]+)_[0-9a-z]{26}$/.exec(id)?.[1];
  return prefix === undefined ? crypto.randomUUID() : newId(prefix);
}
