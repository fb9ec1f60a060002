import { newId } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { register, setRegistration, verify } from './account-flows.ts';
import { act, type Acted } from './acting.ts';
import { logIn, type RunningIdentity, type Tokens } from './identity.ts';
import { mailsTo, newestMail, tokenIn } from './mailbox.ts';
import type { Challenge } from './second-factor.ts';

export const inNorth = 'a word of the north';
export const inSouth = 'a word of the south';

interface Switched {
  tokens: Tokens | null;
  challenge: Challenge | null;
}

export const switchTo = (
  client: GraphQLClient,
  organisation: string,
  password?: string,
): Promise<Acted<Switched>> =>
  act<Switched>(
    client,
    'sessionSwitch',
    { organisation, password },
    'tokens { accessToken refreshToken expiresAt } challenge { token kind methods expiresAt passkeyOptions }',
  );

/** What became of a switch, in a word. */
export async function outcome(
  client: GraphQLClient,
  organisation: string,
  password?: string,
): Promise<string> {
  const answered = await switchTo(client, organisation, password);
  if (answered.tokens) return `in ${String(decodeJwt(answered.tokens.accessToken)['org'])}`;
  return answered.challenge?.kind ?? answered.userErrors.map(({ code }) => code).join();
}

export type NorthAndSouth = Awaited<ReturnType<typeof northAndSouth>>;

/** Two organisations that anybody may register with, and people who belong to both. */
export async function northAndSouth(identity: RunningIdentity) {
  const visitor = graphqlClient(identity.url);
  const north = await identity.organisation('north');
  const south = await identity.organisation('south');
  for (const { admin } of [north, south]) await setRegistration(admin, 'OPEN');

  async function join(organisation: string, email: string, password: string): Promise<void> {
    const before = mailsTo(identity, email).length;
    await register(visitor, { organisation, name: organisation, email, password });
    const token = tokenIn(await newestMail(identity, email, before + 1));
    const { userErrors } = await verify(visitor, token, password);
    if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
  }

  async function here(email: string, organisation: 'north' | 'south' = 'north') {
    const password = organisation === 'north' ? inNorth : inSouth;
    const { accessToken } = await logIn(visitor, email, password, organisation);
    return {
      ask: graphqlClient(identity.url, accessToken),
      id: decodeJwt(accessToken).sub!,
      sessionId: String(decodeJwt(accessToken)['sid']),
    };
  }

  /** Somebody who registered with both, logged in to the north. */
  async function person() {
    const email = `${newId('person')}@people.example`;
    await join('north', email, inNorth);
    await join('south', email, inSouth);
    return { email, ...(await here(email)) };
  }

  /** The same, who has shown how they log in to the south. */
  async function trusted() {
    const somebody = await person();
    for (const password of [inSouth, undefined]) {
      const became = await outcome(somebody.ask, 'south', password);
      if (became !== `in ${south.id}`) throw new Error(`The switch to the south ended with ${became}`);
    }
    return somebody;
  }

  return { visitor, north, south, join, here, person, trusted };
}
