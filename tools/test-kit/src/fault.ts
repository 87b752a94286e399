import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';

/** One request on its way through the server. Its body has been read. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** For answers that are not HTTP. */
  readonly socket: Socket;
  /** Breaks the connection with an RST. */
  readonly reset: () => void;
  /** Runs something later, unless the socket has closed by then. In real time also under fake timers. */
  readonly after: (ms: number, action: () => void) => void;
}

/** What a server does with one request. Any function will do; {@link fault} has the usual ones. */
export type Fault = (exchange: Exchange) => void;

export interface AnswerOptions {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A number is sent as seconds, a Date as an HTTP date, a string (garbage, say) as it is. */
  readonly retryAfter?: number | Date | string;
}

export interface SlowBodyOptions {
  /** @defaultValue 10 */
  readonly chunks?: number;
  /** Pause before each chunk, in ms. @defaultValue 20 */
  readonly everyMs?: number;
}

/** How servers fail, and how they answer. */
export const fault = {
  /** 200. */
  ok: (body: string = 'ok', options: Omit<AnswerOptions, 'body'> = {}): Fault =>
    fault.status(200, { ...options, body }),

  status:
    (status: number, { body = '', headers = {}, retryAfter }: AnswerOptions = {}): Fault =>
    ({ response }) => {
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfterText(retryAfter));
      response.writeHead(status, headers).end(body);
    },

  /** To the same URL, forever if it is the last of its script. */
  redirectLoop:
    (status: number = 301): Fault =>
    ({ request, response }) => {
      response.writeHead(status, { location: request.url }).end();
    },

  /** RST before a byte of the answer: ECONNRESET. */
  reset:
    (): Fault =>
    ({ reset }) => {
      reset();
    },

  /** RST after the headers and a part of the body. */
  resetInBody:
    (): Fault =>
    ({ response, reset, after }) => {
      sendHalf(response, () => {
        // A reset overtakes what the client has not read yet: it gets a moment to read the headers. After a stall of this process the moment is over
        // before it has read anything; it reads before the next immediate.
        after(20, () => setImmediate(reset));
      });
    },

  /** An orderly end, but before the length that was promised. */
  truncatedBody:
    (): Fault =>
    ({ response, socket }) => {
      sendHalf(response, () => socket.end());
    },

  /** The request is read, and that is all. */
  noAnswer: (): Fault => () => undefined,

  /** Headers and a part of the body, and that is all. */
  stalledBody:
    (): Fault =>
    ({ response }) => {
      sendHalf(response, () => undefined);
    },

  /** 200 whose headers arrive one by one, the last of them after `totalMs`. */
  slowHeaders:
    (totalMs: number, body: string = 'ok'): Fault =>
    ({ socket, after }) => {
      const lines = [
        'HTTP/1.1 200 OK',
        'content-type: text/plain',
        `content-length: ${Buffer.byteLength(body)}`,
        'connection: close',
      ];
      lines.forEach((line, index) => {
        after((totalMs / lines.length) * index, () => socket.write(`${line}\r\n`));
      });
      after(totalMs, () => socket.end(`\r\n${body}`));
    },

  /** 200 with headers at once and a body of `chunks` letters, one at a time. */
  slowBody:
    ({ chunks = 10, everyMs = 20 }: SlowBodyOptions = {}): Fault =>
    ({ response, after }) => {
      response.writeHead(200, { 'content-length': chunks });
      response.flushHeaders();
      for (let chunk = 1; chunk <= chunks; chunk++) {
        after(chunk * everyMs, () => (chunk < chunks ? response.write('x') : response.end('x')));
      }
    },

  /** The connection is closed in good order without a byte: "empty reply", "socket hang up". */
  emptyReply:
    (): Fault =>
    ({ socket }) => {
      socket.end();
    },

  /** Bytes that no HTTP parser takes. */
  invalidHttp:
    (): Fault =>
    ({ socket }) => {
      socket.end('SMTP/9.9 ehlo\r\n\r\n');
    },

  /** `then` after a pause. */
  delayed:
    (ms: number, then: Fault): Fault =>
    (exchange) => {
      exchange.after(ms, () => {
        then(exchange);
      });
    },
} as const;

/** Runs actions until `socket` closes. */
export function afterUntilClosed(socket: Socket): Exchange['after'] {
  return (ms, action) => {
    const stop = (): void => {
      clearTimeout(timer);
    };
    const timer = setTimeout(() => {
      socket.off('close', stop);
      action();
    }, ms);
    socket.once('close', stop);
  };
}

function retryAfterText(retryAfter: number | Date | string): string {
  return typeof retryAfter === 'object' ? retryAfter.toUTCString() : String(retryAfter);
}

function sendHalf(response: ServerResponse, then: () => void): void {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('x'.repeat(500), then);
}
