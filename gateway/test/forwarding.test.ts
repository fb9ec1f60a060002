import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientHeader, openClient } from '@lyceum/service';
import { eventually } from './kit/eventually.ts';
import { createEndedSessions } from '../src/access/ended-sessions.ts';
import { gatewaySecret, sessionOf, startGateway, type TestGateway } from './kit/gateway.ts';
import { startSchool, type School } from './kit/school.ts';

let school: School;
let gateway: TestGateway;
const ended = createEndedSessions();
let identity: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  identity = createServer((request, response) => {
    answer(request, response);
  });
  await new Promise<void>((listening) => identity.listen(0, '127.0.0.1', listening));
  const { port } = identity.address() as AddressInfo;
  school = await startSchool();
  gateway = await startGateway(school.all, {
    forwarding: { identityUrl: `http://127.0.0.1:${port}` },
    endedSessions: ended,
  });
});
afterAll(async () => {
  await gateway.stop();
  await school.stop();
  identity.closeAllConnections();
  identity.close();
});

/** A body that is sent in parts, each when it is asked for. */
function inParts() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({
    start(started) {
      controller = started;
    },
  });
  return {
    stream,
    send: (part: string) => {
      controller.enqueue(Buffer.from(part));
    },
    end: () => {
      controller.close();
    },
  };
}

test('a file goes to identity as it comes, with the token and the client that the gateway saw', async () => {
  const heard: string[] = [];
  let asked: IncomingMessage | undefined;
  answer = (request, response) => {
    asked = request;
    request.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
    request.on('end', () =>
      response.writeHead(202, { 'content-type': 'application/json' }).end('{"id":"import_1"}'),
    );
  };
  const { stream, send, end } = inParts();
  const sent = fetch(`${gateway.origin}/people/import?dryRun=true`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer somebody',
      'content-type': 'text/csv',
      'user-agent': 'a script',
      cookie: 'no=1',
    },
    body: stream,
    duplex: 'half',
  });
  send('email,name\n');
  await eventually('the first part', () => heard.join('') === 'email,name\n');
  send('ann@example.org,Ann\n');
  end();
  const received = await sent;
  expect([received.status, await received.json()]).toEqual([202, { id: 'import_1' }]);
  expect(heard.join('')).toBe('email,name\nann@example.org,Ann\n');
  expect(asked).toMatchObject({ method: 'POST', url: '/people/import?dryRun=true' });
  expect(asked!.headers).toMatchObject({ authorization: 'Bearer somebody', 'content-type': 'text/csv' });
  expect(asked!.headers).not.toHaveProperty('cookie');
  expect(openClient(String(asked!.headers[clientHeader]), gatewaySecret)).toMatchObject({
    userAgent: 'a script',
  });
});

test('a file comes from identity as it is made, and no longer than somebody takes it', async () => {
  let gone = false;
  let response: ServerResponse | undefined;
  answer = (_request, answering) => {
    response = answering;
    answering.on('close', () => (gone = true));
    answering.writeHead(200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="people.csv"',
      'set-cookie': 'no=1',
    });
    answering.write('email,name\n');
  };
  const abandon = new AbortController();
  const received = await fetch(`${gateway.origin}/people/export.csv`, { signal: abandon.signal });
  expect(received.headers.get('content-disposition')).toContain('people.csv');
  expect(received.headers.get('set-cookie')).toBeNull();
  const reader = received.body!.getReader();
  expect(Buffer.from((await reader.read()).value).toString()).toBe('email,name\n');
  response!.write('ann@example.org,Ann\n');
  expect(Buffer.from((await reader.read()).value).toString()).toBe('ann@example.org,Ann\n');
  abandon.abort();
  await eventually('identity stops', () => gone);
});

test('what identity refuses is refused, and a file that it does not take is UNAVAILABLE', async () => {
  answer = (_request, response) => {
    response.writeHead(403, { 'content-type': 'application/json' }).end('{"error":{"code":"FORBIDDEN"}}');
  };
  const refused = await fetch(`${gateway.origin}/people/import`, { method: 'POST', body: 'x' });
  expect([refused.status, await refused.json()]).toEqual([403, { error: { code: 'FORBIDDEN' } }]);
  answer = (request) => {
    request.socket.destroy();
  };
  const lost = await fetch(`${gateway.origin}/people/export.csv`);
  expect([lost.status, await lost.json()]).toMatchObject([503, { error: { code: 'UNAVAILABLE' } }]);
});

test('a session that has ended, and a token that is none, take no file out and bring none in', async () => {
  let asked = 0;
  answer = (_request, response) => {
    asked += 1;
    response.end('email,name\n');
  };
  ended.add(sessionOf('thief'), new Date(Date.now() + 60_000));
  for (const token of ['thief', 'forged']) {
    const headers = { authorization: `Bearer ${token}` };
    const out = await fetch(`${gateway.origin}/people/export.csv`, { headers });
    expect([out.status, await out.json()]).toMatchObject([401, { error: { code: 'UNAUTHENTICATED' } }]);
    const into = await fetch(`${gateway.origin}/people/import`, { method: 'POST', body: 'x', headers });
    expect(into.status).toBe(401);
  }
  expect(asked).toBe(0);
});

test('a browser goes to a provider of single sign-on and back with its cookies, and with nothing else', async () => {
  let asked: IncomingMessage | undefined;
  answer = (request, response) => {
    asked = request;
    response
      .writeHead(303, {
        location: 'https://login.example.org/authorize?state=1',
        'set-cookie': ['one=1; HttpOnly', 'two=2'],
        'cache-control': 'no-store',
        'x-internal': 'not for browsers',
      })
      .end();
  };
  const sent = await fetch(`${gateway.origin}/sso/idp_1/start?return=https%3A%2F%2Fapp.example.org%2F`, {
    redirect: 'manual',
    headers: { cookie: 'one=0', authorization: 'Bearer somebody' },
  });
  expect([sent.status, sent.headers.get('location')]).toEqual([
    303,
    'https://login.example.org/authorize?state=1',
  ]);
  expect(sent.headers.getSetCookie()).toEqual(['one=1; HttpOnly', 'two=2']);
  expect([sent.headers.get('cache-control'), sent.headers.get('x-internal')]).toEqual(['no-store', null]);
  expect(asked).toMatchObject({ url: '/sso/idp_1/start?return=https%3A%2F%2Fapp.example.org%2F' });
  expect(asked!.headers).toMatchObject({ cookie: 'one=0' });
  expect(asked!.headers).not.toHaveProperty('authorization');
});

test('what a provider says of a logout is handed on to identity as it is', async () => {
  let body = '';
  let asked: IncomingMessage | undefined;
  answer = (request, response) => {
    asked = request;
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => response.writeHead(400, { 'cache-control': 'no-store' }).end());
  };
  const told = await fetch(`${gateway.origin}/sso/backchannel-logout/idp_1`, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: 'a.b.c' }),
  });
  expect([told.status, told.headers.get('cache-control')]).toEqual([400, 'no-store']);
  expect([asked!.url, body]).toEqual(['/sso/backchannel-logout/idp_1', 'logout_token=a.b.c']);
  expect(asked!.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
});
