import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { StartError, type RunningService } from '@lyceum/service';
import { parse, print } from 'graphql';
import { rightsInSdl } from '../src/rights/rights-in-sdl.ts';
import { standalone } from '../src/standalone/standalone.ts';
import { eventually } from './kit/eventually.ts';
import { composed, post } from './kit/gateway.ts';
import { es256, hs256, startIssuer, type Issuer } from './kit/issuer.ts';
import { initialised, openSocket } from './kit/raw-socket.ts';
import { startRegistry, type Registry } from './kit/registry.ts';

/** The gateway alone, where the supergraph asks for rights: clients' tokens are of somebody else's making. */
let registry: Registry;
let issuer: Issuer;
let folder: string;
let file: string;
let running: RunningService;
let url: string;

beforeAll(async () => {
  process.env['LOG_LEVEL'] = 'silent';
  [registry, issuer] = await Promise.all([startRegistry(), startIssuer()]);
  folder = await mkdtemp(join(tmpdir(), 'lyceum-rights-'));
  file = join(folder, 'supergraph.graphql');
  await writeFile(file, composed(registry.all));
  const said = ['--issuer', issuer.issuer, '--audience', 'graph'];
  running = await standalone([
    '--supergraph',
    file,
    '--port',
    '0',
    '--jwks',
    issuer.jwksUrl,
    ...said,
  ]).start();
  url = `${running.url}/graphql`;
});

afterAll(async () => {
  await running.stop();
  await Promise.all([registry.stop(), issuer.stop(), rm(folder, { recursive: true })]);
});

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const query = '{ me { name email } }';
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

describe('a token', () => {
  test('that is valid lets its bearer have what its scopes say', async () => {
    expect((await post(url, query, { token: issuer.token() })).data).toEqual({
      me: { name: 'Ada', email: null },
    });
    const answers = [
      { scope: 'openid people:read mail:read' },
      { scope: ['people:read', 'mail:read'] },
      { scp: 'admin' },
      { scp: ['admin'] },
    ].map(async (claims) => (await post(url, query, { token: issuer.token(claims) })).data);
    const all = { me: { name: 'Ada', email: 'ada@example.org' } };
    expect(await Promise.all(answers)).toEqual([all, all, all, all]);
  });

  test('goes to the subgraphs as it is', async () => {
    const token = issuer.token({ jti: 'of this test' });
    registry.parties.received.length = 0;
    await post(url, query, { token });
    expect(registry.parties.received[0]?.headers.authorization).toBe(`Bearer ${token}`);
  });

  test('is not needed for what is everybody’s', async () => {
    const { status, data } = await post(url, '{ me { name } person(id: "ada") { name } }');
    expect({ status, data }).toEqual({ status: 200, data: { me: null, person: { name: 'Ada' } } });
  });

  test('whose bearer holds no permissions of ours satisfies no policy', async () => {
    const token = issuer.token({ roles: ['ADMIN'], permissions: ['course.publish'] });
    expect((await post(url, '{ published }', { token })).data).toEqual({ published: null });
  });
});

describe('whatever is not a valid token is refused, over HTTP with 401, on a socket with 4403', () => {
  const es = { alg: 'ES256', kid: 'first' };
  test.each<[string, () => string]>([
    ['unsigned', () => issuer.forged({ alg: 'none' }, {}, () => Buffer.alloc(0))],
    [
      'unsigned, with the kid of a key',
      () => issuer.forged({ ...es, alg: 'none' }, {}, () => Buffer.alloc(0)),
    ],
    [
      'signed with the public key for a secret',
      () => issuer.forged({ ...es, alg: 'HS256' }, {}, (input) => hs256(input, issuer.publicKey)),
    ],
    ['signed by somebody else', () => issuer.forged(es, {}, (input) => es256(input, stranger))],
    [
      'of a kid that nobody published',
      () => issuer.forged({ ...es, kid: 'second' }, {}, (input) => es256(input, stranger)),
    ],
    [
      'that brings its own key',
      () =>
        issuer.forged({ ...es, jwk: stranger.export({ format: 'jwk' }) }, {}, (input) =>
          es256(input, stranger),
        ),
    ],
    [
      'that names an address for its key',
      () => issuer.forged({ ...es, jku: 'http://127.0.0.1:1/jwks' }, {}, (input) => es256(input, stranger)),
    ],
    ['of another issuer', () => issuer.token({ iss: 'https://elsewhere.example' })],
    ['of no issuer', () => issuer.token({ iss: undefined })],
    ['for another audience', () => issuer.token({ aud: ['others'] })],
    ['that has expired', () => issuer.token({ exp: inAnHour() - 7_200 })],
    ['that never expires', () => issuer.token({ exp: undefined })],
    ['that is not valid yet', () => issuer.token({ nbf: inAnHour() })],
    ['of nobody', () => issuer.token({ sub: undefined })],
    ['whose payload was changed', () => changed(issuer.token())],
    ['that is none', () => 'a.b.c'],
  ])('%s', async (_name, make) => {
    const token = make();
    const answer = await post(url, '{ person(id: "ada") { name } }', { token });
    expect(answer).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(answer.data).toBeUndefined();
    const raw = await openSocket(url);
    raw.send({ type: 'connection_init', payload: { token } });
    expect((await raw.closed).code).toBe(4403);
  });

  test('a header that is no bearer token’s', async () => {
    const { status } = await post(url, query, { headers: { authorization: 'Basic YWRhOmFkYQ==' } });
    expect(status).toBe(401);
  });
});

describe('on an open socket', () => {
  test('a newer token of the same subject may take its place', async () => {
    const raw = await initialised(url, { token: issuer.token() });
    raw.send({ type: 'ping', payload: { token: issuer.token({ exp: inAnHour() }) } });
    expect((await raw.message('pong')).payload).toMatchObject({ renewed: true });
    raw.send({ type: 'ping', payload: { token: issuer.token({ sub: 'ben', exp: inAnHour() + 1 }) } });
    expect((await raw.closed).code).toBe(4403);
  });

  test('it ends with its token', async () => {
    const raw = await openSocket(url);
    raw.send({
      type: 'connection_init',
      payload: { token: issuer.token({ exp: Math.floor(Date.now() / 1_000) + 2 }) },
    });
    expect(await raw.closed).toEqual({ code: 4403, reason: 'The access token has expired.' });
  });
});

describe('a supergraph that asks for rights', () => {
  test('is not served where no token can be verified', async () => {
    const refusal: unknown = await standalone(['--supergraph', file, '--port', '0'])
      .start()
      .catch((reason: unknown) => reason);
    expect(refusal).toBeInstanceOf(StartError);
    expect((refusal as StartError).message).toMatch(
      /asks for rights by @authenticated, .* \(pass --jwks URL\)/,
    );
  });

  test('nor does it take the place of one that asks for none', async () => {
    const changing = join(folder, 'changing.graphql');
    const withRights = composed(registry.all);
    await writeFile(changing, print(rightsInSdl(parse(withRights)).stripped));
    const other = await standalone(['--supergraph', changing, '--port', '0']).start();
    const metrics = async () => (await fetch(`${other.url}/metrics`)).text();
    await writeFile(changing, withRights);
    await eventually('it was offered', async () => {
      const text = await metrics();
      return /^lyceum_gateway_supergraph_reloads_total\{.*outcome="refused".*\} 1$/m.test(text);
    });
    expect((await post(`${other.url}/graphql`, '{ me { name } }')).data).toEqual({ me: { name: 'Ada' } });
    await other.stop();
  });

  test.each([
    ['--issuer without --jwks', ['--issuer', 'x'], 'pass --jwks'],
    ['--jwks that is no address', ['--jwks', 'keys.json'], '--jwks must be an address'],
  ])('%s is a mistake', async (_name, given, reason) => {
    const refusal: unknown = await standalone(['--supergraph', file, ...given])
      .start()
      .catch((each: unknown) => each);
    expect((refusal as StartError).message).toContain(reason);
  });
});

/** Another subject, under the signature of the first. */
function changed(token: string): string {
  const [header, payload, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as object;
  const other = Buffer.from(JSON.stringify({ ...claims, sub: 'root', scope: 'admin' })).toString('base64url');
  return `${header}.${other}.${signature}`;
}
