import { describe, expect, test } from '@jest/globals';
import { withRequest } from '@lyceum/service';
import {
  ContractViolationError,
  domainEvent,
  parseDomainEvent,
  UnreadableRecordError,
} from '../src/index.ts';
import type { LogRecord, OutboxRow } from '../src/index.ts';

const user = { id: 'user_01', name: 'Ada', email: 'ada@lyceum.example', emailVerified: true, revision: 1 };
const registered = { type: 'user.registered', subject: user.id, organisation: '', data: { user } } as const;

function recordOf({ topic, key, value, headers }: Pick<OutboxRow, 'value'> & Partial<OutboxRow>): LogRecord {
  return {
    topic: topic ?? 'identity.events',
    partition: 0,
    offset: '7',
    key: key ?? 'user_01',
    value: Buffer.from(value),
    headers: headers ?? {},
    appendedAt: new Date(),
    cursor: '',
  };
}

describe('a domain event', () => {
  test('is written to the topic of its service under the key of its aggregate, and read back as it was', () => {
    const row = domainEvent(registered);
    expect(row).toMatchObject({
      topic: 'identity.events',
      key: 'user_01',
      headers: { type: 'user.registered' },
    });
    expect(parseDomainEvent(recordOf(row))).toMatchObject({
      specversion: '1.0',
      id: expect.stringMatching(/^evt_/),
      source: 'lyceum/identity',
      type: 'user.registered',
      dataversion: 1,
      data: { user },
    });
  });

  test('carries the id of the request that caused it', () => {
    const row = withRequest({ id: 'req-1' }, () => domainEvent(registered));
    expect(parseDomainEvent(recordOf(row))).toMatchObject({ requestid: 'req-1' });
  });

  test('that breaks its contract is not written, and the error names the path', () => {
    const broken = { ...registered, data: { user: { ...user, revision: 0 } } };
    expect(() => domainEvent(broken)).toThrow(ContractViolationError);
    expect(() => domainEvent(broken)).toThrow(/\/data\/user\/revision/);
  });

  test('with a property that no contract names is not written: it might be a secret', () => {
    const leaking = { ...registered, data: { user: { ...user, passwordHash: 'x' } } };
    expect(() => domainEvent(leaking)).toThrow(/passwordHash/);
  });

  test('that several services tell goes to the topic of the one that tells it, and to no other', () => {
    const done = {
      type: 'personal-data.done',
      subject: 'privacyjob_01',
      organisation: 'org_01',
      data: {
        jobId: 'privacyjob_01',
        organisationId: 'org_01',
        service: 'learning',
        kind: 'ERASURE',
        pieces: 0,
        report: [],
      },
    } as const;
    const row = domainEvent({ ...done, topic: 'learning.events' });
    expect(row.topic).toBe('learning.events');
    expect(JSON.parse(row.value)).toMatchObject({ source: 'lyceum/learning' });
    expect(() => domainEvent({ ...done, topic: 'identity.events' as 'learning.events' })).toThrow(
      ContractViolationError,
    );
  });

  test('that gained a property is still read by a program that does not know it', () => {
    const { value } = domainEvent(registered);
    const newer = value.replace('"revision":1', '"revision":1,"locale":"en-GB"');
    expect(parseDomainEvent(recordOf({ value: newer }))).toMatchObject({
      data: { user: { locale: 'en-GB' } },
    });
  });

  test('of an unknown type is skipped', () => {
    const value = domainEvent(registered).value.replace('user.registered', 'user.promoted');
    expect(parseDomainEvent(recordOf({ value }))).toBeUndefined();
  });

  test.each([
    ['not JSON', '{', /not JSON/],
    ['not an event', '[]', /not a CloudEvent/],
    ['without its data', '{"type":"user.registered","dataversion":1}', /required property 'data'/],
    ['of a version that nobody knows', '{"type":"user.registered","dataversion":9}', /version 9/],
  ])('that is %s is unreadable, and says why', (_, value, reason) => {
    expect(() => parseDomainEvent(recordOf({ value }))).toThrow(UnreadableRecordError);
    expect(() => parseDomainEvent(recordOf({ value }))).toThrow(reason);
  });
});
