import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

const paths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env['CHROMIUM'] ?? paths.find((path) => existsSync(path));

/** Whether the tests that need a browser can run here; where all must run, the lack of one fails them. */
export const hasBrowser = executablePath !== undefined || process.env['LYCEUM_REQUIRE_ALL'] === '1';

export async function launchBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('Chromium is not installed (apt-get install chromium)');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** What a page must not do: ask another host, or write a warning or an error to the console. */
export function observe(page: Page, origin: string) {
  const faults: string[] = [];
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http') && host !== new URL(origin).host) faults.push(`asked ${request.url()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`threw ${error.message}`));
  return faults;
}
