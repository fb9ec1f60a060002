import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { workspaceFile } from '@lyceum/service';
import type { Browser, Page } from 'playwright-core';
import { publicAddresses } from '../src/pages/public-addresses.ts';
import { createSystemStatus } from '../src/pages/system-status.ts';
import { hasBrowser, launchBrowser, observe } from './kit/browser.ts';
import { eventually } from './kit/eventually.ts';
import { startGateway, type TestGateway } from './kit/gateway.ts';
import { startIdentity } from './kit/identity.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';
import type { TestSubgraph } from './kit/subgraph.ts';

let school: School;
let identity: TestSubgraph;
let gateway: TestGateway;
let operationsDirectory: string;

beforeAll(async () => {
  operationsDirectory = await mkdtemp(join(tmpdir(), 'operations-'));
  await writeFile(join(operationsDirectory, '1-who-am-i.graphql'), 'query WhoAmI { whoami }\n');
  await writeFile(
    join(operationsDirectory, '2-live-progress.graphql'),
    'subscription LiveProgress($course: ID) { progressUpdated(courseId: $course) { percent learner { name } course { title } } }\n',
  );
  await writeFile(join(operationsDirectory, '2-live-progress.variables.json'), '{ "course": "algebra" }\n');
  [school, identity] = await Promise.all([startSchool(), startIdentity()]);
  gateway = await startGateway([...school.all, identity], {
    pages: {
      webDirectory: workspaceFile('web', 'dist'),
      operationsDirectory,
      demo: true,
      addresses: {
        xapi: 'http://localhost:4100/xapi',
        jwks: 'https://keys.example/jwks',
      },
      status: createSystemStatus(
        [
          { name: 'identity', url: 'http://127.0.0.1:9' },
          { name: 'gateway', url: 'http://gateway.internal:9' },
        ],
        { detailed: true },
      ),
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all([school.stop(), identity.stop(), rm(operationsDirectory, { recursive: true })]);
});

describe('the pages', () => {
  test('the playground is for browsers only', async () => {
    const page = await fetch(gateway.url, { headers: { accept: 'text/html,*/*' } });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect((await fetch(gateway.url)).status).toBe(400);
  });

  test('the playground is told its examples, and the demo accounts only where they exist', async () => {
    const answer = await (await fetch(`${gateway.origin}/graphql/playground.json`)).json();
    expect(answer).toMatchObject({
      examples: [
        { title: 'Who am i', query: 'query WhoAmI { whoami }\n', variables: '' },
        { title: 'Live progress', variables: '{ "course": "algebra" }\n' },
      ],
    });
    expect((answer as { demoAccounts: unknown[] }).demoAccounts).toHaveLength(4);
  });

  test('a file that is not part of the build is not served', async () => {
    for (const file of ['nothing.js', '..%2Fpackage.json', '%2e%2e%2fpackage.json']) {
      expect((await fetch(`${gateway.origin}/assets/${file}`)).status).toBe(404);
    }
  });

  test('a file that the browser has already is not sent again', async () => {
    const first = await fetch(`${gateway.origin}/assets/start.js`);
    const again = await fetch(`${gateway.origin}/assets/start.js`, {
      headers: { 'if-none-match': first.headers.get('etag')! },
    });
    expect(again.status).toBe(304);
  });

  test('in production no more is told of a service than its name and its state', async () => {
    const observed = [
      { name: 'people', url: 'http://127.0.0.1:9' },
      { name: 'gateway', url: gateway.origin },
    ];
    const told = async (detailed: boolean) =>
      (await createSystemStatus(observed, { detailed }).read()).services;
    expect(await told(false)).toEqual([
      { name: 'people', state: 'unreachable' },
      { name: 'gateway', state: 'ready' },
    ]);
    expect(await told(true)).toMatchObject([
      { url: observed[0]!.url },
      { url: gateway.origin, checks: [{ name: 'subgraphs', ok: true }] },
    ]);
  });

  test('only what is public is linked to; while developing, what is on the same machine too', () => {
    const internal = {
      xapi: 'http://localhost:4100/xapi',
      jwks: 'http://identity:4101/.well-known/jwks.json',
      clickhouse: 'http://127.0.0.1:4123',
    };
    const configured = { xapi: undefined, jwks: 'https://keys.example/jwks', clickhouse: undefined };
    const none = { xapi: undefined, jwks: undefined, clickhouse: undefined };
    expect(publicAddresses({ configured, internal, production: true })).toEqual({
      jwks: 'https://keys.example/jwks',
    });
    expect(publicAddresses({ configured: none, internal, production: false })).toEqual({
      xapi: 'http://localhost:4100/xapi',
      clickhouse: 'http://127.0.0.1:4123',
    });
  });

  test('a service that does not answer is told as that', async () => {
    const status = await (await fetch(`${gateway.origin}/status.json`)).json();
    expect(status).toMatchObject({
      services: [{ name: 'identity', state: 'unreachable' }, {}],
      statements: { received: null },
      circuits: { identity: 'closed' },
    });
  });
});

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('in a browser (skipped where Chromium is not installed)', () => {
  let browser: Browser;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1400, height: 850 } });
    page.setDefaultTimeout(20_000);
    faults = observe(page, gateway.origin);
  });

  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  async function shown(text: string): Promise<void> {
    await page.locator('.result-window', { hasText: text }).waitFor();
  }

  /** On a busy machine the editor comes later than its button, which runs nothing without it. */
  async function runWhoAmI(tab: Page): Promise<void> {
    await tab.getByRole('tab', { name: 'WhoAmI' }).click();
    await tab.locator('.graphiql-query-editor', { hasText: 'whoami' }).waitFor();
    await tab.locator('.graphiql-execute-button').click();
  }

  async function screenshot(name: string): Promise<void> {
    const directory = process.env['LYCEUM_SCREENSHOTS'];
    if (directory) await page.screenshot({ path: join(directory, `${name}.png`) });
  }

  test('one logs in once; queries and subscriptions carry the token, renewed when it is about to end', async () => {
    school.progress.connections.length = 0;
    await page.goto(gateway.url);
    await page.getByRole('button', { name: 'Learner' }).click();
    await page.getByText('Logged in as learner').waitFor();
    await runWhoAmI(page);
    await shown('Bearer learner:600000');
    await screenshot('playground-query');

    await page.getByRole('tab', { name: 'LiveProgress' }).click();
    await page.locator('.graphiql-execute-button').click();
    await eventually('the subscription is open', () => school.progress.live() === 1);
    school.events.publish(progressOf('ada', 'algebra', 42));
    await shown('"name": "Ada"');
    await screenshot('playground-subscription');
    expect(school.progress.connections).toEqual([{ authorization: 'Bearer learner:600000' }]);
  });

  test('a renewal that the network fails is tried again, and one is still logged in', async () => {
    let failures = 0;
    await page.route('**/graphql', async (route) => {
      if (!route.request().postData()?.includes('sessionRefresh') || failures > 0) return route.continue();
      failures += 1;
      return route.abort();
    });
    await page.goto(gateway.url);
    await page.getByRole('button', { name: 'Learner' }).click();
    await page.getByText('Logged in as learner').waitFor();
    await runWhoAmI(page);
    await shown('Bearer learner:600000');
    expect(failures).toBe(1);
    expect(faults.splice(0)).toEqual([expect.stringContaining('ERR_FAILED')]);
  });

  test('a session that identity refuses to renew is over', async () => {
    await page.goto(gateway.url);
    const tokens = { accessToken: 'x', expiresAt: new Date(0).toISOString(), refreshToken: 'spent' };
    const stored = JSON.stringify({ tokens, account: { name: 'x', roles: [] } });
    await page.evaluate(`sessionStorage.setItem('lyceum.session', '${stored}')`);
    await page.reload();
    await page.getByLabel('Password').waitFor();
  });

  test('a tab and its duplicate renew their common token once, and both stay logged in', async () => {
    const isRenewal = ({ query }: { query: string }) => query.includes('sessionRefresh');
    await page.goto(gateway.url);
    const release = identity.hold((query) => query.includes('sessionRefresh'));
    identity.received.length = 0;
    await page.getByRole('button', { name: 'Learner' }).click();
    await page.getByText('Logged in as learner').waitFor();
    await runWhoAmI(page);
    await eventually('the renewal is under way', () => identity.received.some(isRenewal));
    // A window that a page opens begins with a copy of its sessionStorage, as a duplicated tab does.
    const opened = page.waitForEvent('popup');
    await page.evaluate('void open(location.href)');
    const duplicate = await opened;
    duplicate.setDefaultTimeout(20_000);
    await duplicate.getByText('Logged in as learner').waitFor();
    await runWhoAmI(duplicate);
    release();
    await shown('Bearer learner:600000');
    await duplicate.locator('.result-window', { hasText: 'Bearer learner:600000' }).waitFor();
    expect(identity.received.filter(isRenewal)).toHaveLength(1);
    await duplicate.close();
  }, 90_000);

  test('a wrong password is said', async () => {
    await page.goto(gateway.url);
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByText('The e-mail address or the password is wrong.').waitFor();
  });

  test('the schema is documented, and the page follows the dark mode of the system', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(gateway.url);
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page.getByRole('link', { name: 'Subscription' }).click();
    await page.getByText('progressUpdated').first().waitFor();
    await screenshot('playground-dark');
  });

  test('the start page shows what is ready and what is not', async () => {
    await page.goto(gateway.origin);
    await page.getByText('Not ready: identity, gateway.').waitFor();
    expect(await page.getByRole('row').count()).toBe(3);
    expect(await page.getByRole('link', { name: 'health' }).count()).toBe(1);
    expect(await page.getByRole('link', { name: 'JWKS' }).getAttribute('href')).toBe(
      'https://keys.example/jwks',
    );
    expect(await page.getByRole('link', { name: 'xAPI' }).isVisible()).toBe(true);
    expect(await page.getByRole('link', { name: 'ClickHouse' }).count()).toBe(0);
    await screenshot('start');
  });
});
