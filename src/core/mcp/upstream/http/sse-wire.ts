// HTTP+SSE, the transport of revision 2024-11-05: one stream of events for all the server says, which begins with the
// place messages are posted to.

import { SseReader } from '../../../http/sse.ts';
import type { UpstreamHeaders } from '../../../http/transport.ts';
import type { JsonObject } from '../../wire/json-rpc.ts';
import { linkFacts, linkFailure, problemOf } from '../link-failure.ts';
import { LARGEST_MESSAGE } from '../message-size.ts';
import type { Wire, WireReceiver } from '../wire.ts';
import { BoundedBody } from './bounded-body.ts';
import { AGENT, Exchange, type ExchangeReceiver } from './exchange.ts';
import { messagesIn } from './message-events.ts';
import { OpenExchanges } from './open-exchanges.ts';
import { mediaType, Post, type PostHost } from './post.ts';
import { type Place, placeOf, type RemoteServer } from './remote-server.ts';
import { statusFailure, unreadable } from './transport-failure.ts';

export class SseWire implements Wire, PostHost, ExchangeReceiver {
  readonly streamPerRequest = false;
  readonly hasSession = true;
  readonly exchanges = new OpenExchanges();
  readonly server: RemoteServer;
  readonly #url: URL;
  readonly #messageUrl: string | undefined;
  readonly #events = new SseReader((data, event) => this.#onEvent(data, event), LARGEST_MESSAGE);
  #receiver: WireReceiver | undefined;
  #stream: Exchange | undefined;
  #refusal: { readonly status: number; readonly body: BoundedBody } | undefined;
  #endpoint: Place | undefined;
  #version: string | undefined;
  #settle: ((failure?: Error) => void) | undefined;
  #over = false;

  /** `messageUrl`: where messages go instead of where the server says; the query it says stays. */
  constructor(server: RemoteServer, url: URL, messageUrl: string | undefined) {
    this.server = server;
    this.#url = url;
    this.#messageUrl = messageUrl;
  }

  start(receiver: WireReceiver): Promise<void> {
    this.#receiver = receiver;
    return new Promise((resolve, reject) => {
      this.#settle = (failure) => {
        this.#settle = undefined;
        if (failure === undefined) return resolve();
        this.#over = true;
        this.#stream?.abort();
        reject(failure);
      };
      const request = { method: 'GET', place: placeOf(this.#url), headers: ACCEPT_EVENTS, body: null } as const;
      this.#stream = new Exchange(this.server, request, this);
      this.#stream.begin();
    });
  }

  send(message: JsonObject): Promise<void> {
    const place = this.#endpoint;
    if (this.#over || place === undefined) {
      return Promise.reject(linkFailure('upstream_unavailable', LOST, { sent: false, over: true }));
    }
    const headers = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream', ...AGENT];
    if (this.#version !== undefined) headers.push('mcp-protocol-version', this.#version);
    const posted = { message, answeredHere: false, signal: undefined, onStreamEnd: undefined };
    return Post.send(posted, place, headers, this);
  }

  setProtocolVersion(version: string): void {
    this.#version = version;
  }

  close(): Promise<void> {
    if (this.#over) return Promise.resolve();
    this.#settle?.(linkFailure('upstream_unavailable', LOST, { sent: false, over: true }));
    this.#over = true;
    this.#stream?.abort();
    this.exchanges.abortAll();
    this.#receiver?.onClose(undefined);
    return Promise.resolve();
  }

  onHead(status: number, headers: UpstreamHeaders): void {
    if (status !== 200) this.#refusal = { status, body: new BoundedBody() };
    else if (mediaType(headers['content-type']) !== 'text/event-stream') this.#fail(unreadable());
  }

  onData(chunk: Buffer): void {
    const within = this.#refusal === undefined ? this.#events.push(chunk) : this.#refusal.body.push(chunk);
    if (!within) this.#fail(unreadable());
  }

  onEnd(): void {
    const { status } = this.#refusal ?? {};
    if (status === undefined) this.#fail(linkFailure('upstream_unavailable', BROKEN, { sent: true, over: true }));
    else this.#fail(statusFailure(status, '', { isRequest: false, hasSession: false }));
  }

  onFailure(failure: Error): void {
    this.#fail(failure);
  }

  onMessage(): void {
    // What comes back with a message is an acknowledgement: the stream brings the answers.
  }

  onTaken(): void {}

  onRetry(): void {}

  resume(): boolean {
    return false;
  }

  lose(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#receiver?.onClose(linkFailure('upstream_unavailable', why, { sent: true, over: true }));
    this.#stream?.abort();
    this.exchanges.abortAll();
  }

  #onEvent(data: string, event: string | undefined): void {
    if (event === 'endpoint') this.#place(data);
    else if (event === undefined || event === 'message') {
      for (const message of messagesIn(data) ?? []) this.#receiver?.onMessage(message);
    }
  }

  /** Messages carry the credentials, so they go to the server's own origin, wherever the configuration says nothing. */
  #place(announced: string): void {
    if (this.#settle === undefined) return;
    const url = URL.canParse(announced, this.#url.href) ? new URL(announced, this.#url) : undefined;
    if (url === undefined || url.origin !== this.#url.origin) {
      this.#settle(unreadable());
      return;
    }
    const target = this.#messageUrl === undefined ? url : new URL(this.#messageUrl);
    if (target !== url) {
      for (const [name, value] of url.searchParams)
        if (!target.searchParams.has(name)) target.searchParams.set(name, value);
    }
    this.#endpoint = placeOf(target);
    this.#settle();
  }

  /** The stream is of no more use: the server knows nothing of a second one. */
  #fail(failure: Error): void {
    if (this.#settle !== undefined) this.#settle(failure);
    else this.lose(linkFacts(failure)?.over === true ? problemOf(failure) : BROKEN);
  }
}

const ACCEPT_EVENTS = ['accept', 'text/event-stream', ...AGENT];
const LOST = 'the connection was lost';
const BROKEN = 'its stream broke off';
