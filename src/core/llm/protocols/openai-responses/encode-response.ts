import type { TokenLogprob } from '../../canonical/logprobs.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { CanonicalResponse, ResponsePart } from '../../canonical/response.ts';
import { customInput } from '../../canonical/special-tool.ts';
import type { EncodeContext } from '../protocol.ts';
import { annotationOf } from './citation.ts';
import {
  callNames,
  incompleteReason,
  responseId,
  writeCall,
  writeImage,
  writeMessage,
  writeReasoning,
  writeRefusalPart,
  writeResponse,
  writeTextPart,
} from './item.ts';
import { sealCallProof, sealThought, thoughtId } from './thought.ts';
import { writeUsage } from './usage.ts';

/**
 * A canonical answer → JSON text of a response. Neighbouring texts are joined as they are, since models split them
 * anywhere; every other part is an item, in its place. Images the model drew are given as its image tool would.
 */
export function encodeResponse(response: CanonicalResponse, context: EncodeContext): string {
  const output: string[] = [];
  const cut = incompleteReason(response.finish) !== undefined;
  const { parts } = response;
  // The canonical form does not tell which text they are of: the first one has them.
  let tokens: readonly TokenLogprob[] = response.logprobs ?? [];
  for (let at = 0; at < parts.length; ) {
    const part = parts[at];
    if (part === undefined) break;
    let next = at + 1;
    switch (part.type) {
      case 'text':
      case 'refusal': {
        while (isWords(parts[next])) next++;
        const content = writeWords(parts.slice(at, next), tokens);
        tokens = [];
        const status = cut && next === parts.length ? 'incomplete' : 'completed';
        if (content.length > 0) output.push(writeMessage(`msg_${context.newId()}`, status, content));
        break;
      }
      case 'reasoning': {
        const sealed = sealThought(part);
        if (part.text === '' && sealed === undefined) break;
        output.push(writeReasoning(part.id ?? thoughtId(context.newId), part.text, sealed));
        break;
      }
      case 'tool_call': {
        if (part.signature !== undefined) {
          output.push(writeReasoning(thoughtId(context.newId), '', sealCallProof(part.id, part.signature)));
        }
        const special = context.specialTools?.get(part.name);
        const names = callNames(part.id, part.name, special, context.newId);
        const given = special?.isCustom === true ? customInput(part.arguments) : part.arguments || '{}';
        const status = cut && next === parts.length ? 'incomplete' : 'completed';
        output.push(writeCall(names, status, given));
        break;
      }
      case 'media':
        if (part.kind === 'image' && part.data !== undefined) {
          const id = `ig_${context.newId()}`;
          output.push(writeImage(id, 'completed', part.data));
        } else context.dropped?.push(`answer.${part.kind}`);
    }
    at = next;
  }
  return writeResponse({
    id: responseId(response.id, context.newId),
    context,
    finish: response.finish,
    output: output.join(','),
    usage: writeUsage(response.usage),
    tier: response.usage?.serviceTier,
    safety: response.safety,
  });
}

function isWords(part: ResponsePart | undefined): boolean {
  return part?.type === 'text' || part?.type === 'refusal';
}

/** Content of one message: neighbours of one kind are one part. */
function writeWords(parts: readonly ResponsePart[], tokens: readonly TokenLogprob[]): string[] {
  const content: string[] = [];
  let kind: 'text' | 'refusal' | undefined;
  let words = '';
  let annotations: JsonObject[] = [];
  let unsaid = tokens;
  const close = () => {
    if (words !== '' && kind === 'text') {
      content.push(writeTextPart(words, annotations, unsaid));
      unsaid = [];
    } else if (words !== '') content.push(writeRefusalPart(words));
    words = '';
    annotations = [];
  };
  for (const part of parts) {
    if (part.type !== 'text' && part.type !== 'refusal') continue;
    if (part.type !== kind) close();
    kind = part.type;
    const start = words.length;
    words += part.text;
    if (part.type !== 'text') continue;
    for (const citation of part.citations ?? []) {
      const annotation = annotationOf(citation, start, words.length);
      if (annotation !== undefined) annotations.push(annotation);
    }
  }
  close();
  return content;
}
