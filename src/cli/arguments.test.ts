import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';

describe('parseArguments', () => {
  it.each([
    [[], { command: 'serve', config: 'nexus.toml', listen: undefined }],
    [['serve'], { command: 'serve', config: 'nexus.toml', listen: undefined }],
    [['-c', 'a.toml'], { command: 'serve', config: 'a.toml', listen: undefined }],
    [['serve', '--config=a.toml'], { command: 'serve', config: 'a.toml', listen: undefined }],
    [['-l', ':1'], { command: 'serve', config: 'nexus.toml', listen: { text: ':1', from: '-l, --listen-address' } }],
    [['check', '-c', 'a.toml'], { command: 'check', config: 'a.toml' }],
    [['-c', 'a.toml', 'check'], { command: 'check', config: 'a.toml' }],
    [['--help'], { command: 'help' }],
    [['check', '-h'], { command: 'help' }],
    [['--version'], { command: 'version' }],
    [['-v'], { command: 'version' }],
  ])('reads %j', (args, expected) => {
    expect(parseArguments(args, {})).toEqual(expected);
  });

  const env = { NEXUS_CONFIG_PATH: 'env.toml', NEXUS_LISTEN_ADDRESS: '0.0.0.0:1' };

  it('falls back to the environment', () => {
    expect(parseArguments([], env)).toEqual({
      command: 'serve',
      config: 'env.toml',
      listen: { text: '0.0.0.0:1', from: 'NEXUS_LISTEN_ADDRESS' },
    });
    expect(parseArguments(['check'], env)).toEqual({ command: 'check', config: 'env.toml' });
  });

  it('puts flags before the environment', () => {
    expect(parseArguments(['-c', 'flag.toml', '-l', 'h:2'], env)).toEqual({
      command: 'serve',
      config: 'flag.toml',
      listen: { text: 'h:2', from: '-l, --listen-address' },
    });
  });

  it('takes empty variables for unset', () => {
    expect(parseArguments([], { NEXUS_CONFIG_PATH: '', NEXUS_LISTEN_ADDRESS: '' })).toEqual({
      command: 'serve',
      config: 'nexus.toml',
      listen: undefined,
    });
  });

  it.each([
    [['chekc'], "Unknown command 'chekc' (did you mean 'check'?)"],
    [['dance'], "Unknown command 'dance'"],
    [['constructor'], "Unknown command 'constructor'"],
    [['serve', 'now'], "Unexpected argument 'now'"],
    [['--port', '1'], "Unknown option '--port'"],
    [['-c'], "Option '-c, --config <value>' argument missing"],
    [['-c', ''], "Option '-c, --config' needs a file"],
    [['--help=yes'], "Option '-h, --help' does not take an argument"],
    [['check', '-l', 'h:1'], "'nexus check' takes no '-l, --listen-address'"],
  ])('refuses %j', (args, message) => {
    expect(parseArguments(args, {})).toEqual({ command: 'misuse', message });
  });
});
