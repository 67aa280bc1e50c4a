/** Requests to the helper over one channel: JSON lines, answers by id, every answer checked before it is believed. */
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import {
  AnyEvent,
  Event,
  FailedReply,
  LINK_SILENCE_SECONDS,
  MAX_LINE_BYTES,
  ResultReply,
  resultSchemas,
  type Operation,
  type Operations,
  type Reply,
} from '../../protocol/helper';
import { neutralise } from '../../protocol/remoteText';
import { HelperError, LinkLostError } from '../base/helperErrors';
import { UserError } from '../base/userError';

interface Waiting {
  readonly op: Operation;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class HelperChannel {
  private nextId = 1;
  private readonly waiting = new Map<number, Waiting>();
  private buffer = '';
  private ended: Error | undefined;
  private listener: ((event: Event) => void) | undefined;
  private pings: NodeJS.Timeout | undefined;
  /** Settles once when the channel is gone, with the reason. */
  readonly closed: Promise<Error>;
  private settleClosed!: (reason: Error) => void;

  /**
   * @param stream the helper's standard input and output
   * @param received what came over the stream before this object was made
   */
  constructor(
    private readonly stream: Duplex,
    private readonly report: (line: string) => void,
    received = '',
  ) {
    this.closed = new Promise((resolve) => (this.settleClosed = resolve));
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.receive(text));
    stream.on('error', (error: Error) => this.end(new LinkLostError(error.message)));
    stream.on('close', () => this.end(new LinkLostError('the connection to the helper was closed')));
    stream.on('end', () => this.end(new LinkLostError('the helper ended')));
    if (received) this.receive(received);
    stream.resume();
  }

  /**
   * Sends one request and waits for its answer. Never sends anything twice.
   *
   * @param sent gets the request's id, which `stop` needs, when it was written
   * @throws HelperError when the helper answers with a failure
   * @throws LinkLostError when the link ends before the answer
   * @throws UserError when the link had ended before: then nothing was sent
   */
  request<O extends Operation>(
    op: O,
    params: Operations[O]['params'],
    sent?: (id: number) => void,
  ): Promise<Operations[O]['result']> {
    if (this.ended)
      return Promise.reject(
        new UserError(`The link is gone (${this.ended.message}), so nothing was sent; connect again.`),
      );
    const id = this.nextId++;
    const line = JSON.stringify({ id, op, ...params });
    if (Buffer.byteLength(line) > MAX_LINE_BYTES)
      return Promise.reject(new Error(`the request '${op}' is longer than ${MAX_LINE_BYTES} bytes`));
    return new Promise<Operations[O]['result']>((resolve, reject) => {
      this.waiting.set(id, { op, resolve: resolve, reject });
      this.stream.write(line + '\n');
      sent?.(id);
    });
  }

  /**
   * Lets the helper end itself, with everything unregistered, when nothing came over the link for some time: it cannot see
   * a link that is cut somewhere on the way. From now on there are signs of life three times as often.
   *
   * @param seconds how long silence may last
   */
  keepAlive(seconds = LINK_SILENCE_SECONDS): void {
    let answered = true;
    const ping = (): void => {
      // One that waits for its answer is on its way; more of them would only fill the link.
      if (!answered || this.ended) return;
      answered = false;
      this.request('ping', { silence: seconds }).then(
        () => (answered = true),
        (error: unknown) => {
          answered = true;
          if (!this.ended) this.report(`the helper did not take a sign of life: ${String(error)}`);
        },
      );
    };
    clearInterval(this.pings);
    this.pings = setInterval(ping, (seconds * 1000) / 3).unref();
    this.report(`the helper unregisters everything and ends when the link is silent for ${seconds} s`);
    ping();
  }

  /** Who is told of what the helper says unasked; one at a time. */
  onEvent(listener: (event: Event) => void): void {
    this.listener = listener;
  }

  /** True until the link is gone; a request made while false was certainly not sent. */
  get alive(): boolean {
    return this.ended === undefined;
  }

  /** Ends the helper by ending its input; requests on their way fail with the reason. */
  dispose(reason = 'the session was ended'): void {
    this.stream.end();
    this.end(new LinkLostError(reason));
  }

  private receive(text: string): void {
    this.buffer += text;
    let newline: number;
    while ((newline = this.buffer.indexOf('\n')) >= 0) {
      const line = this.buffer.slice(0, newline);
      this.buffer = this.buffer.slice(newline + 1);
      this.answer(line);
    }
    // A describe of a large host stays far below this; an endless line is no helper of ours.
    if (this.buffer.length > 64 * MAX_LINE_BYTES) this.fail('the helper sent a line without end');
  }

  private answer(line: string): void {
    let reply: Reply;
    try {
      const value: unknown = JSON.parse(line);
      const fields = typeof value === 'object' && value !== null ? value : {};
      if ('event' in fields) {
        this.hear(value);
        return;
      }
      // Checked as the one that it must be: a union tries all, and describes in full why the others do not fit.
      reply = 'error' in fields ? v.parse(FailedReply, value) : v.parse(ResultReply, value);
    } catch {
      this.report(`not an answer: ${neutralise(line, 200)}`);
      this.fail('the helper sent something that is not an answer');
      return;
    }
    const waiting = reply.id === null ? undefined : this.waiting.get(reply.id);
    if (reply.id === null || !waiting) {
      this.report(`an answer without its request: ${neutralise(line, 200)}`);
      return;
    }
    this.waiting.delete(reply.id);
    if ('error' in reply) {
      waiting.reject(new HelperError(reply.error));
      return;
    }
    const checked = v.safeParse(resultSchemas[waiting.op], reply.result);
    if (checked.success) waiting.resolve(checked.output);
    else waiting.reject(new Error(`the helper's answer to '${waiting.op}' has the wrong form`));
  }

  /** @throws when it is no event at all */
  private hear(value: unknown): void {
    const { event: name } = v.parse(AnyEvent, value);
    const { success, output } = v.safeParse(Event, value);
    const what = success && output.event === 'function' ? ` ${output.action} ${output.address}` : '';
    this.report(`event: ${neutralise(name, 64)}${what}`);
    if (success) this.listener?.(output);
  }

  private fail(why: string): void {
    this.end(new LinkLostError(why));
    this.stream.destroy();
  }

  private end(reason: Error): void {
    if (this.ended) return;
    this.ended = reason;
    clearInterval(this.pings);
    for (const waiting of this.waiting.values()) waiting.reject(reason);
    this.waiting.clear();
    this.settleClosed(reason);
  }
}
