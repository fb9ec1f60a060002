import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createOutward, outwardUrlFault, OutwardError, type OutwardRules } from '@lyceum/service';

let server: Server;
let port: string;
let answer: RequestListener;
let requests = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = String((server.address() as AddressInfo).port);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function ask(url: string, rules: OutwardRules, timeoutMs = 5_000) {
  const outward = createOutward(rules);
  return outward.ask(url, { method: 'GET', timeoutMs }).finally(() => {
    outward.close();
  });
}

const open = { privateAddresses: true };
const closed = { privateAddresses: false };

test('a name that stands for this machine is refused as it is connected to, and nothing is sent', async () => {
  requests = 0;
  // The URL itself says nothing of where it leads to.
  expect(outwardUrlFault(`https://localhost:${port}/xapi`, closed)).toBeUndefined();
  await expect(ask(`https://localhost:${port}/xapi`, closed)).rejects.toThrow(
    'is on this machine, or in a private network',
  );
  expect(requests).toBe(0);
});

describe('an address that is no public one', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '192.168.0.1',
    '169.254.169.254',
    '[::1]',
    '[fe80::1]',
    '[fd00::1]',
    '[::ffff:10.0.0.1]',
  ])('%s is refused', async (host) => {
    await expect(ask(`https://${host}/xapi`, closed)).rejects.toThrow(OutwardError);
    await expect(ask(`https://${host}/xapi`, closed)).rejects.toThrow('private network');
  });
});

test('plain http goes to private networks alone, and only where they are allowed', async () => {
  expect(outwardUrlFault('http://example.org/xapi', closed)).toBe('must begin with https://');
  await expect(ask('http://93.184.215.14/xapi', open)).rejects.toThrow('must begin with https://');
  answer = (_request, response) => response.end('here');
  expect(await ask(`http://localhost:${port}/`, open)).toMatchObject({ status: 200, text: 'here' });
});

test('a redirect is an answer, and is not followed', async () => {
  requests = 0;
  answer = (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  expect(await ask(`http://127.0.0.1:${port}/`, open)).toMatchObject({ status: 302 });
  expect(requests).toBe(1);
});

test('who answers too slowly has not answered, and a long answer is read as far as needed', async () => {
  answer = (_request, response) => {
    response.write('beginning');
  };
  await expect(ask(`http://127.0.0.1:${port}/`, open, 300)).rejects.toThrow('no whole answer within 0.3 s');
  answer = (_request, response) => {
    const more = () => {
      while (response.write('x'.repeat(10_000)));
      response.once('drain', more);
    };
    more();
  };
  expect((await ask(`http://127.0.0.1:${port}/`, open)).text).toHaveLength(64 * 1024);
});

test('who is not there is said in words', async () => {
  await expect(ask('https://nobody.invalid/xapi', closed)).rejects.toThrow(/nobody\.invalid/);
});
