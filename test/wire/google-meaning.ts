/*
 * What generateContent traffic says, read in the plainest way and independently of the code under test, in forms that
 * can be compared.
 */

type Loose = { [member: string]: unknown };
const list = (value: unknown): Loose[] => (Array.isArray(value) ? value : value ? [value] : []) as Loose[];
const object = (value: unknown): Loose => (typeof value === 'object' && value !== null ? value : {}) as Loose;

/** Structural names to lowerCamel; what users wrote (arguments, results, schemas) keeps its names. */
const OPAQUE = new Set([
  'args',
  'response',
  'parameters',
  'parametersJsonSchema',
  'responseJsonSchema',
  'responseSchema',
]);
export function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => {
        const key = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
        return [key, OPAQUE.has(key) ? member : camel(member)];
      }),
  );
}

export interface Answer {
  text: string;
  thoughts: string;
  calls: { name: unknown; input: unknown; signature: unknown }[];
  /** Of words and calls, in order. */
  signatures: unknown[];
  finish: string;
  usage: unknown;
}

/** Sets, or lengthens, what stands at the piece's place. */
function addPiece(input: unknown, piece: Loose): void {
  const steps = String(piece['jsonPath']).match(/[^$.[\]]+/g) ?? [];
  let holder = object(input);
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1];
    if (next === undefined) {
      const words = piece['stringValue'];
      holder[step] =
        words === undefined ? (piece['numberValue'] ?? piece['boolValue'] ?? null) : `${holder[step] ?? ''}${words}`;
    } else holder[step] ??= /^\d+$/.test(next) ? [] : {};
    holder = object(holder[step]);
  }
}

const FILTERED = ['SAFETY', 'MODEL_ARMOR', 'PROHIBITED_CONTENT', 'BLOCKLIST', 'SPII', 'RECITATION'];

/** An answer, or all events of a stream. */
export function answerOf(bodies: readonly unknown[]): Answer {
  const answer: Answer = { text: '', thoughts: '', calls: [], signatures: [], finish: '', usage: undefined };
  for (const body of bodies.map(object)) {
    const candidate = object(list(body['candidates'])[0]);
    for (const part of list(object(candidate['content'])['parts'])) {
      const signature = part['thoughtSignature'];
      if (typeof part['text'] === 'string') answer[part['thought'] ? 'thoughts' : 'text'] += part['text'];
      const call = part['functionCall'] ? object(part['functionCall']) : undefined;
      if (call?.['name']) answer.calls.push({ name: call['name'], input: call['args'] ?? {}, signature });
      for (const piece of list(call?.['partialArgs'])) addPiece(answer.calls.at(-1)?.input, piece);
      if (signature && (call || typeof part['text'] === 'string')) answer.signatures.push(signature);
    }
    const reason = candidate['finishReason'] ?? object(body['promptFeedback'])['blockReason'];
    if (reason === 'MAX_TOKENS' || reason === 2) answer.finish = 'length';
    else if (FILTERED.includes(String(reason))) answer.finish = 'content_filter';
    else if (reason) answer.finish = 'stop';
    const counts = body['usageMetadata'] as { [name: string]: number } | undefined;
    if (counts) {
      const thoughts = counts['thoughtsTokenCount'] ?? 0;
      const spoken = (name: string) => {
        const sounds = list(counts[name]).filter(({ modality }) => modality === 'AUDIO');
        return sounds.reduce((sum, { tokenCount }) => sum + Number(tokenCount), 0) || undefined;
      };
      const tier = String(counts['serviceTier'] ?? counts['trafficType'] ?? '');
      answer.usage = {
        input: (counts['promptTokenCount'] ?? 0) + (counts['toolUsePromptTokenCount'] ?? 0),
        output: (counts['candidatesTokenCount'] ?? 0) + thoughts,
        cacheRead: counts['cachedContentTokenCount'] ?? 0,
        reasoning: thoughts,
        audioInput: spoken('promptTokensDetails'),
        audioOutput: spoken('candidatesTokensDetails'),
        serviceTier: /FLEX/i.test(tier) ? 'flex' : undefined,
      };
    }
  }
  if (answer.calls.length > 0) answer.finish = 'tool_calls';
  return answer;
}

/** What a request says: everything but media in order, and the media in order. */
export function requestOf(raw: unknown): { said: unknown[]; system: unknown[]; [rest: string]: unknown } {
  const body = object(camel(raw));
  const said: unknown[] = [];
  const media: unknown[] = [];
  const show = (part: Loose): void => {
    const inline = object(part['inlineData']);
    if (part['inlineData']) {
      const data = String(inline['data']).replaceAll('-', '+').replaceAll('_', '/');
      media.push({ type: inline['mimeType'], data });
    }
    if (part['fileData']) media.push(object(part['fileData'])['fileUri']);
  };
  for (const content of list(body['contents'])) {
    const role = content['role'] === 'model' ? 'model' : 'user';
    for (const part of list(content['parts'])) {
      const signature = part['thoughtSignature'];
      if (part['text'] || ('text' in part && signature)) {
        said.push({ role, text: part['text'], thought: part['thought'] === true, signature });
      }
      const call = object(part['functionCall']);
      if (part['functionCall']) said.push({ call: call['name'], args: call['args'] ?? {}, id: call['id'], signature });
      const result = object(part['functionResponse']);
      if (part['functionResponse']) {
        const response = object(result['response']);
        const output = Object.keys(response).length === 1 ? response['output'] : undefined;
        said.push({ result: result['name'], is: typeof output === 'string' ? { result: output } : response });
        for (const each of list(result['parts'])) show(each);
      }
      show(part);
    }
  }
  const config = object(body['generationConfig']);
  const calling = object(object(body['toolConfig'])['functionCallingConfig']);
  const thinking = object(config['thinkingConfig']);
  const allowed = list(calling['allowedFunctionNames']);
  return {
    said,
    media,
    system: list(object(body['systemInstruction'])['parts']).map((part) => part['text']),
    tools: list(body['tools']).flatMap((tool) =>
      list(tool['functionDeclarations']).map((declaration) => {
        const schema = object(declaration['parametersJsonSchema'] ?? declaration['parameters']);
        const properties = Object.keys(object(schema['properties']));
        return { name: declaration['name'], description: declaration['description'] || undefined, properties };
      }),
    ),
    mode: calling['mode'] === 'VALIDATED' ? 'AUTO' : calling['mode'],
    allowed: allowed.length === 1 ? allowed : [],
    json: config['responseMimeType'] === 'application/json',
    schema: Object.keys(object(object(config['responseJsonSchema'] ?? config['responseSchema'])['properties'])),
    thinking: [thinking['includeThoughts'], thinking['thinkingBudget']],
    numbers: ['maxOutputTokens', 'temperature', 'topP', 'topK', 'seed', 'presencePenalty', 'frequencyPenalty'].map(
      (name) => config[name],
    ),
    stop: list(config['stopSequences']),
  };
}
