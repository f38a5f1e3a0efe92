import type { Secret } from './secret.ts';

/** How requests to Amazon are signed. What is absent is left to the SDK: environment, shared files, the machine's role. */
export interface AwsSettings {
  readonly region: string | undefined;
  readonly profile: string | undefined;
  /** Absent: the SDK finds some. */
  readonly keys: AwsKeys | undefined;
}

export interface AwsKeys {
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret | undefined;
}

/** The guardrail of the account that Bedrock applies to every conversation. */
export interface AwsGuardrail {
  readonly identifier: string;
  readonly version: string;
  readonly trace?: 'enabled' | 'enabled_full' | 'disabled' | undefined;
  readonly streamProcessingMode?: 'sync' | 'async' | undefined;
}
