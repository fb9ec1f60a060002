import { topicOfEvent } from '@lyceum/events';
import { statementsTopic } from '@lyceum/xapi';

/** Every topic that a service consumes: what one of them could not read lies beside it. */
export const topicsOfLog: readonly string[] = [
  ...new Set([statementsTopic, ...Object.values(topicOfEvent).flat()]),
];
