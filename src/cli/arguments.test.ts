import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';

const serve = { command: 'serve', config: 'nexus.toml', listen: undefined, drain: undefined, watch: true };
const init = {
  command: 'init',
  config: 'nexus.toml',
  providers: [],
  mcp: [],
  limits: undefined,
  oauth: undefined,
  demo: false,
  yes: false,
  force: false,
};
const tools = { command: 'tools', config: 'nexus.toml', query: undefined, group: undefined, json: false };
const chat = {
  command: 'chat',
  config: 'nexus.toml',
  model: 'a/b',
  prompt: undefined,
  system: undefined,
  group: undefined,
  json: false,
};

describe('parseArguments', () => {
  it.each([
    [[], serve],
    [['serve'], serve],
    [['-c', 'a.toml'], { ...serve, config: 'a.toml' }],
    [['serve', '--config=a.toml'], { ...serve, config: 'a.toml' }],
    [['-l', ':1'], { ...serve, listen: { text: ':1', from: '-l, --listen-address' } }],
    [['--drain', '5s', '--no-watch'], { ...serve, drain: { text: '5s', from: '--drain' }, watch: false }],
    [['check', '-c', 'a.toml'], { command: 'check', config: 'a.toml', json: false }],
    [['-c', 'a.toml', 'check', '--json'], { command: 'check', config: 'a.toml', json: true }],
    [['models', '--json'], { command: 'models', config: 'nexus.toml', json: true }],
    [['init'], init],
    [['init', '--provider', 'openai,groq', '--provider', 'xai'], { ...init, providers: ['openai', 'groq', 'xai'] }],
    [
      ['init', '-y', '--force', '--demo', '--mcp', 'a=b c', '--limits', 'redis', '--oauth', 'https://h'],
      { ...init, yes: true, force: true, demo: true, mcp: ['a=b c'], limits: 'redis', oauth: 'https://h' },
    ],
    [['tools'], tools],
    [['tools', 'read a file', '--group', 'g', '--json'], { ...tools, query: 'read a file', group: 'g', json: true }],
    [['chat', 'a/b'], chat],
    [['chat', 'a/b', 'Hello', '--system', 's', '--group', 'g'], { ...chat, prompt: 'Hello', system: 's', group: 'g' }],
    [['chat', 'a/b', '-'], { ...chat, prompt: '-' }],
    [['chat', '--', 'a/b', '--help'], { ...chat, prompt: '--help' }],
    [['schema'], { command: 'schema' }],
    [['help'], { command: 'help', topic: undefined }],
    [['help', 'chat'], { command: 'help', topic: 'chat' }],
    [['--help'], { command: 'help', topic: undefined }],
    [['dance', '--help'], { command: 'help', topic: undefined }],
    [['check', '-h'], { command: 'help', topic: 'check' }],
    [['chat', '--help'], { command: 'help', topic: 'chat' }],
    [['--version'], { command: 'version' }],
    [['-v'], { command: 'version' }],
  ])('reads %j', (args, expected) => {
    expect(parseArguments(args, {})).toEqual(expected);
  });

  const env = { NEXUS_CONFIG_PATH: 'env.toml', NEXUS_LISTEN_ADDRESS: '0.0.0.0:1' };

  it('falls back to the environment', () => {
    expect(parseArguments([], env)).toEqual({
      ...serve,
      config: 'env.toml',
      listen: { text: '0.0.0.0:1', from: 'NEXUS_LISTEN_ADDRESS' },
    });
    expect(parseArguments(['check'], env)).toMatchObject({ command: 'check', config: 'env.toml' });
    expect(parseArguments(['chat', 'a/b'], env)).toEqual({ ...chat, config: 'env.toml' });
  });

  it('puts flags before the environment', () => {
    expect(parseArguments(['-c', 'flag.toml', '-l', 'h:2'], env)).toEqual({
      ...serve,
      config: 'flag.toml',
      listen: { text: 'h:2', from: '-l, --listen-address' },
    });
  });

  it('takes empty variables for unset', () => {
    expect(parseArguments([], { NEXUS_CONFIG_PATH: '', NEXUS_LISTEN_ADDRESS: '' })).toEqual(serve);
  });

  it.each([
    [['chekc'], "Unknown command 'chekc' (did you mean 'check'?)"],
    [['modles'], "Unknown command 'modles' (did you mean 'models'?)"],
    [['dance'], "Unknown command 'dance'"],
    [['constructor'], "Unknown command 'constructor'"],
    [['--port', '1'], "Unknown option '--port'"],
    [['--confg', '1'], "Unknown option '--confg' (did you mean '--config'?)"],
    [['--listen-adress', '1'], "Unknown option '--listen-adress' (did you mean '--listen-address'?)"],
    [['-x'], "Unknown option '-x'"],
    [['-c'], "Option '-c, --config <value>' argument missing"],
    [['--help=yes'], "Option '-h, --help' does not take an argument"],
  ])('refuses %j', (args, message) => {
    expect(parseArguments(args, {})).toEqual({ command: 'misuse', message });
  });

  it.each([
    [['serve', 'now'], 'serve', "Unexpected argument 'now'"],
    [['chat', 'a', 'b', 'c'], 'chat', "Unexpected argument 'c'"],
    [['-c', ''], 'serve', "Option '-c, --config' needs a file"],
    [['init', '--oauth', ''], 'init', "Option '--oauth' needs a value"],
    [['check', '--drain', '1s'], 'check', "'nexus check' takes no '--drain'"],
    [['check', '--no-watch'], 'check', "'nexus check' takes no '--no-watch'"],
    [['check', '-l', 'h:1'], 'check', "'nexus check' takes no '-l, --listen-address'"],
    [['serve', '--json'], 'serve', "'nexus serve' takes no '--json'"],
    [['schema', '-c', 'a'], 'schema', "'nexus schema' takes no '-c, --config'"],
    [['models', '--limits', 'redis'], 'models', "'nexus models' takes no '--limits'"],
    [['models', '--mcp', 'a=b'], 'models', "'nexus models' takes no '--mcp'"],
    [['chat'], 'chat', "'nexus chat' needs a model; 'nexus models' lists them"],
  ])('refuses %j, and knows what it is about', (args, about, message) => {
    expect(parseArguments(args, {})).toEqual({ command: 'misuse', message, about });
  });
});
