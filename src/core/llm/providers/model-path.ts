import { NexusError } from '../../errors/nexus-error.ts';

/**
 * A model's name as part of a path: each segment percent-encoded, slashes kept (`publishers/x/models/y`).
 * Throws `invalid_request` for segments of dots: they climb out of the path however they are encoded.
 */
export function modelPath(model: string): string {
  return model.split('/').map(modelSegment).join('/');
}

/** The same for a name that is one segment; slashes are encoded. */
export function modelSegment(model: string): string {
  if (model === '.' || model === '..') {
    throw new NexusError('invalid_request', 'The name of the model must not contain path segments of dots', {
      param: 'model',
    });
  }
  try {
    return encodeURIComponent(model);
  } catch {
    throw new NexusError('invalid_request', 'The name of the model is not valid Unicode text', { param: 'model' });
  }
}
