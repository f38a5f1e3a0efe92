// The `server` table.
import * as z from 'zod';
import { corsSchema, csrfSchema } from './browser.ts';
import { clientIdentificationSchema, clientIpSchema, oauthSchema, trustedProxies } from './identity.ts';
import { rateLimitsSchema } from './limits.ts';
import { duration, endpointPath, listenAddress, rare, size } from './values.ts';

const EMPTY = 'must not be empty';

export const serverSchema = z
  .strictObject({
    listenAddress: listenAddress()
      .prefault('127.0.0.1:8000')
      .describe('Address and port `nexus serve` listens on; unused where a host application mounts Nexus'),
    health: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether the health endpoint answers'),
        path: endpointPath().prefault('/health').describe('Path of the health endpoint'),
        listen: listenAddress()
          .optional()
          .describe(
            'Address and port `nexus serve` answers it on instead; unused where a host application mounts Nexus',
          ),
      })
      .prefault({})
      .describe('The health endpoint'),
    drain: duration()
      .prefault('30s')
      .describe('Time that requests under way have to end when `nexus serve` is asked to stop'),
    watch: z
      .boolean()
      .default(true)
      .describe('Whether `nexus serve` takes up changes of its configuration file while it runs'),
    tls: z
      .strictObject({
        certificate: z
          .string()
          .min(1, EMPTY)
          .describe('PEM file of the certificate, and of those that lead to its authority'),
        key: z.string().min(1, EMPTY).describe('PEM file of its private key'),
      })
      .optional()
      .describe('Makes `nexus serve` speak HTTPS; unused where a host application mounts Nexus'),
    cors: rare(corsSchema),
    csrf: csrfSchema.prefault({}),
    oauth: rare(oauthSchema),
    clientIdentification: clientIdentificationSchema.prefault({}),
    clientIp: clientIpSchema.prefault({}),
    trustedProxies: trustedProxies(),
    maxBody: size()
      .prefault('32MiB')
      .describe('Largest request body that is read: a size such as `"10MB"`, or bytes; at most `"1GiB"`'),
    rateLimits: rateLimitsSchema.prefault({}).describe('How many requests are taken, and where limits are counted'),
  })
  .describe('What holds for all endpoints');
