import './start.css';
import { ratePerSecond, readStatus, type ServiceStatus, type Status } from './status.ts';

const pollMs = 1_000;
let previous: Status | undefined;
let rate: number | null = null;

await poll();

async function poll(): Promise<void> {
  try {
    show(await readStatus());
  } catch {
    summarise('The gateway does not answer. This page goes on trying.', false);
  }
  setTimeout(() => void poll(), pollMs);
}

function show(status: Status): void {
  // The gateway keeps a reading for a second: the rate is of two different ones.
  if (status.at !== previous?.at) {
    rate = ratePerSecond(previous, status);
    previous = status;
  }
  const down = status.services.filter(({ state }) => state !== 'ready');
  const names = down.map(({ name }) => name).join(', ');
  summarise(down.length === 0 ? 'Everything runs.' : `Not ready: ${names}.`, down.length === 0);
  element('service-rows').replaceChildren(
    ...status.services.map((service) => row(service, status.circuits[service.name] ?? 'closed')),
  );
  element('rate').textContent = figure(rate);
  element('received').textContent = figure(status.statements.received);
  element('lag').textContent = figure(status.statements.lag);
  for (const place of document.querySelectorAll<HTMLElement>('li[data-address]')) address(place, status);
}

function summarise(text: string, well: boolean): void {
  const summary = element('summary');
  // Told once to screen readers, not every second.
  if (summary.textContent !== text) summary.textContent = text;
  summary.dataset['well'] = String(well);
}

function row({ name, url, state, checks = [] }: ServiceStatus, circuit: string): HTMLTableRowElement {
  const cells = document.createElement('tr');
  const stateCell = cell(state);
  stateCell.dataset['state'] = state;
  const look = cell('');
  if (url !== undefined) {
    look.append(
      link(seenFromHere(`${url}/health/ready`), 'health'),
      ' ',
      link(seenFromHere(`${url}/metrics`), 'metrics'),
    );
  }
  const said = checks.map((check) => (check.ok ? check.name : `${check.name}: ${check.reason ?? 'failed'}`));
  const heading = document.createElement('th');
  heading.scope = 'row';
  heading.textContent = name;
  cells.append(
    heading,
    stateCell,
    cell([...said, ...(circuit === 'closed' ? [] : ['the gateway does not ask it'])].join(', ')),
    look,
  );
  return cells;
}

function cell(text: string): HTMLTableCellElement {
  const made = document.createElement('td');
  made.textContent = text;
  return made;
}

function link(href: string, text: string): HTMLAnchorElement {
  const made = document.createElement('a');
  made.href = href;
  made.textContent = text;
  return made;
}

/** A place is shown once its address is known to be public. */
function address(place: HTMLElement, { addresses }: Status): void {
  const base = addresses[place.dataset['address'] ?? ''];
  place.hidden = base === undefined;
  if (base === undefined) return;
  for (const anchor of place.querySelectorAll('a')) {
    anchor.href = seenFromHere(`${base}${anchor.dataset['path'] ?? ''}`);
  }
}

/** To the gateway its own machine is `localhost`; to this browser it is the host of this page. */
function seenFromHere(address: string): string {
  const url = new URL(address);
  if (/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) url.hostname = location.hostname;
  return url.href;
}

function figure(value: number | null): string {
  return value === null ? '–' : new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 }).format(value);
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}`);
  return found;
}
