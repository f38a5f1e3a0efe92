// The MCP tools for code of the same process, each use of them written down like a request that came over HTTP.
import { NexusError } from '../errors/nexus-error.ts';
import type { RecordCall } from '../exchange/recorded-call.ts';
import type { McpApi, McpCallOptions } from '../mcp/plane.ts';

/** `api` is asked anew for each call: a reload may have replaced it. */
export function recordedMcp(api: () => McpApi, recordCall: RecordCall): McpApi {
  return {
    listTools: (options) => recorded(recordCall, options, (asked) => api().listTools(asked)),
    search: (query, options) => recorded(recordCall, options, (asked) => api().search(query, asked)),
    execute: (name, args, options) => recorded(recordCall, options, (asked) => api().execute(name, args, asked)),
    // What comes over the connection are requests of their own.
    client: (options) => api().client({ ...options, recordCall }),
    servers: () => api().servers(),
  };
}

function recorded<Result>(
  recordCall: RecordCall,
  options: McpCallOptions | undefined,
  run: (asked: McpCallOptions | undefined) => Promise<Result>,
): Promise<Result> {
  const call = recordCall(options?.principal);
  if (call === undefined) return run(options);
  return run({ ...options, record: call.record }).then(
    (result) => {
      call.end();
      return result;
    },
    (error: unknown) => {
      call.end(options?.signal?.aborted === true ? givenUp() : error);
      throw error;
    },
  );
}

function givenUp(): NexusError {
  return new NexusError('client_closed', 'The caller has given the call up');
}
