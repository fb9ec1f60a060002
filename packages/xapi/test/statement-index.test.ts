import { expect, test } from '@jest/globals';
import { indexStatement } from '../src/statement-index.ts';
import type { Agent, Statement } from '../src/index.ts';

function ofGroup(member: Agent[]): Statement {
  return {
    actor: { objectType: 'Group', member },
    verb: { id: 'urn:v:v' },
    object: { id: 'urn:o:o' },
    context: {
      contextActivities: { other: member.map((_, index) => ({ id: `urn:o:${String(index % 20)}` })) },
    },
  };
}

function agents(count: number): Agent[] {
  return Array.from({ length: count }, (_, index) => ({ mbox: `mailto:${String(index)}@example.org` }));
}

test('names everybody and every activity once, however many', () => {
  const members = agents(100);
  const { relatedAgents, relatedActivities } = indexStatement(ofGroup([...members, ...members]));
  expect(relatedAgents).toEqual(members.map(({ mbox }) => mbox));
  expect(relatedActivities).toEqual(['urn:o:o', ...members.slice(0, 20).map((_, n) => `urn:o:${String(n)}`)]);
});

test('a group of a hundred thousand takes a moment, not seconds', () => {
  const statement = ofGroup(agents(100_000));
  const started = performance.now();
  expect(indexStatement(statement).relatedAgents).toHaveLength(100_000);
  expect(performance.now() - started).toBeLessThan(2_000);
});
