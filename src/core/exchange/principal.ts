/** The authenticated caller, as far as anything is known of it. */
export interface Principal {
  /** Who it is: a claim of its token, a header's value, or what the host says. */
  readonly id: string;
  readonly group: string | undefined;
  /** The verified claims of its token, or what the host adds. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Its verified bearer token, for upstreams that are configured to receive it. */
  readonly token: string | undefined;
}
