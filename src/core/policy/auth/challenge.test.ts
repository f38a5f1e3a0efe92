import { expect, it } from 'vitest';
import { Challenge } from './challenge.ts';

const challenge = new Challenge({ resource: 'https://gateway.test/ai/', requiredScopes: [] });
const header = (mountPath: string) => challenge.error('missing', mountPath).headers?.[1];

it.each([
  ['', 'https://gateway.test/.well-known/oauth-protected-resource'],
  ['/ai', 'https://gateway.test/ai/.well-known/oauth-protected-resource'],
  ['/a"b\\c', 'https://gateway.test/a%22b%5Cc/.well-known/oauth-protected-resource'],
  ['/a\r\nb é', 'https://gateway.test/a%0D%0Ab%20%C3%A9/.well-known/oauth-protected-resource'],
])('names the document below the mount %j', (mountPath, url) => {
  expect(header(mountPath)).toBe(`Bearer resource_metadata="${url}"`);
});
