import { Buffer } from 'node:buffer';
import { NexusError } from '../../errors/nexus-error.ts';
import type {
  Transport,
  UpstreamCall,
  UpstreamHeaders,
  UpstreamReceiver,
  UpstreamRequest,
} from '../../http/transport.ts';
import { type Frame, FrameReader } from './bedrock-frames.ts';
import { openSigner, type Signer } from './bedrock-signer.ts';
import type { TransportSettings } from './definition.ts';

const JSON_TYPE = 'application/json';
const ERROR_LIMIT = 256 * 1024;

/**
 * The way to Amazon Bedrock: calls are signed, then sent over `shared` like all others.
 *
 * A call's path ends in `/model/{id}/{operation}`, the id in percent-encoding; any operation of bedrock-runtime that is a
 * POST of JSON can be named: `converse`, `converse-stream`, `invoke`, `count-tokens`. Any other path is a GET of the region's
 * other service, `bedrock`, which knows the models there are. Origin and headers of the request
 * are not used: the region or the configured base URL decides, and the SDK writes the headers. Body bytes and response
 * headers come through as they are (`x-amzn-bedrock-input-token-count` among them), but for two things:
 * - binary frames become an event stream in text: `event:` is the frame's type, `data:` its JSON; an exception in
 *   mid-stream is an event `exception` whose JSON has its kind as `__type`;
 * - the body of an error gets its kind, which stands in the header `x-amzn-errortype`, as `__type`.
 *
 * Throws `config_invalid` when the AWS SDK is not installed.
 */
export async function openBedrockTransport(settings: TransportSettings, shared: Transport): Promise<Transport> {
  const signer = await openSigner(settings);
  return {
    send(request, receiver) {
      const call = new BedrockCall(receiver, request.path.endsWith('-stream'));
      void call.run(request, signer, shared);
      return call;
    },
    async close() {
      signer.close();
    },
  };
}

class BedrockCall implements UpstreamCall, UpstreamReceiver {
  readonly #receiver: UpstreamReceiver;
  readonly #streamed: boolean;
  readonly #signing = new AbortController();
  #upstream: UpstreamCall | undefined;
  #over = false;
  #frames: FrameReader | undefined;
  /** What the frames of one read say. */
  #events = '';
  /** The kind of error, and its body so far. */
  #errorType: string | undefined;
  #error: Buffer[] = [];
  #errorSize = 0;

  /** `streamed`: the operation answers in frames, whatever the answer is labelled. */
  constructor(receiver: UpstreamReceiver, streamed: boolean) {
    this.#receiver = receiver;
    this.#streamed = streamed;
  }

  async run(request: UpstreamRequest, signer: Signer, shared: Transport): Promise<void> {
    try {
      const signed = await signer.sign(request, this.#signing.signal);
      if (!this.#over) this.#upstream = shared.send(signed, this);
    } catch (error) {
      this.onError(error);
    }
  }

  pause(): void {
    this.#upstream?.pause();
  }

  resume(): void {
    this.#upstream?.resume();
  }

  abort(): void {
    this.#over = true;
    this.#signing.abort();
    this.#upstream?.abort();
  }

  onHead(status: number, headers: UpstreamHeaders): void {
    if (this.#over) return;
    const errorType = headers['x-amzn-errortype'];
    if (status >= 300) this.#errorType = errorType === undefined ? '' : String(errorType);
    else if (this.#streamed && !String(headers['content-type']).startsWith(JSON_TYPE)) {
      this.#frames = new FrameReader((frame) => {
        this.#events += eventText(frame);
      });
    }
    this.#receiver.onHead(status, headers);
  }

  onData(chunk: Buffer): void {
    if (this.#over) return;
    if (this.#errorType !== undefined) this.#collect(chunk);
    else if (this.#frames === undefined) this.#receiver.onData(chunk);
    else this.#read(this.#frames, chunk);
  }

  onEnd(): void {
    if (this.#over) return;
    if (this.#errorType !== undefined) this.#receiver.onData(typed(Buffer.concat(this.#error), this.#errorType));
    if (this.#over) return;
    this.#over = true;
    this.#receiver.onEnd();
  }

  onError(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#receiver.onError(error);
  }

  #read(frames: FrameReader, chunk: Buffer): void {
    const whole = frames.push(chunk);
    const events = this.#events;
    this.#events = '';
    if (events !== '') this.#receiver.onData(Buffer.from(events));
    if (whole || this.#over) return;
    this.#upstream?.abort();
    this.onError(new NexusError('upstream_invalid', 'The provider sent an event stream that is damaged'));
  }

  /** Enough of an error to read it; the rest is not worth waiting for. */
  #collect(chunk: Buffer): void {
    this.#error.push(chunk);
    this.#errorSize += chunk.length;
    if (this.#errorSize <= ERROR_LIMIT) return;
    this.#upstream?.abort();
    this.onEnd();
  }
}

/** A frame as an event of a text stream. Payloads are JSON, in which line ends are mere blanks. */
function eventText({ headers, payload }: Frame): string {
  const type = headers.get(':message-type');
  const data = payload.toString('utf8').replace(/[\r\n]+/g, ' ');
  if (type === 'event') return `event: ${oneLine(headers.get(':event-type'))}\ndata: ${data}\n\n`;
  if (type === 'exception') return exceptionEvent(headers.get(':exception-type'), parsed(payload));
  const said = { message: headers.get(':error-message') ?? 'The provider broke off its answer' };
  return exceptionEvent(headers.get(':error-code'), said);
}

function exceptionEvent(type: string | undefined, said: object): string {
  return `event: exception\ndata: ${JSON.stringify({ ...said, __type: type ?? '' })}\n\n`;
}

/** An error body with its kind in it; one that is no JSON object stays as it is. */
function typed(bytes: Buffer, type: string): Buffer {
  const said = parsed(bytes);
  return Object.keys(said).length === 0 && type === '' ? bytes : Buffer.from(JSON.stringify({ ...said, __type: type }));
}

function parsed(bytes: Buffer): object {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

function oneLine(text = ''): string {
  return text.replace(/[\r\n]/g, '');
}
