import { newId } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { accept } from './account-flows.ts';
import { act } from './acting.ts';
import { logIn, type RunningIdentity } from './identity.ts';
import { newestMail, tokenIn } from './mailbox.ts';

export interface Shown {
  organisation: { id: string; slug: string; name: string; state: string };
}

export const shown = 'organisation { id slug name state }';

export const newSlug = () => newId('school').replace('_', '-');
export const newAddress = () => `${newId('head')}@people.example`;

export type Platform = Awaited<ReturnType<typeof onPlatform>>;

/** Identity as who stands above the organisations uses it, with schools that they make. */
export async function onPlatform(identity: RunningIdentity) {
  const visitor = graphqlClient(identity.url);
  const platform = await identity.loggedIn('admin');

  const create = (client: GraphQLClient, input: object) =>
    act<Shown>(
      client,
      'organisationCreate',
      { name: 'A School', administratorEmail: newAddress(), ...input },
      shown,
    );

  /** An organisation as the platform makes one, with its administrator logged in. */
  async function school() {
    const [slug, email, password] = [newSlug(), newAddress(), 'their own words'];
    const { organisation } = await create(platform, { slug, administratorEmail: email });
    await accept(visitor, tokenIn(await newestMail(identity, email)), 'The Head', password);
    const tokens = await logIn(visitor, email, password);
    return {
      ...organisation,
      email,
      password,
      tokens,
      head: graphqlClient(identity.url, tokens.accessToken),
    };
  }

  return { visitor, platform, create, school };
}
