import type { Dispatcher } from 'undici';

/** What is sent. */
export interface Outgoing {
  readonly path: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What came back, whole. */
export interface Incoming {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** There was no whole answer in time. */
export class DeadlineError extends Error {
  override name = 'DeadlineError';
}

/**
 * POSTs over a pool of connections. undici's `request` makes a stream for each body and a signal for each deadline; here the
 * parts are put together as they come.
 *
 * @param milliseconds from now to the last byte of the answer
 * @throws DeadlineError, or whatever undici says when there is no connection or it breaks
 */
export function exchange(pool: Dispatcher, outgoing: Outgoing, milliseconds: number): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const answer = new Assembly(resolve, reject);
    answer.within(milliseconds);
    pool.dispatch({ method: 'POST', ...outgoing }, answer);
  });
}

class Assembly implements Dispatcher.DispatchHandler {
  readonly #resolve: (incoming: Incoming) => void;
  readonly #reject: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;
  #late: DeadlineError | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #contentType = '';
  readonly #chunks: Buffer[] = [];

  constructor(resolve: (incoming: Incoming) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  within(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#late = new DeadlineError(`No answer within ${milliseconds} ms`);
      this.#reject(this.#late);
      this.#controller?.abort(this.#late);
    }, milliseconds);
  }

  /** It may have waited for a connection until it was too late. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#late) controller.abort(this.#late);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    this.#contentType = String(headers['content-type']);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    const [first] = this.#chunks;
    const bytes = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#resolve({
      status: this.#status,
      contentType: this.#contentType,
      text: withoutMark(bytes.toString()),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.#timer);
    this.#reject(error);
  }
}

/** Some servers begin with a byte order mark, which is no JSON. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
