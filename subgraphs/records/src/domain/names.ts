import { invalid } from '@lyceum/service';
import { activityIdOf, activityIri, agentKey, agentOf, userIdOf, verbs, type Actor } from '@lyceum/xapi';

export type Names = ReturnType<typeof createNames>;

const longest = 2_000;

/** How what the graph speaks of is named in statements, and the other way round. */
export function createNames(publicUrl: string) {
  const ourAccount = agentKey(agentOf(publicUrl, '')) ?? '';
  const { homePage } = agentOf(publicUrl, '').account ?? { homePage: publicUrl };

  return {
    /** What the keys of our users begin with, as we write it and with a slash behind the home page. */
    accounts: { ours: ourAccount, slashed: `account:${homePage}/|` },

    /** The keys that the statements of a user have, with the home page written with and without a slash at its end. */
    actorsOf: (userId: string): string[] =>
      [homePage, `${homePage}/`].map((each) => agentKey({ account: { homePage: each, name: userId } }) ?? ''),

    /** The user whom an actor names by account, null for anybody else. */
    userOf: (actor: Actor): string | null => userIdOf(publicUrl, actor),

    /** The IRI of an activity, given as such or as the id of an object of ours. @throws INVALID */
    activityOf: (field: readonly string[], text: string): string =>
      isIri(checked(field, text)) ? text : activityIri(publicUrl, text),

    /** The id of an object of ours behind the IRI of an activity, null for any other. */
    idOf: (activity: string): string | null => activityIdOf(publicUrl, activity),

    /** The IRI of a verb, given as such or by its name in ADL's vocabulary. @throws INVALID */
    verbOf(field: readonly string[], text: string): string {
      if (isIri(checked(field, text))) return text;
      const known = Object.entries(verbs).find(([name]) => name === text.toLowerCase());
      if (!known) throw invalid(field, `${text} is neither an IRI nor the name of a verb that Lyceum knows.`);
      return known[1];
    },
  };
}

/** An IRI has a scheme; neither an id of ours nor the name of a verb has a colon. */
const isIri = (text: string) => text.includes(':');

function checked(field: readonly string[], text: string): string {
  if (text !== '' && text.length <= longest) return text;
  throw invalid(field, `Must have 1 to ${longest} characters.`);
}
