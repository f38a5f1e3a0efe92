// Stream events as text, in the form every vendor uses and in the odd forms the event-stream grammar also allows.
import type { StreamEvent } from './answer.ts';
import type { FakeFault } from './fake-rule.ts';

const FLOOD = '\n'.repeat(10_000);

function lines({ name, data }: StreamEvent, space: string): string {
  return `${name === undefined ? '' : `event:${space}${name}\n`}data:${space}${data}\n\n`;
}

/** Spreads an event's JSON over several `data:` lines, which a reader joins with line feeds; other data stays. */
function spread(event: StreamEvent): string {
  if (!event.data.startsWith('{')) return lines(event, ' ');
  const value: unknown = JSON.parse(event.data);
  return lines({ ...event, data: JSON.stringify(value, null, 1).replaceAll('\n', '\ndata: ') }, ' ');
}

/** The text of each event. */
export function eventTexts(events: readonly StreamEvent[], fault: FakeFault | undefined): string[] {
  switch (fault) {
    case 'crlf-sse':
      return events.map((event) => lines(event, ' ').replaceAll('\n', '\r\n'));
    case 'cr-sse':
      return events.map((event) => lines(event, ' ').replaceAll('\n', '\r'));
    case 'multi-data-lines':
      return events.map(spread);
    case 'sse-quirks':
      return events.map((event) => `: a comment\nid: 7\nretry: 1000\nunknown: field\n${lines(event, '')}`);
    case 'newline-flood':
      return events.map((event, index) => (index === 1 ? FLOOD + lines(event, ' ') : lines(event, ' ')));
    case 'no-final-newline':
      return events.map((event, index) =>
        index === events.length - 1 ? lines(event, ' ').trimEnd() : lines(event, ' '),
      );
    default:
      return events.map((event) => lines(event, ' '));
  }
}
