import { demoSecret } from './checks/credentials.ts';
import type { DemoMark } from './demo/demo-mark.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What the banner tells: addresses without a trailing slash. */
export interface BannerFacts {
  readonly publicUrl: string;
  readonly lrsUrl: string;
  readonly clickhouseUrl: string;
  readonly databaseUrl: string;
  readonly subgraphs: readonly { name: string; url: string }[];
  readonly demo: DemoMark | undefined;
  readonly seconds: number;
}

/** What a person needs to use the system that just started. */
export function banner(facts: BannerFacts, { bold, dim }: Terminal): string {
  const { publicUrl, demo } = facts;
  const lines = [
    '',
    bold(`Lyceum is ready after ${facts.seconds.toFixed(1)} s.`),
    '',
    row('GraphQL, playground', `${publicUrl}/graphql`),
    row('state, links', `${publicUrl}/`),
    row('xAPI', `${facts.lrsUrl}/xapi`),
    row('subgraphs', facts.subgraphs.map(({ name, url }) => `${name} ${new URL(url).port}`).join(', ')),
    row('PostgreSQL', dim(facts.databaseUrl)),
    row('ClickHouse', dim(facts.clickhouseUrl)),
    ...(demo ? demoLines(facts, demo, bold) : []),
    '',
    dim('Ctrl-C stops everything. npm run status, npm run simulate, npm run reset.'),
    '',
  ];
  return lines.join('\n');
}

function demoLines(
  { publicUrl, lrsUrl }: BannerFacts,
  demo: DemoMark,
  bold: (text: string) => string,
): string[] {
  return [
    '',
    row('accounts', `admin@, author@, instructor@, learner@lyceum.example, password ${demoSecret}`),
    row('xAPI key', `demo, secret ${demoSecret}`),
    '',
    bold('Watch progress: in the playground, logged in as learner@lyceum.example, run'),
    '',
    '  subscription { progressUpdated { percent status learner { name } course { title } updatedAt } }',
    '',
    bold(`Make some: this completes “${demo.item.title}” of ${demo.course.title}`),
    '',
    curl(publicUrl, lrsUrl, demo),
  ];
}

/** One line for a POSIX shell that posts a `completed` statement as the demo learner. */
function curl(publicUrl: string, lrsUrl: string, { learnerId, item }: DemoMark): string {
  const statement = {
    actor: { account: { homePage: publicUrl, name: learnerId } },
    verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
    object: { id: `${publicUrl}/xapi/activities/${item.id}` },
  };
  const headers = `-H 'Content-Type: application/json' -H 'X-Experience-API-Version: 1.0.3'`;
  return `  curl -u demo:${demoSecret} ${headers} ${lrsUrl}/xapi/statements -d '${JSON.stringify(statement)}'`;
}

const row = (name: string, value: string) => `  ${name.padEnd(20)} ${value}`;
