import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createSystem, eventually, type System } from '@lyceum/testing';
import type { Browser, Page } from 'playwright-core';
import { hasBrowser, launchBrowser, observe } from '../../gateway/test/kit/browser.ts';
import { metric } from './kit/metrics.ts';
import { logIn } from './kit/people.ts';
import { completion, postStatements } from './kit/records.ts';

// The pages in Chromium, over the whole system. LYCEUM_SCREENSHOTS names a folder for pictures of what was seen.

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('in a browser (skipped where Chromium is not installed)', () => {
  let system: System;
  let browser: Browser;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    system = createSystem();
    [browser] = await Promise.all([launchBrowser(), system.start()]);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await system.delete();
  }, 30_000);

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1400, height: 850 } });
    page.setDefaultTimeout(15_000);
    faults = observe(page, system.url('gateway'));
  });

  afterEach(async () => {
    await page.close();
    // No request to another host, no fault on the console.
    expect(faults).toEqual([]);
  });

  test('one logs in, runs a query, and sees a statement of a moment ago arrive in a subscription', async () => {
    await page.goto(`${system.url('gateway')}/graphql`);
    await page.getByRole('button', { name: 'Learner' }).click();
    await page.getByText('Logged in as').waitFor();

    await run('BrowseCourses');
    // The page renders what is in sight: the first of the courses.
    await shown('"type": "PAGE"');
    await screenshot('playground-query');

    await run('LiveProgress');
    await eventually(async () => {
      expect(await metric(system, 'learning', 'lyceum_live_subscribers')).toBeGreaterThan(0);
    });
    const learner = await logIn(system, 'learner');
    const item = /activities\/(item_\w+)/.exec(system.supervisor().output())![1]!;
    const posted = await postStatements(system, completion(system, learner.id, item));
    expect(posted.status).toBe(200);
    await shown('"title": "Foundations of Data Literacy"');
    await shown('"name": ');
    await screenshot('playground-live');
  }, 60_000);

  test('the start page shows that everything runs, and its links lead somewhere', async () => {
    await page.goto(system.url('gateway'));
    await page.getByText('Everything runs.').waitFor();
    expect(await page.getByRole('rowheader').count()).toBe(system.state().services.length - 1);
    await screenshot('start');
    const links = await page
      .getByRole('link')
      .evaluateAll((all) => all.map((link) => (link as unknown as { href: string }).href));
    for (const link of new Set(links)) {
      const { status } = await fetch(link, { headers: { accept: 'text/html' } });
      expect({ link, status }).toEqual({ link, status: 200 });
    }
  }, 60_000);

  async function run(tab: string): Promise<void> {
    await page.getByRole('tab', { name: tab }).click();
    await page.locator('.graphiql-execute-button').click();
  }

  async function shown(text: string): Promise<void> {
    await page.locator('.result-window', { hasText: text }).waitFor();
  }

  async function screenshot(name: string): Promise<void> {
    const directory = process.env['LYCEUM_SCREENSHOTS'];
    if (directory !== undefined) await page.screenshot({ path: join(directory, `${name}.png`) });
  }
});
