import type { FastifyReply, FastifyRequest } from 'fastify';

/** Whose pages may ask: those of the gateway's own origin, and of others by name. */
export interface Origins {
  /**
   * Whether a browser says that a GET comes from such a page, or no browser sent it. A page of anybody can have a browser
   * send a GET (`<img>`, `<script>`, a link), which it marks as cross-site; where nothing says what sent it, it may
   * have been a browser that marks nothing, and the answer is no.
   */
  mayRead(request: FastifyRequest): boolean;
  /** Lets a page of an allowed origin read the answer (https://fetch.spec.whatwg.org/#http-cors-protocol). */
  allowAnswer(request: FastifyRequest, reply: FastifyReply): void;
  /** Answers a preflight: what a page of an allowed origin may send; to others, nothing. */
  answerPreflight(request: FastifyRequest, reply: FastifyReply): FastifyReply;
}

const secondsInADay = 86_400;

/** @param allowed origins such as `https://app.example.org`, beside the gateway's own */
export function createOrigins(allowed: readonly string[]): Origins {
  const known = new Set(allowed);

  /** On the answer itself, since some are written past fastify. */
  function allowAnswer({ headers: { origin } }: FastifyRequest, { raw }: FastifyReply): void {
    if (known.size === 0) return;
    raw.setHeader('vary', 'Origin');
    if (origin !== undefined && known.has(origin)) raw.setHeader('access-control-allow-origin', origin);
  }

  return {
    mayRead({ headers, host }) {
      const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers;
      if (origin !== undefined && known.has(origin)) return true;
      // Browsers that send one of the two send both (https://w3c.github.io/webappsec-fetch-metadata/): a program sent it.
      if (site === undefined && mode !== undefined) return origin === undefined;
      if (site !== undefined) return site === 'same-origin';
      return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
    },
    allowAnswer,
    answerPreflight(request, reply) {
      allowAnswer(request, reply);
      const { origin } = request.headers;
      if (origin === undefined || !known.has(origin)) return reply.code(403).send();
      return reply
        .code(204)
        .header('access-control-allow-methods', 'GET, POST')
        .header(
          'access-control-allow-headers',
          'authorization, content-type, x-request-id, apollo-require-preflight, x-apollo-operation-name',
        )
        .header('access-control-max-age', secondsInADay)
        .send();
    },
  };
}
