// A provider that answers at once: /v1/chat/completions and /v1/messages, whole (about 1 KB) or as 100 chunks, one per
// turn of the event loop. Prints its address.
import http from 'node:http';

const TEXT = 'All work and no play makes a dull benchmark. '.repeat(14);
const EVENTS = 100;

const openaiAnswer = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'bench',
  choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, logprobs: null, finish_reason: 'stop' }],
  usage: { prompt_tokens: 120, completion_tokens: 160, total_tokens: 280 },
});
const anthropicAnswer = JSON.stringify({
  id: 'msg_bench',
  type: 'message',
  role: 'assistant',
  model: 'bench',
  content: [{ type: 'text', text: TEXT }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 120, output_tokens: 160 },
});

function openaiChunk(delta, finish = null) {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  const chunk = {
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'bench',
    choices,
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
const openaiEvents = [
  openaiChunk({ role: 'assistant', content: '' }),
  ...Array.from({ length: EVENTS }, (_, index) => openaiChunk({ content: `word${index} ` })),
  openaiChunk({}, 'stop'),
  'data: [DONE]\n\n',
];

function writeEvents(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  let next = 0;
  const step = () => {
    if (response.destroyed) return;
    response.write(openaiEvents[next++]);
    if (next < openaiEvents.length) setImmediate(step);
    else response.end();
  };
  step();
}

const server = http.createServer({ noDelay: true }, (request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url === '/v1/traces') return response.writeHead(200, { 'content-length': 0 }).end();
    if (Buffer.concat(chunks).includes('"stream":true')) return writeEvents(response);
    const body = request.url.endsWith('/messages') ? anthropicAnswer : openaiAnswer;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
