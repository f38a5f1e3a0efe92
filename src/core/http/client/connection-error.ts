/** What can become of an exchange on a connection, beside what the operating system and TLS call by their own codes. */
export type ConnectionErrorCode =
  /** The server closed before its answer was complete. */
  | 'HTTP_CLOSED'
  /** The server did not accept the connection in time. */
  | 'HTTP_CONNECT_TIMEOUT'
  /** The server sent what is no HTTP/1.1 answer. */
  | 'HTTP_INVALID'
  /** The request cannot be said in HTTP/1.1; nothing was sent. */
  | 'HTTP_UNSENDABLE'
  /** This side gave the call up. */
  | 'HTTP_ABORTED';

export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly code: ConnectionErrorCode;

  constructor(code: ConnectionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function serverClosed(): ConnectionError {
  return new ConnectionError('HTTP_CLOSED', 'The server closed the connection before its answer was complete');
}

export function invalidAnswer(why: string): ConnectionError {
  return new ConnectionError('HTTP_INVALID', `The server's answer cannot be read: ${why}`);
}
