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
