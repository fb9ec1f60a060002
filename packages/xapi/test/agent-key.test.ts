import { expect, test } from '@jest/globals';
import { agentKey, identifierOfKey, type Identifier } from '../src/index.ts';

const agents: Identifier[] = [
  { account: { homePage: 'https://school.example:8443/people', name: 'ama|of:year 7' } },
  { account: { homePage: 'https://school.example', name: '' } },
  { mbox: 'mailto:ama@example.org' },
  { mbox_sha1sum: 'a9993e364706816aba3e25717850c26c9cd0d89d' },
  { openid: 'https://ama.example/id' },
];

test.each(agents)('%j is the agent behind its key', (agent) => {
  expect(identifierOfKey(agentKey(agent) ?? '')).toEqual(agent);
});

test('an anonymous group has no key', () => {
  expect(agentKey({})).toBeNull();
});
