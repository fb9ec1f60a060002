import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { accept } from './kit/account-flows.ts';
import { act } from './kit/acting.ts';
import { logIn, runIdentity, type RunningIdentity } from './kit/identity.ts';
import { newestMail, tokenIn, untilMailed } from './kit/mailbox.ts';
import { publishedEvents } from './kit/published-events.ts';
import { newAddress, newSlug, onPlatform, shown, type Platform } from './kit/platform.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let platform: GraphQLClient;
let create: Platform['create'];
let school: Platform['school'];

beforeAll(async () => {
  identity = await runIdentity();
  ({ visitor, platform, create, school } = await onPlatform(identity));
});
afterAll(() => identity.stop());

describe('an organisation', () => {
  test('is made by the platform, whose invitation makes its first administrator', async () => {
    const { id, slug, head, email } = await school();
    expect(
      (await head('{ viewer { roles organisation { id slug name state registration } } }')).data,
    ).toEqual({
      viewer: {
        roles: ['ADMIN'],
        organisation: { id, slug, name: 'A School', state: 'ACTIVE', registration: 'BY_INVITATION' },
      },
    });
    const [mail] = await untilMailed(identity, email);
    expect(mail!.text).toContain('A School');
    await publishedEvents(identity, (events) => {
      const told = events.filter(({ organisation }) => organisation === id).map(({ type }) => type);
      expect(told).toEqual(expect.arrayContaining(['organisation.created', 'membership.changed']));
    });
    const { data } = await head(
      '{ auditEvents(filter: { act: "organisation.create" }) { nodes { subjectId } } }',
    );
    expect(data).toEqual({ auditEvents: { nodes: [{ subjectId: id }] } });
  });

  test('is made once, however often it is asked for, and by several at once', async () => {
    const [slug, administratorEmail] = [newSlug(), newAddress()];
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => create(platform, { slug, administratorEmail })),
    );
    expect(answers.map(({ userErrors }) => userErrors[0]?.code ?? 'made').sort()).toEqual([
      'CONFLICT',
      'CONFLICT',
      'CONFLICT',
      'made',
    ]);
    expect(await untilMailed(identity, administratorEmail)).toHaveLength(1);
  });

  test.each(['', 'Upper', '-a', 'a-', 'a b', 'ä', 'a'.repeat(101)])(
    'with the slug %j is INVALID',
    async (slug) => {
      expect(await create(platform, { slug })).toMatchObject({
        organisation: null,
        userErrors: [{ code: 'INVALID', field: ['input', 'slug'] }],
      });
    },
  );

  test('is not made by its administrators, nor listed, limited or suspended', async () => {
    const { head, id } = await school();
    await expect(create(head, { slug: newSlug() })).rejects.toThrow('organisation.create');
    await expect(act(head, 'organisationSuspend', { id }, shown)).rejects.toThrow('organisation.suspend');
    await expect(act(head, 'organisationReinstate', { id }, shown)).rejects.toThrow('organisation.reinstate');
    await expect(act(head, 'organisationPlanUpdate', { id }, shown)).rejects.toThrow(
      'organisation.plan.update',
    );
    const { errors } = await head('{ organisations { nodes { id } } }');
    expect(errors).toMatchObject([{ extensions: { missing: 'organisation.list' } }]);
  });

  test('whose first administrator never came is given another one, as long as it has none', async () => {
    const { organisation } = await create(platform, { slug: newSlug() });
    const email = newAddress();
    const again = { id: organisation.id, email };
    const invited = await act(platform, 'organisationAdministratorInvite', again, shown);
    expect(invited.userErrors).toEqual([]);
    const token = tokenIn(await newestMail(identity, email));
    expect(await accept(visitor, token, 'The Head', 'their own words')).toMatchObject({ userErrors: [] });
    const more = { id: organisation.id, email: newAddress() };
    expect(await act(platform, 'organisationAdministratorInvite', more, shown)).toMatchObject({
      userErrors: [{ code: 'CONFLICT', field: ['input', 'id'] }],
    });
    const nowhere = { ...more, id: newId('org') };
    expect(await act(platform, 'organisationAdministratorInvite', nowhere, shown)).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND' }],
    });
  });

  test('opens to nobody by the invitation of who stands above it no more', async () => {
    const { userCreate } = (
      await platform<{ userCreate: { user: { id: string } } }>(
        `mutation ($email: String!) {
          userCreate(input: { name: "Former", email: $email, password: "lyceum-demo", roles: [ADMIN, PLATFORM_ADMIN] }) { user { id } }
        }`,
        { email: 'former@people.example' },
      )
    ).data;
    const { accessToken } = await logIn(visitor, 'former@people.example');
    const email = newAddress();
    await create(graphqlClient(identity.url, accessToken), { slug: newSlug(), administratorEmail: email });
    await act(platform, 'userDeactivate', { userId: userCreate.user.id }, 'user { id }');
    const token = tokenIn(await newestMail(identity, email));
    expect(await accept(visitor, token, 'The Head', 'their own words')).toMatchObject({
      userErrors: [{ code: 'TOKEN_REFUSED' }],
    });
  });
});
