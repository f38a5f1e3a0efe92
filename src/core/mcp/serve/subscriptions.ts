import type { Exchange } from '../../exchange/exchange.ts';
import type { Reply } from '../../exchange/reply.ts';
import type { EndpointContext } from '../../http/endpoint.ts';
import type { Caller } from '../caller.ts';
import type { FeedChange } from '../catalogue/change-feed.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { isObject, notificationText, type RequestId, resultText } from '../wire/message.ts';
import { CODES, META } from '../wire/revision.ts';
import { Answer } from './answer.ts';
import { modernResult } from './modern-result.ts';
import type { Pulse } from './pulse.ts';
import { invalidParams, type Surface } from './surface.ts';

const MOST = 1024;
const MOST_RESOURCES = 256;

/** What a client listens to, in the words of the protocol. */
interface Filter {
  readonly toolsListChanged?: true;
  readonly promptsListChanged?: true;
  readonly resourcesListChanged?: true;
  readonly resourceSubscriptions?: readonly string[];
}

/** `subscriptions/listen`: one long answer, first the filter that is honoured, then what has changed. */
export class Subscriptions {
  readonly #pulse: Pulse;
  readonly #open = new Set<() => void>();

  constructor(pulse: Pulse) {
    this.#pulse = pulse;
  }

  /** Throws -32602 for a filter that is none and -32603 when too many listen. */
  async open(
    surface: Surface,
    id: RequestId,
    params: JsonObject,
    caller: Caller,
    exchange: Exchange,
    context: EndpointContext,
  ): Promise<Reply> {
    const wanted = readFilter(params['notifications']);
    const { capabilities } = await surface.describe(caller);
    if (this.#open.size >= MOST) throw new JsonRpcError(CODES.internal, 'Too many subscriptions are open');
    const stops: (() => void)[] = [];
    const honoured = await watchAll(surface, caller, honour(wanted, capabilities), stops);
    const tag = { [META.subscriptionId]: id };
    const finish = (): void => {
      this.#open.delete(end);
      for (const stop of stops.splice(0)) stop();
    };
    const answer = new Answer({ exchange, context, pulse: this.#pulse, onGone: finish });
    const end = (): void => {
      finish();
      answer.finish(resultText(id, modernResult('subscriptions/listen', { _meta: tag }, surface.serverInfo)));
    };
    answer.event(notificationText('notifications/subscriptions/acknowledged', { notifications: honoured, _meta: tag }));
    if (answer.isDone) finish();
    else if (Object.keys(honoured).length === 0) end();
    else {
      this.#open.add(end);
      stops.push(
        surface.listen((change) => {
          const told = describeChange(change, honoured);
          if (told !== undefined) answer.event(notificationText(told.method, { ...told.params, _meta: tag }));
        }),
      );
    }
    return answer.reply;
  }

  close(): void {
    for (const end of [...this.#open]) end();
  }
}

function readFilter(value: unknown): Filter {
  if (!isObject(value)) throw invalidParams('"notifications" must be an object');
  const uris = value['resourceSubscriptions'] ?? [];
  if (!Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string')) {
    throw invalidParams('"notifications.resourceSubscriptions" must be an array of URIs');
  }
  if (uris.length > MOST_RESOURCES)
    throw invalidParams(`"notifications.resourceSubscriptions" has more than ${MOST_RESOURCES} URIs`);
  return {
    ...(value['toolsListChanged'] === true ? { toolsListChanged: true } : {}),
    ...(value['promptsListChanged'] === true ? { promptsListChanged: true } : {}),
    ...(value['resourcesListChanged'] === true ? { resourcesListChanged: true } : {}),
    ...(uris.length > 0 ? { resourceSubscriptions: [...new Set(uris)] } : {}),
  };
}

function honour(wanted: Filter, capabilities: JsonObject): Filter {
  const can = (list: string, member: string): boolean => {
    const declared = capabilities[list];
    return isObject(declared) && declared[member] === true;
  };
  const { toolsListChanged, promptsListChanged, resourcesListChanged, resourceSubscriptions } = wanted;
  return {
    ...(toolsListChanged && can('tools', 'listChanged') ? { toolsListChanged } : {}),
    ...(promptsListChanged && can('prompts', 'listChanged') ? { promptsListChanged } : {}),
    ...(resourcesListChanged && can('resources', 'listChanged') ? { resourcesListChanged } : {}),
    ...(resourceSubscriptions && can('resources', 'subscribe') ? { resourceSubscriptions } : {}),
  };
}

/** Watches the resources of a filter; those that cannot be watched are left out of what is honoured. */
async function watchAll(surface: Surface, caller: Caller, filter: Filter, stops: (() => void)[]): Promise<Filter> {
  const { resourceSubscriptions, ...lists } = filter;
  if (resourceSubscriptions === undefined) return lists;
  const watched = await Promise.all(
    resourceSubscriptions.map(async (uri) => {
      try {
        stops.push(await surface.watch(uri, caller));
        return [uri];
      } catch {
        return [];
      }
    }),
  );
  const honoured = watched.flat();
  return honoured.length === 0 ? lists : { ...lists, resourceSubscriptions: honoured };
}

function describeChange(change: FeedChange, filter: Filter): { method: string; params: JsonObject } | undefined {
  switch (change.kind) {
    case 'tools':
      return filter.toolsListChanged && { method: 'notifications/tools/list_changed', params: {} };
    case 'prompts':
      return filter.promptsListChanged && { method: 'notifications/prompts/list_changed', params: {} };
    case 'resources':
      return filter.resourcesListChanged && { method: 'notifications/resources/list_changed', params: {} };
    case 'resource':
      return filter.resourceSubscriptions?.includes(change.uri)
        ? { method: 'notifications/resources/updated', params: { uri: change.uri } }
        : undefined;
  }
}
