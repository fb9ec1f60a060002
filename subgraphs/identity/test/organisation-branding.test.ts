import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GraphQLClient } from '@lyceum/testing';
import { contrastOf, textColourOn } from '../src/domain/branding.ts';
import { act } from './kit/acting.ts';
import { runIdentity, type RunningIdentity } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';
import { newSlug, onPlatform, shown, type Platform } from './kit/platform.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let platform: GraphQLClient;
let school: Platform['school'];

beforeAll(async () => {
  identity = await runIdentity();
  ({ visitor, platform, school } = await onPlatform(identity));
});
afterAll(() => identity.stop());

describe('what an organisation looks like', () => {
  const fields = `organisation { name branding {
    name logoUrl faviconUrl primaryColour onPrimaryColour accentColour onAccentColour supportEmail defaultLocale defaultTimeZone
  } }`;
  const looks = {
    name: 'Another Name',
    logoUrl: 'https://cdn.example.org/logo.svg',
    faviconUrl: 'https://cdn.example.org/favicon.ico',
    primaryColour: '#0b5fff',
    accentColour: '#D9480F',
    supportEmail: 'Help@people.example',
    defaultLocale: 'de-ch',
    defaultTimeZone: 'Europe/Zurich',
  };
  const kept = {
    ...looks,
    primaryColour: '#0B5FFF',
    onPrimaryColour: '#FFFFFF',
    onAccentColour: '#000000',
    supportEmail: 'help@people.example',
    defaultLocale: 'de-CH',
  };
  const branding = `query ($slug: String!) { organisationBranding(slug: $slug) { slug name logoUrl primaryColour } }`;

  test('is said by its administrators and seen by everybody; what is absent stays, null clears', async () => {
    const { id, slug, head } = await school();
    const changed = await act(head, 'organisationUpdate', looks, fields);
    expect(changed).toEqual({ organisation: { name: kept.name, branding: kept }, userErrors: [] });
    expect((await visitor(branding, { slug })).data).toEqual({
      organisationBranding: { slug, name: kept.name, logoUrl: kept.logoUrl, primaryColour: '#0B5FFF' },
    });
    const cleared = await act(head, 'organisationUpdate', { logoUrl: null }, fields);
    expect(cleared).toMatchObject({ organisation: { branding: { ...kept, logoUrl: null } } });
    await publishedEvents(identity, (events) => {
      const told = events.flatMap(({ type, organisation, data }) =>
        type === 'organisation.updated' && organisation === id ? [data.organisation] : [],
      );
      expect(told).toMatchObject([
        { name: 'Another Name', state: 'ACTIVE', revision: 2 },
        { name: 'Another Name', state: 'ACTIVE', revision: 3 },
      ]);
    });
    const { data } = await head<{ auditEvents: { nodes: { changes: { field: string }[] }[] } }>(
      '{ auditEvents(first: 1, filter: { act: "organisation.update" }) { nodes { changes { field before after } } } }',
    );
    expect(data.auditEvents.nodes[0]!.changes).toEqual([
      { field: 'logoUrl', before: JSON.stringify(looks.logoUrl), after: 'null' },
    ]);
  });

  test('of one that is not there, or suspended, is nothing to anybody', async () => {
    const { id, slug } = await school();
    await act(platform, 'organisationSuspend', { id }, shown);
    for (const unknown of [slug, newSlug(), ''])
      expect((await visitor(branding, { slug: unknown })).data).toEqual({ organisationBranding: null });
  });

  test.each([
    ['name', ' '],
    ['logoUrl', 'http://cdn.example.org/logo.svg'],
    ['faviconUrl', 'data:image/png;base64,AA'],
    ['primaryColour', 'blue'],
    ['primaryColour', '#FFF'],
    ['accentColour', '#FFEB3B'],
    ['supportEmail', 'nobody'],
    ['defaultLocale', '!'],
    ['defaultTimeZone', 'Mars/Olympus'],
  ])('is INVALID with the %s %j', async (field, value) => {
    const { head } = await invalidSchool();
    const answer = await act(head, 'organisationUpdate', { [field]: value }, fields).catch(
      (error: unknown) => error,
    );
    // What a scalar of the graph refuses never comes here.
    if (answer instanceof Error) expect(answer.message).toMatch(/locale|URL|Locale/i);
    else expect(answer).toMatchObject({ userErrors: [{ code: 'INVALID', field: ['input', field] }] });
  });

  let made: ReturnType<typeof school> | undefined;
  const invalidSchool = () => (made ??= school());

  test('is for its administrators', async () => {
    const { ask } = await (await identity.organisation(newSlug())).member('AUTHOR');
    await expect(act(ask, 'organisationUpdate', looks, fields)).rejects.toThrow('organisation.update');
  });

  test('contrast is that of WCAG 2.2, and one of black and white is read on any colour', () => {
    expect(contrastOf('#000000', '#FFFFFF')).toBeCloseTo(21, 5);
    expect(contrastOf('#777777', '#FFFFFF')).toBeCloseTo(4.48, 2);
    expect(contrastOf('#FFFFFF', '#FFFFFF')).toBe(1);
    for (let step = 0; step < 4_096; step += 1) {
      const colour = `#${[step >> 8, (step >> 4) & 15, step & 15].map((part) => part.toString(16).repeat(2)).join('')}`;
      expect(contrastOf(textColourOn(colour)!, colour)).toBeGreaterThan(4.5);
    }
  });
});
