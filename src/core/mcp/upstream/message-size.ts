/** Bytes of one message of an MCP server; a longer one is an error. */
export const LARGEST_MESSAGE = 16 * 1024 * 1024;

export const TOO_LARGE = 'The answer of the MCP server is larger than 16 MiB';
