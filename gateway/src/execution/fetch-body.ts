import type { FetchNode } from '@apollo/query-planner';
import type { Run } from './run.ts';

/** Writes what goes to a subgraph: all but the variables is known beforehand. */
export type FetchBody = (run: Run, representations?: readonly string[]) => string;

export function fetchBody(fetch: FetchNode): FetchBody {
  const { operation, operationName, variableUsages = [] } = fetch;
  const name = operationName === undefined ? '' : `,"operationName":${JSON.stringify(operationName)}`;
  const head = `{"query":${JSON.stringify(operation)}${name},"variables":{`;
  const used = variableUsages.map((variable) => ({ variable, key: `${JSON.stringify(variable)}:` }));
  return ({ variables }, representations) => {
    let body = head;
    let comma = '';
    for (const { variable, key } of used) {
      const value = Object.hasOwn(variables, variable) ? variables[variable] : undefined;
      if (value === undefined) continue;
      body += `${comma}${key}${JSON.stringify(value)}`;
      comma = ',';
    }
    return representations
      ? `${body}${comma}"representations":[${representations.join(',')}]}}`
      : `${body}}}`;
  };
}
