import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { CancellationListener } from './cancellation-listener.ts';
import { ClientGoneError } from './client-gone-error.ts';
import type { CancelableContext } from './context.ts';
import { extract, type ExtractOptions } from './extract.ts';
import { offSocketClose, onSocketClose } from './socket-close.ts';

/**
 * {@link extract}, and done when the client goes away, with a {@link ClientGoneError} as its cause. HTTP/1.1 (keep-alive and pipelining) and HTTP/2.
 * As in Go it is also done, with a plain `CanceledError`, once the response is finished; disposing it is not needed. Whichever comes first: nothing is left on request, response or socket.
 *
 * A connection that this side closes looks the same as one that the client closed. Throws what {@link extract} does.
 *
 * @example
 * ```ts
 * createServer((req, res) => {
 *   const ctx = fromRequest(req, res, { parent: shutdown, maxTimeoutMs: 30_000, keys: [tenant] });
 *   ...
 * });
 * ```
 */
export function fromRequest(
  req: IncomingMessage | Http2ServerRequest,
  res: ServerResponse | Http2ServerResponse,
  options?: ExtractOptions,
): CancelableContext {
  const ctx = extract(req.headers, options);
  if (req.httpVersionMajor === 2) new StreamWatch(ctx, (res as Http2ServerResponse).stream).start();
  else new ResponseWatch(ctx, res as ServerResponse, (req as IncomingMessage).socket).start();
  return ctx;
}

/** Ends the context with the exchange, and stops listening with the context. */
abstract class ExchangeWatch extends CancellationListener {
  readonly #ctx: CancelableContext;
  readonly #writable: ServerResponse | ServerHttp2Stream;

  constructor(ctx: CancelableContext, writable: ServerResponse | ServerHttp2Stream) {
    super();
    this.#ctx = ctx;
    this.#writable = writable;
  }

  /** All of the response was handed over to the client. */
  protected abstract isFinished(): boolean;
  /** There is no client any more. */
  protected abstract isBroken(): boolean;

  start(): void {
    if (this.#ctx.done) return;
    if (this.isFinished() || this.isBroken()) this.onEnd();
    else this.listen();
  }

  protected listen(): void {
    this.listenTo(this.#ctx);
    // Before the server's own listener, which lets go of the socket.
    this.#writable.prependListener('finish', this.#onFinish);
    this.#writable.on('close', this.onEnd);
  }

  readonly #onFinish = (): void => {
    if (this.isFinished() || this.isBroken()) this.onEnd();
  };

  protected readonly onEnd = (): void => {
    this.#ctx.cancel(this.isFinished() ? undefined : new ClientGoneError());
  };

  override onCanceled(): void {
    this.#writable.removeListener('finish', this.#onFinish);
    this.#writable.removeListener('close', this.onEnd);
  }
}

/** HTTP/2. */
class StreamWatch extends ExchangeWatch {
  readonly #stream: ServerHttp2Stream;

  constructor(ctx: CancelableContext, stream: ServerHttp2Stream) {
    super(ctx, stream);
    this.#stream = stream;
  }

  /** Node ends a stream that the client has reset, so that it finishes like any other; and that of a HEAD request before anybody has answered it. */
  protected isFinished(): boolean {
    const { headersSent, writableFinished, aborted } = this.#stream;
    return headersSent && writableFinished && !aborted;
  }

  protected isBroken(): boolean {
    return this.#stream.destroyed || this.#stream.aborted;
  }
}

/** HTTP/1.1. */
class ResponseWatch extends ExchangeWatch {
  readonly #response: ServerResponse;
  readonly #socket: Socket | undefined;

  constructor(ctx: CancelableContext, response: ServerResponse, socket: Socket | undefined) {
    super(ctx, response);
    this.#response = response;
    this.#socket = socket;
  }

  /** What is written to a socket that is gone finishes too. */
  protected isFinished(): boolean {
    return this.#response.writableFinished && this.#response.socket?.destroyed !== true;
  }

  protected isBroken(): boolean {
    return this.#response.destroyed || this.#socket?.destroyed === true;
  }

  /** A response that waits behind others, in a pipeline, has no socket yet and would not hear of its end. */
  protected override listen(): void {
    super.listen();
    if (this.#response.socket === null && this.#socket !== undefined) onSocketClose(this.#socket, this.onEnd);
  }

  override onCanceled(): void {
    super.onCanceled();
    if (this.#socket !== undefined) offSocketClose(this.#socket, this.onEnd);
  }
}
