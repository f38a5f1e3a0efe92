import { ai } from '../../../../lib/ai.ts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = ai;
