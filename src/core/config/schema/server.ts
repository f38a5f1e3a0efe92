// The `server` table.
import * as z from 'zod';
import { endpointPath, listenAddress, size } from './values.ts';

export const serverSchema = z
  .strictObject({
    listenAddress: listenAddress()
      .prefault('127.0.0.1:8000')
      .describe('Address and port `nexus serve` listens on; unused where a host application mounts Nexus'),
    health: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether the health endpoint answers'),
        path: endpointPath().prefault('/health').describe('Path of the health endpoint'),
      })
      .prefault({})
      .describe('The health endpoint'),
    maxBody: size()
      .prefault('32MiB')
      .describe('Largest request body that is read: a size such as `"10MB"`, or bytes; at most `"1GiB"`'),
  })
  .describe('What holds for all endpoints');
