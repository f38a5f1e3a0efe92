/*
 * Google tells calls by name and order; an id is often missing. The ids that Nexus mints in its place are known by their
 * prefix, so that they never travel to Google.
 */

const MINTED = 'call_nexus_';

export function mintedCallId(unique: string | number): string {
  return `${MINTED}${unique}`;
}

export function isMintedCallId(id: string): boolean {
  return id.startsWith(MINTED);
}
