import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSchema, type GraphQLClient } from '@lyceum/testing';
import { isEnumType, isInputObjectType, isObjectType, type GraphQLType } from 'graphql';
import { preferenceCatalogue, settingsCatalogue } from '../src/domain/settings/catalogue.ts';
import { standards } from '../src/domain/settings/checked-values.ts';
import { runIdentity, type Member, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { sql } from './kit/sql.ts';

let identity: RunningIdentity;
let school: Organisation;
let learner: Member;

beforeAll(async () => {
  identity = await runIdentity();
  school = await identity.organisation('school');
  learner = await school.member('LEARNER');
});
afterAll(() => identity.stop());

const names = Object.keys(preferenceCatalogue);
const all = `${names.join(' ')} locked`;
const platform = { ...standards(preferenceCatalogue), locked: [] };

type Values = Record<string, unknown>;

interface Changed {
  preferences: Values | null;
  userErrors: { code: string; field: string[] }[];
}

async function own(ask: GraphQLClient): Promise<Values> {
  const { data } = await ask<{ viewer: { preferences: Values } }>(`{ viewer { preferences { ${all} } } }`);
  return data.viewer.preferences;
}

async function update(
  ask: GraphQLClient,
  input: object,
  mutation: 'preferencesUpdate' | 'organisationPreferencesUpdate' = 'preferencesUpdate',
): Promise<Changed | string> {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input!`;
  const { data, errors } = await ask<Record<string, Changed>>(
    `mutation ($input: ${type}) { ${mutation}(input: $input) { preferences { ${all} } userErrors { code field } } }`,
    { input },
  );
  return errors ? String(errors[0]?.extensions['missing']) : data[mutation]!;
}

const updateDefaults = (input: object) => update(school.admin, input, 'organisationPreferencesUpdate');

test('the catalogue and the types of the schema have the same names and the same choices', async () => {
  const schema = await readSchema(learner.ask);
  const fieldsOf = (type: string): { name: string; type: GraphQLType }[] => {
    const found = schema.getType(type);
    const fields = isObjectType(found) || isInputObjectType(found) ? found.getFields() : {};
    return Object.values(fields as Record<string, { name: string; type: GraphQLType }>);
  };
  const namesOf = (type: string) => fieldsOf(type).map(({ name }) => name);
  expect(namesOf('Preferences')).toEqual([...names, 'locked']);
  expect(namesOf('PreferencesUpdateInput')).toEqual(names);
  expect(namesOf('OrganisationSettings')).toEqual(Object.keys(settingsCatalogue));
  expect(namesOf('OrganisationSettingsUpdateInput')).toEqual(Object.keys(settingsCatalogue));
  for (const { name, type } of fieldsOf('PreferencesUpdateInput')) {
    const entry = preferenceCatalogue[name as keyof typeof preferenceCatalogue];
    const choices = isEnumType(type) ? type.getValues().map((each) => each.name) : undefined;
    expect([name, choices]).toEqual([name, entry.kind === 'choice' ? entry.choices : undefined]);
  }
});

describe('preferences', () => {
  test('begin at the defaults; what is absent stays, null goes back; they are nobody else’s', async () => {
    const other = await school.member('LEARNER');
    expect(await own(learner.ask)).toEqual(platform);
    const set = { theme: 'DARK', captions: true, playbackSpeed: 1.25 };
    expect(await update(learner.ask, set)).toEqual({ preferences: { ...platform, ...set }, userErrors: [] });
    await update(learner.ask, { theme: null });
    expect(await own(learner.ask)).toEqual({ ...platform, captions: true, playbackSpeed: 1.25 });
    expect(await own(other.ask)).toEqual(platform);
  });

  test.each([0.2, 3.1, -1])('have no playback speed of %d', async (playbackSpeed) => {
    expect(await update(learner.ask, { playbackSpeed })).toMatchObject({
      preferences: null,
      userErrors: [{ code: 'INVALID', field: ['input', 'playbackSpeed'] }],
    });
  });

  test('of two changes at once each is kept', async () => {
    const { ask } = await school.member('LEARNER');
    const changes = [{ theme: 'DARK' }, { textSize: 'LARGE' }, { captions: true }, { clock: 'HOURS_12' }];
    await Promise.all(changes.map((change) => update(ask, change)));
    expect(await own(ask)).toMatchObject(Object.assign({}, ...changes) as object);
  });

  test('that another version of the service stored are left alone, and what it meant otherwise is not read', async () => {
    const { ask, userId } = await school.member('LEARNER');
    await update(ask, { captions: true });
    const chosen = { captions: true, theme: 'SEPIA', hologram: 'ON' };
    await sql(identity.databaseUrl, 'UPDATE preference SET chosen = $1 WHERE user_id = $2', [
      JSON.stringify(chosen),
      userId,
    ]);
    expect(await own(ask)).toEqual({ ...platform, captions: true });
    await update(ask, { clock: 'HOURS_12' });
    const [row] = await sql<{ chosen: Values }>(
      identity.databaseUrl,
      'SELECT chosen FROM preference WHERE user_id = $1',
      [userId],
    );
    expect(row?.chosen).toEqual({ ...chosen, clock: 'HOURS_12' });
  });
});

describe("an organisation's preferences", () => {
  test('are what its people begin with, until they set their own', async () => {
    const { ask } = await school.member('LEARNER');
    await update(ask, { theme: 'LIGHT' });
    await updateDefaults({ defaults: { theme: 'DARK', firstDayOfWeek: 'SUNDAY' } });
    expect(await own(ask)).toMatchObject({ theme: 'LIGHT', firstDayOfWeek: 'SUNDAY' });
    await update(ask, { theme: null });
    expect(await own(ask)).toMatchObject({ theme: 'DARK' });
    const { data } = await ask(
      '{ viewer { organisation { preferenceDefaults { theme firstDayOfWeek clock } } } }',
    );
    const preferenceDefaults = { theme: 'DARK', firstDayOfWeek: 'SUNDAY', clock: 'HOURS_24' };
    expect(data).toEqual({ viewer: { organisation: { preferenceDefaults } } });
    await updateDefaults({ defaults: { theme: null, firstDayOfWeek: null } });
  });

  test('settle what is locked: it reads as theirs, nobody changes it, and unlocked it is as it was', async () => {
    const { ask } = await school.member('LEARNER');
    await update(ask, { textSize: 'LARGE', theme: 'DARK' });
    await updateDefaults({ defaults: { textSize: 'SMALL' }, lock: ['TEXT_SIZE', 'AUTOPLAY'] });
    expect(await own(ask)).toMatchObject({
      textSize: 'SMALL',
      theme: 'DARK',
      locked: ['textSize', 'autoplay'].map((name) => (name === 'textSize' ? 'TEXT_SIZE' : 'AUTOPLAY')),
    });
    for (const change of [{ textSize: 'LARGE' }, { textSize: null }, { clock: 'HOURS_12', textSize: null }]) {
      expect(await update(ask, change)).toMatchObject({
        userErrors: [{ code: 'CONFLICT', field: ['input', 'textSize'] }],
      });
    }
    expect(await own(ask)).toMatchObject({ clock: 'HOURS_24' });
    await updateDefaults({ unlock: ['TEXT_SIZE', 'AUTOPLAY'] });
    expect(await own(ask)).toMatchObject({ textSize: 'LARGE', locked: [] });
  });

  test('are changed by administrators alone, recorded, and no matter of another organisation', async () => {
    for (const role of ['AUTHOR', 'INSTRUCTOR', 'LEARNER', 'OBSERVER'] as const) {
      const { ask } = await school.member(role);
      const refused = await update(ask, { defaults: { theme: 'DARK' } }, 'organisationPreferencesUpdate');
      expect(refused).toBe('organisation.settings.update');
    }
    const elsewhere = await (await identity.organisation('elsewhere')).member('LEARNER');
    await updateDefaults({ defaults: { startPage: 'CALENDAR' } });
    expect(await own(elsewhere.ask)).toEqual(platform);
    const { data } = await school.admin<{ auditEvents: { nodes: object[] } }>(
      `{ auditEvents(first: 1, filter: { act: "organisation.preferences-update" }) {
        nodes { act outcome changes { field before after } } } }`,
    );
    expect(data.auditEvents.nodes).toMatchObject([
      { outcome: 'DONE', changes: [{ field: 'startPage', before: '"DASHBOARD"', after: '"CALENDAR"' }] },
    ]);
  });
});
