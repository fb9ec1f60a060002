/** The close codes upon which connecting again would be answered alike: docs/gateway.md, "Close codes of a socket". */
const faultsOfOurs = new Map([
  [1007, 'The gateway could not read a message.'],
  [1009, 'A message is too large for the gateway.'],
  [4400, 'The gateway does not understand a message.'],
  [4401, 'An operation was sent before the connection was acknowledged.'],
  [4406, 'What answers there does not speak graphql-transport-ws.'],
  [4409, 'Two operations have one id.'],
  [4429, 'The connection was initialised twice.'],
  [4431, 'You have too many connections. Close other pages.'],
]);

/** The token was refused, has expired, or its session has ended. */
export const forbidden = 4403;

export function closeCodeOf(reason: unknown): number | undefined {
  const code = typeof reason === 'object' && reason !== null && 'code' in reason ? reason.code : undefined;
  return typeof code === 'number' ? code : undefined;
}

/** Why it is of no use to connect again; undefined where it is. */
export function finalReason(reason: unknown): string | undefined {
  return faultsOfOurs.get(closeCodeOf(reason) ?? 0);
}
