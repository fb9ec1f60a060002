/**
 * Conditions on an agent, what agentKey makes of an Agent or a Group; `agent` is the parameter that holds it, such as
 * `{agent:String}`.
 *
 * No column tells members of the actor, and agents that are the object, from all others that a statement names, and
 * hardly a statement has them: they are taken from the text, where the agent is known to be in it and is not the actor.
 * As a column, it would cost every insert.
 */

/** agentKey, of an actor's JSON. */
const keyOf = `multiIf(
  JSONHas(one, 'account'),
  concat('account:', JSONExtractString(one, 'account', 'homePage'), '|', JSONExtractString(one, 'account', 'name')),
  JSONHas(one, 'mbox'), JSONExtractString(one, 'mbox'),
  JSONHas(one, 'mbox_sha1sum'), concat('sha1:', lower(JSONExtractString(one, 'mbox_sha1sum'))),
  concat('openid:', JSONExtractString(one, 'openid')))`;

const besideActor = `arrayConcat(
  JSONExtractArrayRaw(statement, 'actor', 'member'),
  if(object_type IN ('Agent', 'Group'), [JSONExtractRaw(statement, 'object')], []),
  if(object_type = 'Group', JSONExtractArrayRaw(statement, 'object', 'member'), []))`;

const mayBeBesideActor = `(object_type IN ('Agent', 'Group') OR position(statement, '"Group"') > 0)`;

/** The agent is the actor or the object, or a member of one of them that is a Group (Communication 2.1.3, agent). */
export const agentIsActorOrObject = (agent: string) => `has(related_agents, ${agent}) AND (actor = ${agent} OR
  ${mayBeBesideActor} AND (
    -- Valid JSON that is beyond ClickHouse (1e400): whom it names can't be told apart.
    NOT isValidJSON(statement) OR arrayExists(one -> ${keyOf} = ${agent}, ${besideActor})))`;

/** The agent is anywhere in the statement (Communication 2.1.3, related_agents). */
export const agentIsRelated = (agent: string) => `(has(related_agents, ${agent}) OR authority = ${agent})`;

/** The keys of all that the agent filter finds a statement by, as an array; of JSON that is beyond ClickHouse, all it names. */
export const agentsOfStatement = `multiIf(
  NOT ${mayBeBesideActor}, [actor],
  NOT isValidJSON(statement), related_agents,
  arrayDistinct(arrayConcat([actor], arrayMap(one -> ${keyOf}, ${besideActor}))))`;

/** The same of what a statement reaches (statement_references). */
export const agentIsReached = (agent: string) => `has(agents, ${agent})`;
export const relatedAgentIsReached = (agent: string) =>
  `(has(related_agents, ${agent}) OR target_authority = ${agent})`;
