/**
 * Pages of Prometheus' text format as one: all samples of a metric behind its one description, as the format wants
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). The pages' samples must differ in a label.
 */
export function joinMetricsPages(pages: readonly string[]): string {
  const metrics = new Map<string, { head: string[]; samples: string[] }>();
  for (const page of pages) {
    let name = '';
    for (const line of page.split('\n')) {
      if (line === '') continue;
      name = described.exec(line)?.[1] ?? name;
      const metric = metrics.get(name) ?? { head: [], samples: [] };
      metrics.set(name, metric);
      if (!line.startsWith('#')) metric.samples.push(line);
      else if (!metric.head.includes(line)) metric.head.push(line);
    }
  }
  const texts = [...metrics.values()].map(({ head, samples }) => [...head, ...samples].join('\n'));
  return `${texts.join('\n\n')}\n`;
}

const described = /^# (?:HELP|TYPE) (\S+)/;
