/** As far as a browser matters to a login: it follows redirects, and keeps the cookies of each host. */
export interface Browser {
  /** The answer to a URL, without following it. */
  get(url: string): Promise<Response>;
  /** The answer to a form. */
  post(url: string, form: Readonly<Record<string, string>>): Promise<Response>;
  /** Where it is sent at last: the first URL that `isEnd` knows, or the answer that sends it nowhere. */
  follow(url: string, isEnd: (url: string) => boolean): Promise<{ url: string; response?: Response }>;
  /** Forgets what hosts told it to keep. */
  forget(): void;
}

interface Cookie {
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
}

/** @param reach where a URL is found: a public address stands for a port that nobody knows before */
export function createBrowser(reach: (url: string) => string = (url) => url): Browser {
  let cookies: Cookie[] = [];

  function keep(url: URL, header: string): void {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/';
    const isSame = (other: Cookie) => other.host === url.host && other.path === path && other.name === name;
    cookies = cookies.filter((other) => !isSame(other));
    if (value !== '') cookies.push({ host: url.host, path, name, value });
  }

  async function ask(text: string, more: RequestInit = {}): Promise<Response> {
    const url = new URL(text);
    const sent = cookies.filter(({ host, path }) => host === url.host && url.pathname.startsWith(path));
    const cookie = sent.map(({ name, value }) => `${name}=${value}`).join('; ');
    const response = await fetch(reach(text), {
      ...more,
      redirect: 'manual',
      headers: cookie === '' ? {} : { cookie },
    });
    for (const header of response.headers.getSetCookie()) keep(url, header);
    return response;
  }

  const get = (url: string) => ask(url);

  return {
    get,
    post: (url, form) => ask(url, { method: 'POST', body: new URLSearchParams(form) }),
    forget() {
      cookies = [];
    },
    async follow(url, isEnd) {
      if (isEnd(url)) return { url };
      const response = await get(url);
      const next = response.headers.get('location');
      return next === null ? { url, response } : this.follow(new URL(next, url).href, isEnd);
    },
  };
}
