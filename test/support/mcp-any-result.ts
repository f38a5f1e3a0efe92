import * as z from 'zod';

/** Any result, unchanged: what the SDKs' typed helpers would take away stays. */
export const AnyResult = z.looseObject({});
