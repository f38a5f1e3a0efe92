/** A tool as the index reads it. */
export interface IndexedTool {
  /** Whatever tells the tool apart; the index does not look at it. */
  readonly id: number;
  /** The server's own name for it. */
  readonly name: string;
  readonly server: string;
  readonly title?: string;
  readonly description?: string;
  /** JSON Schema of its arguments. */
  readonly inputSchema: unknown;
}
