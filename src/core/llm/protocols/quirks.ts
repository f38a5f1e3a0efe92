/** A guardrail at the vendor that every conversation passes on its way there and back. */
export interface VendorGuardrail {
  readonly identifier: string;
  readonly version: string;
  /** Absent, as below: the vendor's default. */
  readonly trace?: 'enabled' | 'enabled_full' | 'disabled' | undefined;
  readonly streamProcessingMode?: 'sync' | 'async' | undefined;
}

/**
 * Where vendors, and models of one vendor, differ in what they accept of a format. Data of a provider's definition; the
 * patterns are tried on the vendor's name for the model.
 */
export interface Quirks {
  /** For vendors of OpenAI's dialect that do not know `max_completion_tokens`. */
  readonly maxTokensField?: 'max_tokens';
  /**
   * Claude models that decide themselves how long to think: they are told an effort (`output_config.effort`) beside
   * `thinking: {type: "adaptive"}` and no budget. All others are told a budget (`budget_tokens`).
   */
  readonly adaptiveThinking?: RegExp;
  /** The host wants the thought before a call back, as `reasoning_content` of the message that made the call. */
  readonly echoedReasoning?: true;
  /**
   * The host takes thoughts back as `reasoning_details`, as it gave them, and names models with their vendor in front
   * (`anthropic/…`): proofs go back to models of the vendor they came from.
   */
  readonly reasoningDetails?: true;
  /** Models whose calls may carry Google's proof in `extra_content`; other hosts refuse a member they do not know. */
  readonly callSignatures?: RegExp;
  /** Amazon Bedrock: of the provider's configuration, so that no client decides about it. */
  readonly guardrail?: VendorGuardrail;
}
