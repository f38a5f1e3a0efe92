import type { JsonObject } from '../../canonical/request.ts';

/*
 * The parts of Google's generateContent format that Nexus writes, in lowerCamel as REST has them. Source: the published
 * v1beta protobufs, and recorded traffic for `parametersJsonSchema`, `thinkingLevel` and what Vertex adds.
 */

export interface GenerateRequest {
  systemInstruction?: { parts: Part[] };
  contents: Content[];
  tools?: { functionDeclarations: FunctionDeclaration[] }[];
  toolConfig?: { functionCallingConfig: FunctionCallingConfig };
  generationConfig?: GenerationConfig;
}

export interface Content {
  role: 'user' | 'model';
  parts: Part[];
}

/** Exactly one of `text`, `inlineData`, `fileData`, `functionCall` and `functionResponse`. */
export interface Part {
  text?: string;
  thought?: true;
  inlineData?: { mimeType: string; data: string };
  fileData?: { mimeType?: string; fileUri: string };
  functionCall?: { id?: string; name: string; args: JsonObject };
  functionResponse?: { id?: string; name: string; response: JsonObject };
  /** Proof of the thought behind this part; goes back on the part it came on, byte for byte. */
  thoughtSignature?: string;
}

export interface FunctionDeclaration {
  name: string;
  description?: string;
  parametersJsonSchema?: JsonObject;
}

export interface FunctionCallingConfig {
  mode: 'AUTO' | 'ANY' | 'NONE';
  allowedFunctionNames?: string[];
}

export interface GenerationConfig {
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  stopSequences?: string[];
  seed?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  responseLogprobs?: true;
  logprobs?: number;
  responseMimeType?: string;
  responseJsonSchema?: JsonObject;
  thinkingConfig?: ThinkingConfig;
}

export interface ThinkingConfig {
  includeThoughts?: boolean;
  thinkingBudget?: number;
  thinkingLevel?: 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH';
}
