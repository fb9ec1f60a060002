import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LogRecord } from '@lyceum/events';
import { eventually } from '@lyceum/testing';
import { createOwnStatementWriter, type Statement } from '@lyceum/xapi';
import { newOrganisation, publicUrl, runLearning, type LearningUnderTest } from './kit/learning.ts';
import { enrol, itemsOf, newCourse, progressOf, publishCourse, statement } from './kit/story.ts';

// What receive would refuse today may lie on the log all the same. All records here have one key, and so one partition.

let learning: LearningUnderTest;
const deadLetters: LogRecord[] = [];
beforeAll(async () => {
  learning = await runLearning();
  await learning.log.consume({
    topics: ['statements.dead-letter'],
    group: 'test-dead-letters',
    handle: async ({ records }) => void deadLetters.push(...records),
  });
});
afterAll(() => learning.stop());

const writer = createOwnStatementWriter({ publicUrl });
const record = (organisationId: string, statements: readonly Statement[]) => ({
  ...writer.record(organisationId, statements),
  key: 'one partition',
});

/** An organisation with a course of four items, and the learner who is enrolled in it. */
async function enrolled() {
  const { learner, organisationId } = newOrganisation();
  const course = newCourse(organisationId, [[{}, {}, {}, {}]]);
  await publishCourse(learning, course);
  await learning.settled();
  await enrol(learning, learner, course.id);
  const completed = (place: number) => statement(learner, 'completed', itemsOf(course)[place]!.id);
  const completedItems = async () => (await progressOf(learning, learner, course.id))!.completedItems;
  return { organisationId, learner, course, completed, completedItems };
}

/** The records that were put aside since it was last asked. */
async function putAside(): Promise<LogRecord[]> {
  await learning.settled();
  await eventually(async () => {
    const lags = await learning.log.lag('test-dead-letters');
    expect(lags.filter(({ lag }) => lag > 0)).toEqual([]);
  });
  return deadLetters.splice(0);
}

test("a statement with half a character in its mbox is nobody's, and stops nobody else's", async () => {
  const [tenant, other] = [await enrolled(), await enrolled()];
  const item = itemsOf(tenant.course)[1]!.id;
  await learning.log.append([
    record(tenant.organisationId, [
      tenant.completed(0),
      statement({ mbox: 'mailto:a\ud800@b.example' }, 'completed', item),
      statement({ mbox: 'mailto:a\u0000@b.example' }, 'completed', item),
    ]),
    record(other.organisationId, [other.completed(0)]),
  ]);
  await learning.settled();
  expect([await tenant.completedItems(), await other.completedItems()]).toEqual([1, 1]);
  expect(await putAside()).toEqual([]);
});

test('a statement that PostgreSQL refuses is put aside, all others count, of its own request too', async () => {
  const [tenant, other] = [await enrolled(), await enrolled()];
  await refuse(itemsOf(tenant.course)[1]!.id);
  const poison = record(tenant.organisationId, [0, 1, 2].map(tenant.completed));
  await learning.log.append([
    record(other.organisationId, [other.completed(0)]),
    record(other.organisationId, [other.completed(1)]),
    poison,
    record(other.organisationId, [other.completed(2)]),
    record(tenant.organisationId, [tenant.completed(3)]),
  ]);
  await learning.settled();
  expect([await tenant.completedItems(), await other.completedItems()]).toEqual([3, 3]);
  const aside = await putAside();
  expect(aside.map(({ value }) => value.toString())).toEqual([poison.value]);
  expect(aside[0]!.headers).toMatchObject({
    'dead-letter-group': 'learning-progress',
    'dead-letter-reason': expect.stringContaining('no such value'),
  });
});

/** Makes PostgreSQL refuse evidence of an item as it refuses malformed values. */
async function refuse(itemId: string): Promise<void> {
  await learning.prisma.$executeRawUnsafe(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no such value' USING ERRCODE = 'invalid_parameter_value'; END $$`);
  await learning.prisma.$executeRawUnsafe(`
    CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON item_progress
    FOR EACH ROW WHEN (NEW.item_id = '${itemId}') EXECUTE FUNCTION refuse()`);
}

test('a statement whose text is no statement is put aside with its request, and those behind it count', async () => {
  const tenant = await enrolled();
  const garbled = record(tenant.organisationId, [tenant.completed(0)]);
  await learning.log.append([
    { ...garbled, value: garbled.value.replace(/[^\t]*\n$/, '{\n') },
    record(tenant.organisationId, [tenant.completed(1)]),
  ]);
  await learning.settled();
  expect(await tenant.completedItems()).toBe(1);
  expect(await putAside()).toMatchObject([
    { headers: { 'dead-letter-reason': expect.stringContaining('JSON') } },
  ]);
});
