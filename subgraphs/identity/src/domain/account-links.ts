/** The pages of the frontend to which mails lead. */
export type AccountPage =
  | 'log-in'
  | 'verify'
  | 'invitation'
  | 'forgot-password'
  | 'reset-password'
  | 'change-address'
  | 'personal-data';

export type AccountLinks = ReturnType<typeof createAccountLinks>;

/**
 * Where links in mails lead. The token is in the fragment, which a browser sends to nobody: it stands in no server's log
 * and in no Referer (RFC 9110, 10.1.3).
 */
export function createAccountLinks({ pagesUrl }: { pagesUrl: string }) {
  return {
    to: (page: AccountPage): string => `${pagesUrl}/${page}`,
    withToken: (page: AccountPage, token: string): string => `${pagesUrl}/${page}#token=${token}`,
  };
}
