import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runIdentity, type Member, type Organisation, type RunningIdentity } from './kit/identity.ts';

let identity: RunningIdentity;
let school: Organisation;
let learner: Member;
let other: Member;

beforeAll(async () => {
  identity = await runIdentity();
  school = await identity.organisation('school');
  learner = await school.member('LEARNER');
  other = await school.member('LEARNER');
});
afterAll(() => identity.stop());

const shown = 'name givenName familyName pronouns avatarUrl locale timeZone bio';
const whole = {
  name: 'Ann A.',
  givenName: 'Ann',
  familyName: 'Abel',
  pronouns: 'she/her',
  avatarUrl: 'https://pictures.example/ann.png',
  locale: 'de-CH',
  timeZone: 'Europe/Zurich',
  bio: 'Reads.\n\nWrites.',
};

interface Updated {
  update: { user: Record<string, string | null> | null; userErrors: { code: string; field: string[] }[] };
}

async function update(ask: Member['ask'], input: object): Promise<Updated['update']> {
  const { data } = await ask<Updated>(
    `mutation ($input: ProfileUpdateInput!) {
      update: profileUpdate(input: $input) { user { ${shown} } userErrors { code field } }
    }`,
    { input },
  );
  return data.update;
}

describe('a profile', () => {
  test('is changed by the person: what is absent stays, null clears; the others in the organisation see it', async () => {
    expect((await update(learner.ask, whole)).user).toEqual(whole);
    const changed = { ...whole, pronouns: null, bio: 'Sleeps.' };
    expect((await update(learner.ask, { pronouns: null, bio: 'Sleeps.' })).user).toEqual(changed);
    const { data } = await other.ask(`query ($id: ID!) { user(id: $id) { ${shown} } }`, {
      id: learner.userId,
    });
    expect(data).toEqual({ user: changed });
  });

  test.each([
    ['name', null],
    ['name', ' '],
    ['givenName', 'x'.repeat(201)],
    ['pronouns', 'a\u0007'],
    ['avatarUrl', 'javascript:alert(1)'],
    ['avatarUrl', 'http://pictures.example/ann.png'],
    ['timeZone', 'Europe/Atlantis'],
    ['timeZone', '+01:00'],
    ['bio', 'x'.repeat(2_001)],
  ])('has no %s %j', async (field, value) => {
    expect((await update(learner.ask, { [field]: value })).userErrors).toMatchObject([
      { code: 'INVALID', field: ['input', field] },
    ]);
  });

  test("is another's to change for administrators alone, and each change is audited", async () => {
    const document = `mutation ($input: UserUpdateInput!) { userUpdate(input: $input) { user { ${shown} } } }`;
    const input = { userId: other.userId, familyName: 'Boer' };
    expect((await learner.ask(document, { input })).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ]);
    const { data } = await school.admin(document, { input });
    expect(data).toMatchObject({ userUpdate: { user: { name: 'Somebody Else', familyName: 'Boer' } } });
    const { data: audit } = await school.admin<{ auditEvents: { nodes: object[] } }>(
      'query ($id: ID!) { auditEvents(filter: { subjectId: $id, act: "user.update" }) { nodes { act outcome } } }',
      { id: other.userId },
    );
    expect(audit.auditEvents.nodes).toContainEqual({ act: 'user.update', outcome: 'DONE' });
  });
});
