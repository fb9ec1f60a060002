import type { HttpServer } from '@lyceum/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SignOnError } from '../domain/sign-on/sign-on-error.ts';
import type { Begun, SignOns } from '../domain/sign-on/sign-ons.ts';
import { browserCookie } from './browser-cookie.ts';

interface Start {
  Params: { providerId: string };
  Querystring: { return?: unknown; link?: unknown };
}

interface SignOnRoutes {
  readonly signOns: SignOns;
  /** Whether browsers come over TLS. */
  readonly secure: boolean;
}

/**
 * The way of a browser to a provider (`GET /sso/:providerId/start`) and back (`GET /sso/callback`). It comes to the return
 * address with `#code=`, `#link=` or `#error=`: a fragment is in nobody's logs. Where no address is to be trusted, it is
 * shown a page.
 */
export function serveSignOn(server: HttpServer, { signOns, secure }: SignOnRoutes): void {
  server.get<Start>('/sso/:providerId/start', async (request, reply) => {
    const { return: returnTo, link } = request.query;
    try {
      const begun = await begin(signOns, request.params.providerId, { returnTo, link });
      if (!begun)
        return await page(reply, 400, 'This link does not log in anywhere. Begin again from the app.');
      void reply.header('set-cookie', browserCookie(begun.state, { secure }).set(begun.browser));
      return await redirect(reply, begun.providerUrl.href);
    } catch (error) {
      return failed(request, reply, error);
    }
  });

  server.get<{ Querystring: { state?: unknown } }>('/sso/callback', async (request, reply) => {
    const { state } = request.query;
    const cookie = browserCookie(textOf(state), { secure });
    const browser = cookie.in(request.headers.cookie);
    const query = request.url.slice(request.url.indexOf('?'));
    const returned = await signOns.finish({ state: textOf(state), browser, query });
    if (!returned) return page(reply, 400, 'This login is over, or began in another browser. Begin again.');
    void reply.header('set-cookie', cookie.clear);
    const { name, value } = returned.outcome;
    return redirect(reply, `${returned.returnTo}#${name}=${value}`);
  });
}

function begin(
  signOns: SignOns,
  providerId: string,
  { returnTo, link }: { returnTo: unknown; link: unknown },
): Promise<Begun | undefined> {
  return link === undefined
    ? signOns.begin(providerId, textOf(returnTo))
    : signOns.beginLink(providerId, textOf(link));
}

/** A parameter that is given twice is none. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function failed(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof SignOnError)) throw error;
  request.log.warn({ err: error }, 'a provider of single sign-on cannot be reached');
  return page(reply, 502, 'The provider cannot be reached now. Try again later.');
}

function redirect(reply: FastifyReply, url: string): FastifyReply {
  return unkept(reply).redirect(url, 303);
}

/** Its text is ours alone: nothing of the request is in it. */
function page(reply: FastifyReply, status: number, text: string): FastifyReply {
  return unkept(reply).code(status).type('text/plain; charset=utf-8').send(`${text}\n`);
}

function unkept(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
}
