import { expect, test } from '@jest/globals';
import { activityIdOf, activityIri, agentKey, agentOf, isUuid, userIdOf, uuidV7 } from '../src/index.ts';

const publicUrl = 'https://learn.example.org/';

test('the activity of an object leads back to the object, and only here', () => {
  const iri = activityIri(publicUrl, 'item_01k9');
  expect(iri).toBe('https://learn.example.org/xapi/activities/item_01k9');
  expect(activityIdOf(publicUrl, iri)).toBe('item_01k9');
  expect(activityIdOf('https://other.example.org', iri)).toBeNull();
  expect(activityIdOf(publicUrl, 'https://learn.example.org/xapi/activities/')).toBeNull();
});

test('the agent of a user leads back to the user, and only here', () => {
  const agent = agentOf(publicUrl, 'user_01k9');
  expect(userIdOf('https://learn.example.org', agent)).toBe('user_01k9');
  expect(userIdOf('https://other.example.org', agent)).toBeNull();
  expect(userIdOf(publicUrl, { mbox: 'mailto:ada@example.org' })).toBeNull();
});

test('equal people have one key, an anonymous group has none', () => {
  expect(agentKey(agentOf(publicUrl, 'u'))).toBe('account:https://learn.example.org|u');
  expect(agentKey({ mbox_sha1sum: 'AB' })).toBe('sha1:ab');
  expect(agentKey({})).toBeNull();
});

test('a UUIDv7 is one and sorts by its time', () => {
  const [early, late] = [uuidV7(1_000), uuidV7(2_000_000_000_000)];
  expect(isUuid(early) && isUuid(late) && early < late).toBe(true);
  expect(early).toMatch(/^00000000-03e8-7[0-9a-f]{3}-[89ab]/);
});
