import { hashSecret } from '../domain/secrets.ts';

/**
 * The cookie that binds a login by a provider to the browser that began it. Each login has one of its own, named after
 * its state, so that two tabs do not take each other's. Over TLS no other host of the domain can set it (RFC 6265bis,
 * 4.1.3.2: `__Host-`). Lax: it comes along when the provider sends the browser back.
 */
export function browserCookie(state: string, { secure }: { secure: boolean }) {
  const name = `${secure ? '__Host-' : ''}lyceum-sso-${hashSecret(state).slice(0, 16)}`;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  return {
    set: (value: string) => `${name}=${value}; ${attributes}; Max-Age=600`,

    clear: `${name}=; ${attributes}; Max-Age=0`,

    /** Its value in a Cookie header; '' where it is not there. */
    in(header: string | undefined): string {
      const pairs = (header ?? '').split(';').map((pair) => pair.trim());
      return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
    },
  };
}
