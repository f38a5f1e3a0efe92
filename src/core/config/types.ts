// Generated from the schema by scripts/config-types.mjs; do not edit.

/** Configuration of Nexus. */
export interface NexusConfig {
  /** What holds for all endpoints. */
  server?: ServerConfig | undefined;
  /** Language models. */
  llm?: LlmConfig | undefined;
  /** MCP servers and their tools. */
  mcp?: McpConfig | undefined;
  /** What is told of requests and of the process. Nothing of it, where the table is absent. */
  telemetry?: TelemetryConfig | undefined;
  /** The built-in demo provider: answers without a key, a network or a bill. */
  demo?: DemoConfig | undefined;
}

/** What holds for all endpoints. */
export interface ServerConfig {
  /** Address and port `nexus serve` listens on; unused where a host application mounts Nexus. Default: `"127.0.0.1:8000"`. */
  listenAddress?: string | undefined;
  /** The health endpoint. */
  health?: HealthConfig | undefined;
  /** Time that requests under way have to end when `nexus serve` is asked to stop. Default: `"30s"`. */
  drain?: string | number | undefined;
  /** Whether `nexus serve` takes up changes of its configuration file while it runs. Default: `true`. */
  watch?: boolean | undefined;
  /** Makes `nexus serve` speak HTTPS; unused where a host application mounts Nexus. */
  tls?: TlsConfig | undefined;
  /** What pages of other origins may do; without this table nothing is said about it. */
  cors?: CorsConfig | undefined;
  /** Protection against requests that other sites make a browser send. */
  csrf?: CsrfConfig | undefined;
  /** Callers show a token of an authorization server of yours. */
  oauth?: OAuthConfig | undefined;
  /** How callers are told apart. */
  clientIdentification?: ClientIdentificationConfig | undefined;
  /** Where requests come from, behind a proxy. */
  clientIp?: ClientIpConfig | undefined;
  /** Addresses and networks whose headers about callers are believed. Default: anybody is. */
  trustedProxies?: string[] | undefined;
  /** Largest request body that is read: a size such as `"10MB"`, or bytes; at most `"1GiB"`. Default: `"32MiB"`. */
  maxBody?: string | number | undefined;
  /** How many requests are taken, and where limits are counted. */
  rateLimits?: RateLimitsConfig | undefined;
}

/** The health endpoint. */
export interface HealthConfig {
  /** Whether the health endpoint answers. Default: `true`. */
  enabled?: boolean | undefined;
  /** Path of the health endpoint. Default: `"/health"`. */
  path?: string | undefined;
  /** Address and port `nexus serve` answers it on instead; unused where a host application mounts Nexus. */
  listen?: string | undefined;
}

/** Makes `nexus serve` speak HTTPS; unused where a host application mounts Nexus. */
export interface TlsConfig {
  /** PEM file of the certificate, and of those that lead to its authority. */
  certificate: string;
  /** PEM file of its private key. */
  key: string;
}

/** What pages of other origins may do; without this table nothing is said about it. */
export interface CorsConfig {
  /** Whether pages may send credentials; not together with a `*`. Default: `false`. */
  allowCredentials?: boolean | undefined;
  /** Origins whose pages may read answers: `"*"`, one, or a list; a host may hold `*`, `?`, `[…]` and `{…}`. */
  allowOrigins?: string | string[] | undefined;
  /** How long a browser may keep the answer to its question. */
  maxAge?: string | number | undefined;
  /** Methods pages may use: `"*"`, one, or a list. */
  allowMethods?: string | string[] | undefined;
  /** Headers pages may send: `"*"`, one, or a list. */
  allowHeaders?: string | string[] | undefined;
  /** Headers of answers pages may read: `"*"`, one, or a list. */
  exposeHeaders?: string | string[] | undefined;
  /** Whether public pages may call a server on a private network. Default: `false`. */
  allowPrivateNetwork?: boolean | undefined;
}

/** Protection against requests that other sites make a browser send. */
export interface CsrfConfig {
  /** Whether requests need a header that forms of other sites cannot send. Default: `false`. */
  enabled?: boolean | undefined;
  /** Its name; the value may be anything. Default: `"X-Nexus-CSRF-Protection"`. */
  headerName?: string | undefined;
}

/** Callers show a token of an authorization server of yours. */
export interface OAuthConfig {
  /** Where the key set (JWKS) of the authorization server is. */
  url: string;
  /** How long a fetched key set counts. Default: until a token names a key it does not have. */
  pollInterval?: string | number | undefined;
  /** The `iss` tokens must have. Default: not checked. */
  expectedIssuer?: string | undefined;
  /** One of the `aud` tokens must have. Default: not checked. */
  expectedAudience?: string | undefined;
  /** Scopes a token must have, all of them. */
  requiredScopes?: string[] | undefined;
  /** How far clocks may differ where a token's times are checked; at most a minute. Default: `"60s"`. */
  leeway?: string | number | undefined;
  /** What clients are told about where to get a token (RFC 9728). */
  protectedResource: ProtectedResourceConfig;
}

/** What clients are told about where to get a token (RFC 9728). */
export interface ProtectedResourceConfig {
  /** URL clients reach Nexus by. */
  resource: string;
  /** Authorization servers that issue tokens for it. */
  authorizationServers: string[];
}

/** How callers are told apart. */
export interface ClientIdentificationConfig {
  /** Whether every request must say who calls. Default: `false`. */
  enabled?: boolean | undefined;
  /** Where the id of the caller is: one of the two. Default: `{"jwtClaim":"sub"}`. */
  clientId?: ClientIdSourceConfig | undefined;
  /** Where the group of the caller is: one of the two. Default: nobody has one. */
  groupId?: GroupIdSourceConfig | undefined;
  /** What values are taken. */
  validation?: ClientValidationConfig | undefined;
}

/** Where the id of the caller is: one of the two. */
export interface ClientIdSourceConfig {
  /** Claim of the token, as a dotted path such as "sub". */
  jwtClaim?: string | undefined;
  /** Header of the request; anybody can send one, so see `trusted_proxies`. */
  httpHeader?: string | undefined;
  /** Deprecated: has no effect. @deprecated */
  source?: unknown;
  /** Deprecated: has no effect. @deprecated */
  type?: unknown;
}

/** Where the group of the caller is: one of the two. Default: nobody has one. */
export interface GroupIdSourceConfig {
  /** Claim of the token, as a dotted path such as "org.team". */
  jwtClaim?: string | undefined;
  /** Header of the request; anybody can send one, so see `trusted_proxies`. */
  httpHeader?: string | undefined;
  /** Deprecated: has no effect. @deprecated */
  source?: unknown;
  /** Deprecated: has no effect. @deprecated */
  type?: unknown;
}

/** What values are taken. */
export interface ClientValidationConfig {
  /** Groups there are; a caller with another one is refused. Default: any. */
  groupValues?: string[] | undefined;
}

/** Where requests come from, behind a proxy. */
export interface ClientIpConfig {
  /** Whether `X-Real-IP` says where a request comes from. Default: `false`. */
  xRealIp?: boolean | undefined;
  /** Which entry of `X-Forwarded-For` does, counted from the right and from 0. Default: none. */
  xForwardedForTrustedHops?: number | undefined;
}

/** How many requests are taken, and where limits are counted. */
export interface RateLimitsConfig {
  /** Whether requests are limited. Default: false. */
  enabled?: boolean | undefined;
  /** Whether answers tell about the limits: `x-ratelimit-*`, and `retry-after` on a refusal. Default: `false`. */
  headers?: boolean | undefined;
  /** What happens while Redis is away: each process counts alone, all is allowed, or all is refused (503). Default: `"memory"`. */
  onError?: 'memory' | 'allow' | 'deny' | undefined;
  /** Where requests and tokens are counted. */
  storage?: LimitStorageConfig | undefined;
  /** Requests of everybody together. */
  global?: RequestRateConfig | undefined;
  /** Requests of one network address. */
  perIp?: RequestRateConfig | undefined;
  /** Requests of one client. */
  perClient?: ClientRateConfig | undefined;
}

/** Where requests and tokens are counted. */
export interface LimitStorageConfig {
  /** Where it is counted: in this process, or in Redis for all processes together. Default: `"memory"`. */
  type?: 'memory' | 'redis' | undefined;
  /** Where Redis is, with user and password if need be. Shown nowhere. */
  url?: string | undefined;
  /** What the keys in Redis begin with; processes with the same prefix share their counts. Default: `"nexus:rate_limit:"`. */
  keyPrefix?: string | undefined;
  /** Longest wait for an answer of Redis. Default: `"100ms"`. */
  responseTimeout?: string | number | undefined;
  /** Longest wait for a connection to Redis. Default: `"5s"`. */
  connectionTimeout?: string | number | undefined;
  /** Deprecated: has no effect, one connection carries everything. @deprecated */
  pool?: LimitStoragePoolConfig | undefined;
  /** How the connection to Redis is secured. */
  tls?: LimitStorageTlsConfig | undefined;
}

/** Deprecated: has no effect, one connection carries everything. @deprecated */
export interface LimitStoragePoolConfig {
  /** Deprecated: has no effect, one connection carries everything. Most connections. @deprecated */
  maxSize?: number | undefined;
  /** Deprecated: has no effect, one connection carries everything. Connections kept open. @deprecated */
  minIdle?: number | undefined;
  /** Deprecated: has no effect, one connection carries everything. Wait for a connection to be made. @deprecated */
  timeoutCreate?: string | number | undefined;
  /** Deprecated: has no effect, one connection carries everything. Wait for a free connection. @deprecated */
  timeoutWait?: string | number | undefined;
  /** Deprecated: has no effect, one connection carries everything. Wait for a connection to be checked. @deprecated */
  timeoutRecycle?: string | number | undefined;
}

/** How the connection to Redis is secured. */
export interface LimitStorageTlsConfig {
  /** Whether the connection is encrypted; a rediss:// URL says so too. Default: `true`. */
  enabled?: boolean | undefined;
  /** Whether any certificate of the server is accepted. Default: `false`. */
  insecure?: boolean | undefined;
  /** PEM file of the authority that is trusted. */
  caCertPath?: string | undefined;
  /** PEM file of our certificate; with `clientKeyPath`. */
  clientCertPath?: string | undefined;
  /** PEM file of its private key. */
  clientKeyPath?: string | undefined;
}

/** Requests of everybody together. */
export interface RequestRateConfig {
  /** Most requests in any interval. */
  limit: number;
  /** Time in which the limit holds, wherever one begins to measure. */
  interval: string | number;
}

/** Requests of one client. */
export interface ClientRateConfig {
  /** Most requests in any interval. */
  limit?: number | undefined;
  /** Time in which the limit holds, wherever one begins to measure. */
  interval?: string | number | undefined;
  /** Limits for the clients of a group, in the place of the general one. */
  groups?: Record<string, RequestRateConfig> | undefined;
}

/** Language models. */
export interface LlmConfig {
  /** Whether models are served at all. Default: `true`. */
  enabled?: boolean | undefined;
  /** Deprecated name of `llm.protocols.openai.path`; also makes `modelsOnly` true for all providers. @deprecated */
  path?: string | undefined;
  /** Whether `/llm` is served beside `/llm/openai` and `/llm/anthropic`, as long as no path is configured for them. Default: `true`. */
  legacyPaths?: boolean | undefined;
  /** The dialects clients can speak. */
  protocols?: ProtocolsConfig | undefined;
  /** Limits of tokens over all providers, by names of your own; what was reserved on an estimate is put right by what was used. */
  tokenLimits?: Record<string, TokenLimitConfig> | undefined;
  /** What models cost; for the records. */
  prices?: PricesConfig | undefined;
  /** Asking the providers for their models, which clients may then name without the provider. */
  discovery?: DiscoveryConfig | undefined;
  /** Longest time a whole call may take, a stream included. Default: `"10m"`. */
  timeout?: string | number | undefined;
  /** Longest wait for the first event of a stream. Default: `"2m"`. */
  firstByteTimeout?: string | number | undefined;
  /** Longest silence between two pieces of a stream. Default: `"60s"`. */
  idleTimeout?: string | number | undefined;
  /** Whether a request is refused (400) when a provider of another dialect cannot be told all of its fields. Otherwise they are left out and named in `X-Nexus-Dropped`. Default: `false`. */
  strictParams?: boolean | undefined;
  /** Calling a provider again after a failure, while nothing has reached the client. */
  retry?: RetryConfig | undefined;
  /** When a client of a stream that has no content yet is sent the head and comments, so that it stays. Default: `"10s"`. */
  keepaliveAfter?: string | number | undefined;
  /** Whether a client can ask, with `X-Nexus-Explain: true`, where its request would go instead of sending it. Default: `false`. */
  explain?: boolean | undefined;
  /** Virtual models, by the name clients use: `name` or `route:name`. */
  routes?: Record<string, RouteConfig> | undefined;
  /** Providers, by the name clients put before the slash of a model id; names contain no slash. */
  providers?: Record<string, ProviderConfig> | undefined;
}

/** The dialects clients can speak. */
export interface ProtocolsConfig {
  /** OpenAI's dialect: chat completions, responses and the list of models. */
  openai?: OpenAIProtocolConfig | undefined;
  /** Anthropic's dialect: messages. */
  anthropic?: AnthropicProtocolConfig | undefined;
  /** Google's dialect: generateContent. */
  google?: GoogleProtocolConfig | undefined;
}

/** OpenAI's dialect: chat completions, responses and the list of models. */
export interface OpenAIProtocolConfig {
  /** Whether clients can speak OpenAI's dialect. Default: `true`. */
  enabled?: boolean | undefined;
  /** The one path below which it is served. Default: `/llm/openai`, and `/llm` with `legacyPaths`. */
  path?: string | undefined;
}

/** Anthropic's dialect: messages. */
export interface AnthropicProtocolConfig {
  /** Whether clients can speak Anthropic's dialect. Default: `true`. */
  enabled?: boolean | undefined;
  /** The one path below which it is served. Default: `/llm/anthropic`, and `/llm` with `legacyPaths`. */
  path?: string | undefined;
}

/** Google's dialect: generateContent. */
export interface GoogleProtocolConfig {
  /** Whether clients can speak Google's dialect. Default: `true`. */
  enabled?: boolean | undefined;
  /** The one path below which it is served. Default: `/llm/google`. */
  path?: string | undefined;
}

export interface TokenLimitConfig {
  /** Most tokens in any interval. */
  limit: number;
  /** Time in which the limit holds, wherever one begins to measure. */
  interval: string | number;
  /** Whose tokens are counted together. Default: `"client"`. */
  by?: 'client' | 'group' | 'everyone' | undefined;
  /** Tokens that count: those the model reads, those it writes. Default: `["input","output"]`. */
  count?: ('input' | 'output')[] | undefined;
  /** Groups it holds for. Default: everyone. */
  groups?: string[] | undefined;
  /** Models it holds for, as `provider/model`; `*` stands for any text. Default: all. */
  models?: string[] | undefined;
}

/** What models cost; for the records. */
export interface PricesConfig {
  /** A price list in the form of LiteLLM's `model_prices_and_context_window.json`, asked before the one that comes with the package. Read once, when a price is first needed. */
  file?: string | undefined;
}

/** Asking the providers for their models, which clients may then name without the provider. */
export interface DiscoveryConfig {
  /** Whether providers are asked for their models. Default: true, unless `modelsOnly` holds for every provider. */
  enabled?: boolean | undefined;
  /** Time between two questions to a provider. Default: `"5m"`. */
  interval?: string | number | undefined;
  /** Whether a provider that cannot be asked at the start keeps Nexus from starting. Default: `false`. */
  required?: boolean | undefined;
  /** Longest time one provider may take to answer, all pages together. Default: `"10s"`. */
  timeout?: string | number | undefined;
}

/** Calling a provider again after a failure, while nothing has reached the client. */
export interface RetryConfig {
  /** Most calls to one target. Default: `2`. */
  attempts?: number | undefined;
  /** Failures after which the same target is called again. A `timeout`, once, only where it is named. Default: `["network","rate_limit","server"]`. */
  on?: ('network' | 'timeout' | 'rate_limit' | 'server')[] | undefined;
  /** Wait before the second call; doubles with each further one. Default: `"250ms"`. */
  backoffInitial?: string | number | undefined;
  /** Longest wait between two calls. Default: `"5s"`. */
  backoffMax?: string | number | undefined;
  /** Share of a wait by which it may be longer or shorter. Default: `0.2`. */
  jitter?: number | undefined;
  /** Longest `Retry-After` that is waited for; with a longer one the target isn't called again. Default: `"10s"`. */
  maxRetryAfter?: string | number | undefined;
}

/** A virtual model: a name for several targets. */
export interface RouteConfig {
  /** How the targets are ordered for a request. Default: `"fallback"`. */
  strategy?:
    | 'single'
    | 'fallback'
    | 'weighted'
    | 'ab'
    | 'latency'
    | 'least_busy'
    | 'cost'
    | 'conditional'
    | 'smart'
    | undefined;
  /** Candidates: ids, or tables with a weight. */
  targets?: (string | RouteTargetConfig)[] | undefined;
  /** Tried in this order when all targets have failed. */
  fallback?: string[] | undefined;
  /** Whose calls stay on one target while it is healthy: `none`, `key`, `user`, `session`, `header:<name>`. Default: none; with ab the user, else the key. */
  sticky?: string | undefined;
  /** Longest time for all attempts together. Default: the provider's. */
  timeout?: string | number | undefined;
  /** Longest wait of an attempt for its first content; given here, for the first byte of a whole answer too. Default: the provider's. */
  firstByteTimeout?: string | number | undefined;
  /** Longest silence between two pieces. Default: the provider's. */
  idleTimeout?: string | number | undefined;
  /** Calling the same target again. Default: `llm.retry`. */
  retry?: RetryConfig | undefined;
  /** When a failing target is passed over. */
  breaker?: BreakerConfig | undefined;
  /** Most calls for one request, all targets together. Default: `6`. */
  maxAttemptsTotal?: number | undefined;
  /** Failures after which the next target is tried. Default: `["network","timeout","rate_limit","quota","server","auth","missing_model","context_length"]`. */
  fallbackOn?:
    | (
        | 'network'
        | 'timeout'
        | 'rate_limit'
        | 'quota'
        | 'server'
        | 'auth'
        | 'missing_model'
        | 'context_length'
        | 'content_policy'
      )[]
    | undefined;
  /** Whether another target is tried at all. Default: true; false with ab. */
  failover?: boolean | undefined;
  /** Name of an ab test. Default: the route's. */
  experiment?: string | undefined;
  /** What latency compares: times, or the time of a whole answer by its tokens. Default: `"latency"`. */
  metric?: 'latency' | 'per_token' | undefined;
  /** Time in which what latency has learnt fades. Default: `"30s"`. */
  decay?: string | number | undefined;
  /** Share of calls that latency sends to the second best of two targets. Default: `0.02`. */
  explore?: number | undefined;
  /** US dollars per million tokens; dearer targets are left out. */
  maxInputPrice?: number | undefined;
  /** The same for what is written. */
  maxOutputPrice?: number | undefined;
  /** For conditional: the first whose `when` holds is used. */
  branches?: RouteBranchConfig[] | undefined;
  /** For conditional: what is used when no branch holds. For smart, which needs one: the target for requests that say nothing, and whenever the classifier fails. */
  default?: string | undefined;
  /** For smart: who judges requests. `heuristic` looks at the text; `provider/model`, or a route, is asked. Default: `"heuristic"`. */
  classifier?: string | undefined;
  /** Whether `X-Nexus-Priority` of a request orders the targets: `latency`, `cost`, or `quality` (the largest tier first). Default: `false`. */
  callerPriority?: boolean | undefined;
}

export interface RouteTargetConfig {
  /** `provider/model`, or a route: its name, or `route:name`. */
  model: string;
  /** Share among the weights of the route; also divides load and latency. 0: drained, never chosen. Default: `1`. */
  weight?: number | undefined;
  /** For smart and `caller_priority`: how hard a request it is meant for. Absent: any. */
  tier?: 'small' | 'medium' | 'large' | undefined;
  /** For smart: the tasks it is good at; it is asked for others only when nobody else is left. Absent: any. */
  tasks?:
    | ('code' | 'maths' | 'reasoning' | 'translation' | 'summarisation' | 'extraction' | 'writing' | 'chat')[]
    | undefined;
}

/** When a failing target is passed over. */
export interface BreakerConfig {
  /** So many failures in a row open the breaker. Default: `5`. */
  failures?: number | undefined;
  /** Share of failures in the window that opens it. Default: `0.5`. */
  ratio?: number | undefined;
  /** Fewest calls in the window for the share to count. Default: `10`. */
  minRequests?: number | undefined;
  /** How far back the share looks. Default: `"60s"`. */
  window?: string | number | undefined;
  /** Time until one call is let through as a trial; doubles, up to 5 minutes, when that fails. Default: `"30s"`. */
  cooldown?: string | number | undefined;
}

export interface RouteBranchConfig {
  /** What must hold: fields and operators, `all`, `any`, `not`. */
  when: Record<string, unknown>;
  /** `provider/model`, or a route. */
  use: string;
}

/** One account at a vendor, or one server that speaks a known dialect. */
export interface ProviderConfig {
  /** The vendor: decides address, dialect and where the key goes. */
  type:
    | 'openai'
    | 'anthropic'
    | 'google'
    | 'azure'
    | 'bedrock'
    | 'cerebras'
    | 'cohere'
    | 'deepseek'
    | 'fireworks'
    | 'groq'
    | 'huggingface'
    | 'lm_studio'
    | 'mistral'
    | 'moonshot'
    | 'ollama'
    | 'openrouter'
    | 'perplexity'
    | 'together'
    | 'vllm'
    | 'xai'
    | (string & {});
  /** Key for the provider. Empty counts as absent. Shown nowhere. */
  apiKey?: string | undefined;
  /** Several keys instead of `apiKey`: calls take them in turn, and one that is refused or limited rests. */
  apiKeys?: string[] | undefined;
  /** Whether a client's own key, sent in `X-Provider-API-Key`, goes before the configured one. Default: `false`. */
  forwardToken?: boolean | undefined;
  /** Where the provider's API is, up to and including its version. Default: the vendor's own; required for azure. */
  baseUrl?: string | undefined;
  /** The `api-version` azure is asked for. Default: `2024-10-21`; none below `/openai/v1`. */
  apiVersion?: string | undefined;
  /** Region of bedrock. Default: `AWS_REGION`, `AWS_DEFAULT_REGION`, else `us-east-1`. */
  region?: string | undefined;
  /** Access key for bedrock, together with `secretAccessKey`. Default: what the AWS SDK finds in environment, profile and machine. */
  accessKeyId?: string | undefined;
  /** The secret of `accessKeyId`. Shown nowhere. */
  secretAccessKey?: string | undefined;
  /** Token of temporary keys. Shown nowhere. */
  sessionToken?: string | undefined;
  /** Profile of the shared AWS files that bedrock is called with, instead of keys. */
  profile?: string | undefined;
  /** Guardrail of the AWS account that every conversation with bedrock passes. */
  guardrail?: BedrockGuardrailConfig | undefined;
  /** Header rules, applied in order; without any, none of the client's headers reaches the provider. */
  headers?: (ForwardHeaderRule | InsertHeaderRule | RemoveHeaderRule | RenameDuplicateHeaderRule)[] | undefined;
  /** Longest time a whole call may take. Default: `llm.timeout`. */
  timeout?: string | number | undefined;
  /** Longest wait for the first event of a stream. Default: `llm.firstByteTimeout`. */
  firstByteTimeout?: string | number | undefined;
  /** Longest silence between two pieces of a stream. Default: `llm.idleTimeout`. */
  idleTimeout?: string | number | undefined;
  /** Whether a request is refused (400) when this provider cannot be told all of its fields. Default: `llm.strictParams`. */
  strictParams?: boolean | undefined;
  /** Whether only models listed here or matching `modelFilter` can be called. Default: false (true where `llm.path` is given). */
  modelsOnly?: boolean | undefined;
  /** Limits for calls to the provider. */
  rateLimits?: ProviderRateLimitsConfig | undefined;
  /** Regular expression, in any case and anywhere in the id: only matching or listed models can be called. */
  modelFilter?: string | undefined;
  /** Models of the provider, by the name clients use after the provider's name and a slash. */
  models?: Record<string, ModelConfig> | undefined;
}

/** Guardrail of the AWS account that every conversation with bedrock passes. */
export interface BedrockGuardrailConfig {
  /** Id or ARN of the guardrail. */
  identifier: string;
  /** Its version: a number as text, or `DRAFT`. */
  version: string;
  /** Whether the answer says why it intervened, which no client is shown. Default: it does not. */
  trace?: 'enabled' | 'enabled_full' | 'disabled' | undefined;
  /** Whether a stream waits until it has been looked at. Default: `sync`, it does. */
  streamProcessingMode?: 'sync' | 'async' | undefined;
}

export interface ForwardHeaderRule {
  /** Passes on the client's own header. */
  rule: 'forward';
  /** The header to pass on; this or `pattern`. */
  name?: string | undefined;
  /** Passes on all headers whose name matches, in any case; never credentials, those must be named. */
  pattern?: string | undefined;
  /** Value where the client sends none; only with `name`. */
  default?: string | undefined;
  /** Name it gets on the way. Default: the one it has. */
  rename?: string | undefined;
}

export interface InsertHeaderRule {
  /** Adds a header, in the place of one of the same name. */
  rule: 'insert';
  /** The header to add. */
  name: string;
  /** Its value. Shown nowhere. */
  value: string;
}

export interface RemoveHeaderRule {
  /** Takes back what rules before this one did. */
  rule: 'remove';
  /** The header to take out; this or `pattern`. */
  name?: string | undefined;
  /** Takes out all headers whose name matches, in any case. */
  pattern?: string | undefined;
}

export interface RenameDuplicateHeaderRule {
  /** Passes on the client's own header under two names. */
  rule: 'rename_duplicate';
  /** The header to pass on. */
  name: string;
  /** The second name. */
  rename: string;
  /** Value where the client sends none. */
  default?: string | undefined;
}

/** Limits for calls to the provider. */
export interface ProviderRateLimitsConfig {
  /** Input tokens of one client, for models without a limit of their own. */
  perUser?: ProviderTokenRateConfig | undefined;
}

/** Input tokens of one client, for models without a limit of their own. */
export interface ProviderTokenRateConfig {
  /** Most input tokens in any interval, estimated from the texts of the messages; 0 is no limit. */
  inputTokenLimit: number;
  /** Time in which the limit holds, wherever one begins to measure. */
  interval: string | number;
  /** Limits for the clients of a group, in the place of the general one. */
  groups?: Record<string, GroupTokenRateConfig> | undefined;
  /** Whether the models of the provider share the limit. Otherwise each has its own. Default: `false`. */
  shared?: boolean | undefined;
}

export interface GroupTokenRateConfig {
  /** Most input tokens in any interval, estimated from the texts of the messages; 0 is no limit. */
  inputTokenLimit: number;
  /** Time in which the limit holds, wherever one begins to measure. */
  interval: string | number;
}

/** One model. Its key is the name clients use; an empty entry only lists it. */
export interface ModelConfig {
  /** The provider's name for the model. Default: the key of this entry. */
  rename?: string | undefined;
  /** The same as `rename`, said more clearly; give one of the two. */
  upstream?: string | undefined;
  /** Deprecated: has no effect; accepted because older files contain it. @deprecated */
  maxTokens?: unknown;
  /** Header rules for calls to this model, applied after the provider's. */
  headers?: (ForwardHeaderRule | InsertHeaderRule | RemoveHeaderRule | RenameDuplicateHeaderRule)[] | undefined;
  /** Limits for calls to this model. */
  rateLimits?: ModelRateLimitsConfig | undefined;
  /** All that the model can do besides chat, for routes. Default: what the package's list of models says. */
  capabilities?: ('tools' | 'parallel_tools' | 'images' | 'audio' | 'pdf' | 'json_schema' | 'reasoning')[] | undefined;
  /** Most tokens the model reads, for routes. Default: what the package's list says. */
  contextWindow?: number | undefined;
  /** What the model costs here, instead of what price lists say. */
  price?: ModelPriceConfig | undefined;
  /** Id of the row of the price list that holds for it, for names no list knows: `gpt-4o`, `groq/…`. */
  priceAs?: string | undefined;
}

/** Limits for calls to this model. */
export interface ModelRateLimitsConfig {
  /** Input tokens of one client with this model, in the place of the provider's limit. */
  perUser?: ModelTokenRateConfig | undefined;
}

/** Input tokens of one client with this model, in the place of the provider's limit. */
export interface ModelTokenRateConfig {
  /** Most input tokens in any interval, estimated from the texts of the messages; 0 is no limit. */
  inputTokenLimit: number;
  /** Time in which the limit holds, wherever one begins to measure. */
  interval: string | number;
  /** Limits for the clients of a group, in the place of the general one. */
  groups?: Record<string, GroupTokenRateConfig> | undefined;
}

/** What the model costs here, instead of what price lists say. */
export interface ModelPriceConfig {
  /** US dollars per million tokens that are read. */
  input?: number | undefined;
  /** US dollars per million tokens that are written. */
  output?: number | undefined;
  /** US dollars per million tokens read from the vendor's prompt cache. Default: `input`. */
  cacheRead?: number | undefined;
  /** US dollars per million tokens written to the vendor's prompt cache. Default: `input`. */
  cacheWrite?: number | undefined;
  /** US dollars per million tokens written to that cache for an hour. Default: `cacheWrite`. */
  cacheWriteHour?: number | undefined;
  /** US dollars per million tokens of reasoning. Default: `output`. */
  reasoning?: number | undefined;
  /** US dollars per million tokens of sound that are read. Default: `input`. */
  audioInput?: number | undefined;
  /** US dollars per million tokens of sound that are written. Default: `output`. */
  audioOutput?: number | undefined;
  /** US dollars per request, besides its tokens. */
  request?: number | undefined;
  /** US dollars per search the vendor makes for the model. */
  search?: number | undefined;
  /** Must be true for a price above $1 per thousand tokens, which is a slip of the unit more often than not. Default: `false`. */
  confirmPrice?: boolean | undefined;
}

/** MCP servers and their tools. */
export interface McpConfig {
  /** Whether MCP is served at all. Default: `true`. */
  enabled?: boolean | undefined;
  /** Path of the MCP endpoint; one server alone is below it, by its name. Default: `"/mcp"`. */
  path?: string | undefined;
  /** What clients are offered: two tools to `search` for tools and run them, or `all` tools themselves. Default: `"search"`. */
  tools?: 'search' | 'all' | undefined;
  /** Whether names get their server's in front (`server__tool`); without it equal names are an error. Default: `true`. */
  namespace?: boolean | undefined;
  /** Whether the results of a search also come as structured content. Default: `true`. */
  enableStructuredContent?: boolean | undefined;
  /** Whether answers come as plain JSON where no event stream is needed. Default: `false`. */
  jsonResponse?: boolean | undefined;
  /** What callers without a group see: what `allow` and `deny` leave them, or nothing at all (`hidden`). Default: `"rules"`. */
  groupless?: 'rules' | 'hidden' | undefined;
  /** Name the endpoint gives itself. Default: one made of its servers. */
  name?: string | undefined;
  /** Host names (without port) the endpoint may be reached by on a loopback address, beside the loopback ones. */
  allowedHosts?: string[] | undefined;
  /** Origins of web pages that may call the endpoint, beside those of its own host; `*` is any. */
  allowedOrigins?: string[] | undefined;
  /** Secret with which replicas sign what clients carry between calls; default: one per process. Shown nowhere. */
  stateSecret?: string | undefined;
  /** Connections that belong to one caller: to servers given the caller's token, or that may ask the client. */
  downstreamCache?: McpDownstreamCacheConfig | undefined;
  /** Headers sent to all remote servers. */
  headers?: InsertHeaderRule[] | undefined;
  /** MCP servers, by the name that stands before their tools. */
  servers?: Record<string, McpServerConfig> | undefined;
}

/** Connections that belong to one caller: to servers given the caller's token, or that may ask the client. */
export interface McpDownstreamCacheConfig {
  /** Most connections kept for single callers; the least used one goes. Default: `1000`. */
  maxSize?: number | undefined;
  /** How long such a connection is kept without use. Default: `"10m"`. */
  idleTimeout?: string | number | undefined;
}

/** One MCP server: a program to run, or a remote one. */
export interface McpServerConfig {
  /** Program to run and its arguments; the server speaks over its standard input and output. This or `url`. */
  cmd?: string[] | undefined;
  /** Environment variables for the program, beside a few harmless ones. Shown nowhere. */
  env?: Record<string, string> | undefined;
  /** Whether the program gets the whole environment of this process. Default: `false`. */
  inheritEnv?: boolean | undefined;
  /** Directory the program runs in. Default: this process's own. */
  cwd?: string | undefined;
  /** Where the standard error of the program goes: `pipe` is the log, with secrets taken out. Default: `"null"`. */
  stderr?: 'pipe' | 'inherit' | 'null' | McpStderrFile | undefined;
  /** Where a remote server is; this or `cmd`. */
  url?: string | undefined;
  /** Transport of a remote server. Default: `auto` (streamable HTTP, else SSE); `sse` with `messageUrl`. */
  protocol?: 'auto' | 'sse' | 'streamable-http' | undefined;
  /** Where messages to an SSE server are posted. Default: what it says. */
  messageUrl?: string | undefined;
  /** How the connection to a remote server is secured. */
  tls?: McpTlsConfig | undefined;
  /** How Nexus shows a remote server who it is. */
  auth?: McpAuthConfig | undefined;
  /** Headers sent to a remote server, after `mcp.headers` and after its token; later ones win. */
  headers?: InsertHeaderRule[] | undefined;
  /** Groups that may use the server; an empty list is nobody. Default: everyone. */
  allow?: string[] | undefined;
  /** Groups that may not use the server. */
  deny?: string[] | undefined;
  /** Rules for single tools, by the name the server gives them. */
  tools?: Record<string, McpToolConfig> | undefined;
  /** How often its tools may be called, its prompts and resources read. */
  rateLimits?: McpRateLimitsConfig | undefined;
  /** Longest time the server may take until its lists are known; lists do not wait longer for it. Default: `"10s"`. */
  startTimeout?: string | number | undefined;
  /** Longest time a call may take. Default: `"60s"`. */
  timeout?: string | number | undefined;
  /** Whether the server may ask the client in turn (elicitation, sampling, roots) while it serves its call. Default: `true`. */
  clientFeatures?: boolean | undefined;
  /** Protocol revisions the server speaks: `legacy` up to 2025-11-25, `modern` from 2026-07-28. `auto` finds out. Default: `"auto"`. */
  era?: 'auto' | 'legacy' | 'modern' | undefined;
}

export interface McpStderrFile {
  /** File it is appended to; made where there is none. */
  file: string;
}

/** How the connection to a remote server is secured. */
export interface McpTlsConfig {
  /** Whether the certificate of the server is checked. Default: `true`. */
  verifyCerts?: boolean | undefined;
  /** Whether a certificate that was issued for another host name is accepted. Default: `false`. */
  acceptInvalidHostnames?: boolean | undefined;
  /** PEM file of certificates to trust beside the usual ones. */
  rootCaCertPath?: string | undefined;
  /** PEM file of the certificate to show; with `clientKeyPath`. */
  clientCertPath?: string | undefined;
  /** PEM file of its private key. */
  clientKeyPath?: string | undefined;
}

/** How Nexus shows a remote server who it is. */
export interface McpAuthConfig {
  /** `forward` sends the caller's own verified token, `client_credentials` fetches one. Default: `token`, which sends the one given here. */
  type?: 'token' | 'forward' | 'client_credentials' | undefined;
  /** Bearer token to send. Shown nowhere. */
  token?: string | undefined;
  /** Where a token is fetched; `client_credentials` only. Default: found through the server's OAuth metadata. */
  tokenUrl?: string | undefined;
  /** Client id at the token endpoint; `client_credentials` only. */
  clientId?: string | undefined;
  /** Client secret at the token endpoint; `client_credentials` only. Shown nowhere. */
  clientSecret?: string | undefined;
  /** Private key (PEM, PKCS #8) to sign with in the place of a client secret; `client_credentials` only. Shown nowhere. */
  privateKey?: string | undefined;
  /** How `privateKey` signs. Default: `ES256`. */
  signingAlgorithm?:
    | 'ES256'
    | 'ES384'
    | 'ES512'
    | 'RS256'
    | 'RS384'
    | 'RS512'
    | 'PS256'
    | 'PS384'
    | 'PS512'
    | 'EdDSA'
    | undefined;
  /** Scopes to ask for, separated by blanks; `client_credentials` only. */
  scope?: string | undefined;
}

/** What holds for one tool, by the name its server gives it. */
export interface McpToolConfig {
  /** Groups that may use the tool, in the place of the server's own rules; an empty list is nobody. */
  allow?: string[] | undefined;
  /** Groups that may not use the tool, in the place of the server's own rules. */
  deny?: string[] | undefined;
  /** Longest time a call of the tool may take. Default: that of the server. */
  timeout?: string | number | undefined;
}

/** How often its tools may be called, its prompts and resources read. */
export interface McpRateLimitsConfig {
  /** Most calls of the server, all tools without a limit of their own together in any interval. */
  limit: number;
  /** Time in which the limit holds, wherever one begins to measure. */
  interval: string | number;
  /** Limits of single tools, by the name the server gives them, in the place of the server's. */
  tools?: Record<string, McpToolRateConfig> | undefined;
}

export interface McpToolRateConfig {
  /** Most calls of the tool in any interval. */
  limit: number;
  /** Time in which the limit holds, wherever one begins to measure. */
  interval: string | number;
}

/** What is told of requests and of the process. Nothing of it, where the table is absent. */
export interface TelemetryConfig {
  /** Name of this service. Default: `nexus`. */
  serviceName?: string | undefined;
  /** What else is said of this service in everything that is exported. */
  resourceAttributes?: Record<string, string> | undefined;
  /** Where traces, metrics and logs go. */
  exporters?: ExportersConfig | undefined;
  /** Traces. */
  tracing?: TracingConfig | undefined;
  /** Metrics that are exported. */
  metrics?: MetricsConfig | undefined;
  /** Metrics in the text format of Prometheus. */
  prometheus?: PrometheusConfig | undefined;
  /** What `nexus.status()` says, as JSON. */
  status?: StatusConfig | undefined;
  /** What is logged, and how. */
  logs?: LogsConfig | undefined;
}

/** Where traces, metrics and logs go. */
export interface ExportersConfig {
  /** Export over OTLP, the protocol of OpenTelemetry collectors. */
  otlp?: OtlpConfig | undefined;
}

/** Export over OTLP, the protocol of OpenTelemetry collectors. */
export interface OtlpConfig {
  /** Whether anything is exported. Default: `false`. */
  enabled?: boolean | undefined;
  /** The collector, as a URL. Over HTTP `/v1/traces` and the like are added. Default: `http://localhost:4317`, over HTTP `http://localhost:4318`. */
  endpoint?: string | undefined;
  /** OTLP over gRPC, or over HTTP as protobuf. Default: `"grpc"`. */
  protocol?: 'grpc' | 'http' | undefined;
  /** Longest wait for the collector. Default: `"60s"`. */
  timeout?: string | number | undefined;
  /** How it is gathered before it is sent. */
  batchExport?: OtlpBatchConfig | undefined;
  /** Only with `protocol = "grpc"`. */
  grpc?: OtlpGrpcConfig | undefined;
  /** Only with `protocol = "http"`. */
  http?: OtlpHttpConfig | undefined;
}

/** How it is gathered before it is sent. */
export interface OtlpBatchConfig {
  /** Time between two exports; of metrics too. Default: `"5s"`. */
  scheduledDelay?: string | number | undefined;
  /** Most spans, and most log lines, that wait; further ones are dropped. Default: `2048`. */
  maxQueueSize?: number | undefined;
  /** Most of them in one export. Default: `512`. */
  maxExportBatchSize?: number | undefined;
  /** Most exports at the same time. Default: `1`. */
  maxConcurrentExports?: number | undefined;
}

/** Only with `protocol = "grpc"`. */
export interface OtlpGrpcConfig {
  /** Metadata of every call: a table, or a list of `name` and `value`. */
  headers?: Record<string, string> | OtlpHeader[] | undefined;
  /** How the connection is secured; an https:// endpoint needs none of it. */
  tls?: OtlpTlsConfig | undefined;
}

export interface OtlpHeader {
  /** Name of the header. */
  name: string;
  /** Its value. Shown nowhere. */
  value: string;
}

/** How the connection is secured; an https:// endpoint needs none of it. */
export interface OtlpTlsConfig {
  /** Name the collector's certificate is checked for. */
  domainName?: string | undefined;
  /** PEM file of our private key; with `cert`. */
  key?: string | undefined;
  /** PEM file of our certificate; with `key`. */
  cert?: string | undefined;
  /** PEM file of the authority that is trusted. */
  ca?: string | undefined;
}

/** Only with `protocol = "http"`. */
export interface OtlpHttpConfig {
  /** Headers of every request: a table, or a list of `name` and `value`. */
  headers?: Record<string, string> | OtlpHeader[] | undefined;
}

/** Traces. */
export interface TracingConfig {
  /** Share of requests that are traced, chosen by the id of their trace. Default: `0.15`. */
  sampling?: number | undefined;
  /** Whether callers that take part in a trace decide; the share is then for all others. Default: `false`. */
  parentBasedSampler?: boolean | undefined;
  /** How large a span may grow. */
  collect?: SpanLimitsConfig | undefined;
  /** Traces that go through several services. A caller's `traceparent` is always read. */
  propagation?: TracePropagationConfig | undefined;
  /** Exporters of traces, in the place of `telemetry.exporters`. */
  exporters?: ExportersConfig | undefined;
}

/** How large a span may grow. */
export interface SpanLimitsConfig {
  /** Most events of a span; further ones are dropped. Default: `128`. */
  maxEventsPerSpan?: number | undefined;
  /** Most attributes of a span; further ones are dropped. Default: `128`. */
  maxAttributesPerSpan?: number | undefined;
  /** Most links of a span; further ones are dropped. Default: `128`. */
  maxLinksPerSpan?: number | undefined;
  /** Most attributes of an event; further ones are dropped. Default: `128`. */
  maxAttributesPerEvent?: number | undefined;
  /** Most attributes of a link; further ones are dropped. Default: `128`. */
  maxAttributesPerLink?: number | undefined;
}

/** Traces that go through several services. A caller's `traceparent` is always read. */
export interface TracePropagationConfig {
  /** Whether providers and MCP servers are told the trace, in `traceparent`. Default: `false`. */
  traceContext?: boolean | undefined;
  /** Whether a caller's `X-Amzn-Trace-Id` is read. Default: `true`. */
  awsXray?: boolean | undefined;
}

/** Metrics that are exported. */
export interface MetricsConfig {
  /** Whether metrics tell clients apart, by `client.id`. Default: `true`. */
  clientIds?: boolean | undefined;
  /** Exporters of metrics, in the place of `telemetry.exporters`. */
  exporters?: ExportersConfig | undefined;
}

/** Metrics in the text format of Prometheus. */
export interface PrometheusConfig {
  /** Whether metrics are counted and served. Default: `false`. */
  enabled?: boolean | undefined;
  /** Path Prometheus scrapes. Default: `"/metrics"`. */
  path?: string | undefined;
  /** Bearer token the endpoint asks for. Default: OAuth where `server.oauth` is set, else see `public`. */
  token?: string | undefined;
  /** Whether everybody may read it where nothing else protects it. Default: only this machine may. Default: `false`. */
  public?: boolean | undefined;
}

/** What `nexus.status()` says, as JSON. */
export interface StatusConfig {
  /** Whether the state of the process is served. Default: `false`. */
  enabled?: boolean | undefined;
  /** Path of the status endpoint. Default: `"/status"`. */
  path?: string | undefined;
  /** Bearer token the endpoint asks for. Default: OAuth where `server.oauth` is set, else see `public`. */
  token?: string | undefined;
  /** Whether everybody may read it where nothing else protects it. Default: only this machine may. Default: `false`. */
  public?: boolean | undefined;
}

/** What is logged, and how. */
export interface LogsConfig {
  /** Whether every request is logged, in one line. Default: `false`. */
  requests?: boolean | undefined;
  /** Least serious lines that are written; unused where the application brings its own logger. Default: `"info"`. */
  level?: 'error' | 'warn' | 'info' | 'debug' | undefined;
  /** How lines are written; unused where the application brings its own logger. Default: `"text"`. */
  format?: 'text' | 'json' | undefined;
  /** Exporters of logs, in the place of `telemetry.exporters`. */
  exporters?: ExportersConfig | undefined;
}

/** The built-in demo provider: answers without a key, a network or a bill. */
export interface DemoConfig {
  /** Whether the demo provider answers. Default: `true`. */
  enabled?: boolean | undefined;
  /** Scripted answers, tried in order before the default answer. */
  rules?: DemoRule[] | undefined;
}

/** The first rule that matches and is not used up answers the request. */
export interface DemoRule {
  /** What a request must look like; absent members match anything. */
  match?: DemoMatch | undefined;
  /** How many requests this rule answers before it is used up; default: all. */
  times?: number | undefined;
  /** What is answered; an empty reply is the default answer. */
  reply: DemoReply;
}

/** What a request must look like; absent members match anything. */
export interface DemoMatch {
  /** The dialect the request speaks. */
  protocol?: 'openai' | 'responses' | 'anthropic' | 'google' | 'bedrock' | undefined;
  /** The model asked for; `*` stands for any text. */
  model?: string | undefined;
  /** Text the last user message contains, in any case. */
  prompt?: string | undefined;
  /** Whether a stream was asked for. */
  stream?: boolean | undefined;
  /** Whether the request declares tools. */
  hasTools?: boolean | undefined;
  /** Whether the last turn brings the result of a tool. */
  hasToolResult?: boolean | undefined;
}

/** What is answered; an empty reply is the default answer. */
export interface DemoReply {
  /** Text of the answer. */
  text?: string | undefined;
  /** Tool calls of the answer, in order. */
  toolCalls?: DemoToolCall[] | undefined;
  /** Why the answer ended; default: `tool_calls` when there are any, else `stop`. */
  finish?: 'stop' | 'length' | 'tool_calls' | 'content_filter' | undefined;
  /** Usage to report; absent counts are estimated at four characters a token. */
  usage?: DemoUsage | undefined;
  /** Wait before the head of the answer, in milliseconds (at most one hour). */
  delay?: number | undefined;
  /** Wait between the chunks of a stream, in milliseconds (at most one hour). */
  pace?: number | undefined;
  /** Characters in each chunk of a stream; default: 8. */
  chunkSize?: number | undefined;
  /** HTTP status of the answer; default: 200. */
  status?: number | undefined;
  /** Further headers of the answer. */
  headers?: Record<string, string> | undefined;
  /** An error in the dialect's own envelope, instead of an answer. */
  error?: DemoError | undefined;
  /** A way for the answer to go wrong. */
  fault?:
    | 'reset'
    | 'close'
    | 'hang'
    | 'stall'
    | 'headers-then-hang'
    | 'bad-status-line'
    | 'header-flood'
    | 'wrong-length'
    | 'dup-length'
    | 'length-and-chunked'
    | 'wrong-content-type'
    | 'not-json'
    | 'truncated-json'
    | 'json-null'
    | 'wrong-shape'
    | 'no-choices'
    | 'empty'
    | 'html'
    | 'bom'
    | 'gzip'
    | 'deflate'
    | 'br'
    | 'gzip-lie'
    | 'sse-for-json'
    | 'json-for-sse'
    | 'proto-in-answer'
    | 'deep-json'
    | 'bad-chunk'
    | 'one-packet'
    | 'slow-drip'
    | 'split-events'
    | 'crlf-sse'
    | 'cr-sse'
    | 'sse-quirks'
    | 'newline-flood'
    | 'multi-data-lines'
    | 'no-final-newline'
    | 'bad-sse'
    | 'no-done'
    | 'after-done'
    | 'error-first-event'
    | 'error-in-stream'
    | 'usage-missing'
    | 'usage-absurd'
    | undefined;
  /** Chunks of text or arguments that are sent before the fault happens. */
  after?: number | undefined;
  /** Raw text of the body, instead of an answer. */
  body?: string | undefined;
  /** Content type of `body`; default: application/json. */
  contentType?: string | undefined;
}

export interface DemoToolCall {
  /** Name of the tool. */
  name: string;
  /** Arguments as a table, or as raw text (which may be broken JSON); default: none. */
  arguments?: Record<string, unknown> | string | undefined;
  /** Id of the call; default: one in the style of the dialect. */
  id?: string | undefined;
  /** Namespace of the tool; OpenAI's responses dialect only. */
  namespace?: string | undefined;
}

/** Usage to report; absent counts are estimated at four characters a token. */
export interface DemoUsage {
  /** Everything the model read, cached or not, in tokens. */
  input?: number | undefined;
  /** Everything the model wrote, in tokens. */
  output?: number | undefined;
  /** Part of the input read from the prompt cache, in tokens. */
  cacheRead?: number | undefined;
  /** Part of the input written to the prompt cache, in tokens. */
  cacheWrite?: number | undefined;
  /** Part of the output spent on reasoning, in tokens. */
  reasoning?: number | undefined;
}

/** An error in the dialect's own envelope, instead of an answer. */
export interface DemoError {
  /** HTTP status. */
  status: number;
  /** Text of the error. */
  message: string;
  /** Type of the error; default: the one the vendor uses for this status. */
  type?: string | undefined;
  /** Machine code of the error; OpenAI's dialect only. */
  code?: string | undefined;
  /** Value of the `retry-after` header: seconds, or an HTTP date. */
  retryAfter?: number | string | undefined;
}
