import { createHash } from 'node:crypto';
import { createEventLog, domainEvent } from '@lyceum/events';
import { createLogger } from '@lyceum/service';
import { eventually } from '@lyceum/testing';

/** Tells an LRS of a key that may do everything, as identity would: the headers to come with, once it knows it. */
export async function makeKey(o: {
  directory: string;
  kafkaBrokers: string | undefined;
  url: string;
}): Promise<Record<string, string>> {
  const log = await createEventLog({
    directory: o.directory,
    kafkaBrokers: o.kafkaBrokers,
    clientId: 'chaos',
    logger: createLogger({ service: 'chaos', level: 'error' }),
  });
  const secret = 'chaos';
  const key = {
    id: 'lrskey_chaos',
    key: 'chaos',
    secretHash: createHash('sha256').update(secret).digest('hex'),
    organisationId: 'org_chaos',
    name: 'Chaos',
    scopes: ['all'],
  };
  const created = {
    type: 'lrs-key.created',
    subject: key.id,
    organisation: key.organisationId,
    data: { key },
  } as const;
  await log.append([domainEvent(created)]);
  await log.close();
  const headers = {
    authorization: `Basic ${btoa(`chaos:${secret}`)}`,
    'x-experience-api-version': '1.0.3',
  };
  await eventually(
    async () => {
      const { status } = await fetch(`${o.url}/xapi/statements?limit=1`, { headers });
      if (status !== 200) throw new Error(`the LRS answers ${status}`);
    },
    { timeoutMs: 60_000, pauseMs: 100 },
  );
  return headers;
}
