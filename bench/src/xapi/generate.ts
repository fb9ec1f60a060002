import { ask } from './click-house.ts';

/** Rows of one insert; of a long time fewer, since roll-ups are made of them in memory. */
const mostAtOnce = 1_000_000;

const home = 'https://lyceum.example';

/** A number below `below` that depends on the row and on `what`; of each hundred, most are among the first few. */
const skewed = (what: string, below: number) =>
  `toUInt32(${String(below)} * pow(cityHash64('${what}', number) / pow(2, 64), 3))`;

/** Who learned what: one of a person for every hundred rows at most, two hundred courses of thirty items each. */
function picks(people: number): string {
  return `${skewed('person', people)} AS person, ${skewed('course', 200)} AS course, ${skewed('item', 30)} AS item,
    ['completed', 'passed', 'answered', 'experienced', 'progressed', 'initialized', 'terminated'][
      1 + ${skewed('verb', 7)}] AS what`;
}

/**
 * Fills the store's table in ClickHouse itself, with statements as a course player sends them, in order of `stored`: 250
 * a second, the last one hour ago, unless told otherwise. Whatever is made of statements at ingest is not filled, but for
 * what views make.
 *
 * @param from rows that are there already
 */
export async function generate(
  url: string,
  {
    rows,
    from: start = 0,
    end: last = new Date(Date.now() - 3_600_000),
    apartMicros = 4_000,
    rowsAtOnce = mostAtOnce,
  }: { rows: number; from?: number; end?: Date; apartMicros?: number; rowsAtOnce?: number },
): Promise<void> {
  const people = Math.max(1_000, Math.floor(rows / 100));
  const end = `toDateTime64('${last.toISOString().slice(0, 19).replace('T', ' ')}', 6, 'UTC')`;
  for (let from = start; from < rows; from += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - from);
    await ask(url, insertOf({ from, count, rows, people, end, apartMicros }));
  }
}

function insertOf(o: {
  from: number;
  count: number;
  rows: number;
  people: number;
  end: string;
  apartMicros: number;
}): string {
  return `INSERT INTO statements (organisation, id, stored, timestamp, verb, object_type, activity, actor, registration,
      related_activities, related_agents, success, score_scaled, authority, statement, log_offset)
    WITH ${picks(o.people)},
      generateUUIDv4(number) AS statement_id,
      ${o.end} - toIntervalMicrosecond((${String(o.rows)} - number) * ${String(o.apartMicros)}) AS at,
      concat('http://adlnet.gov/expapi/verbs/', what) AS verb_id,
      concat('${home}/xapi/activities/item_', leftPad(toString(course * 30 + item), 26, '0')) AS object_id,
      concat('${home}/xapi/activities/module_', leftPad(toString(course * 5 + item % 5), 26, '0')) AS module_id,
      concat('${home}/xapi/activities/course_', leftPad(toString(course), 26, '0')) AS course_id,
      concat('user_', leftPad(toString(person), 26, '0')) AS user_name,
      toUUID(UUIDNumToString(toFixedString(MD5(concat(toString(person), '/', toString(course))), 16))) AS enrolment,
      cityHash64('score', number) % 101 / 100 AS score,
      formatDateTime(at, '%Y-%m-%dT%H:%i:%S.%fZ') AS iso
    SELECT 'org_bench', statement_id, at, at, verb_id, 'Activity', object_id,
      concat('account:${home}|', user_name), enrolment, [object_id, module_id, course_id],
      [concat('account:${home}|', user_name)], what = 'passed' ? true : NULL, what = 'passed' ? score : NULL,
      'account:${home}|lrskey_bench',
      concat('{"id":"', toString(statement_id), '","actor":{"objectType":"Agent","name":"Learner ', toString(person),
        '","account":{"homePage":"${home}","name":"', user_name, '"}},"verb":{"id":"', verb_id,
        '","display":{"en-US":"', what, '"}},"object":{"objectType":"Activity","id":"', object_id,
        '","definition":{"name":{"en":"Lesson ', toString(item), ' of course ', toString(course),
        '"},"type":"http://adlnet.gov/expapi/activities/module"}},"result":{"score":{"scaled":', toString(score),
        '},"duration":"PT', toString(cityHash64('minutes', number) % 60), 'M"},"context":{"registration":"',
        toString(enrolment), '","platform":"Lyceum","contextActivities":{"parent":[{"id":"', module_id,
        '"}],"grouping":[{"id":"', course_id, '"}]}},"timestamp":"', iso, '","stored":"', iso,
        '","version":"1.0.0","authority":{"objectType":"Agent","account":{"homePage":"${home}","name":"lrskey_bench"}}}'),
      intDiv(number, 100)
    FROM numbers(${String(o.from)}, ${String(o.count)})
    SETTINGS max_block_size = 65536, min_insert_block_size_rows = 131072, min_insert_block_size_bytes = 0,
      max_insert_threads = 1`;
}
