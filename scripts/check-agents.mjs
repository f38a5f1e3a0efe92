/*
 * Runs the coding agents against Nexus, each in front of a vendor of its own protocol and of a foreign one, with a
 * scripted provider in the vendor's place: a plain answer, one tool call from the question to its result, and one call of
 * a tool of an MCP server, through Nexus's /mcp. Then the MCP Inspector makes the same call. No key, no account; the
 * network is used for the installation only. Needs what `npm run build` makes.
 *
 *   node scripts/check-agents.mjs [--if-installable] [agent ...]
 *
 * The agents are installed into a temporary folder; NEXUS_AGENTS names a folder that has them in its node_modules.
 * With --if-installable a machine that cannot install them is told so and passes.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createNexus } from 'nexus-ai';
import { listen } from 'nexus-ai/node';
import { createFakeProvider } from 'nexus-ai/testing';

const INSTALL_SECONDS = 600;
const RUN_SECONDS = 120;
const ARGUMENTS = process.argv.slice(2);

/** What it prints does not stand in it: only a shell that really ran it can tell. */
const COMMAND = 'printf agent-%s 42';
const PRINTED = 'agent-42';
/** What the tool of the MCP server is asked, and what only that server says. */
const RUN = { name: 'everything__get-sum', arguments: { a: 19, b: 23 } };
const SUM = 'The sum of 19 and 23 is 42.';
const ANSWER = 'The lighthouse keeper says hello.';

const AGENTS = {
  claude: {
    package: '@anthropic-ai/claude-code',
    program: 'cli-wrapper.cjs',
    vendors: { own: 'anthropic/claude-sonnet-4-5', foreign: 'openai/gpt-5' },
    asked: { own: '/v1/messages', foreign: '/v1/chat/completions' },
    tool: { name: 'Bash', arguments: { command: COMMAND, description: 'Prints a number' } },
    mcpTool: { own: { name: 'mcp__nexus__execute' }, foreign: { name: 'mcp__nexus__execute' } },
    args: (question) => ['-p', question, '--allowedTools', 'Bash', 'mcp__nexus__execute', '--mcp-config', 'mcp.json'],
    prepare({ url, model, folder }) {
      const mcpServers = { nexus: { type: 'http', url: `${url}/mcp` } };
      writeFileSync(join(folder, 'mcp.json'), JSON.stringify({ mcpServers }));
      return {
        ANTHROPIC_BASE_URL: `${url}/llm`,
        ANTHROPIC_API_KEY: 'any',
        ANTHROPIC_MODEL: model,
        ANTHROPIC_SMALL_FAST_MODEL: model,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      };
    },
  },
  codex: {
    package: '@openai/codex',
    program: 'bin/codex.js',
    vendors: { own: 'openai/gpt-5', foreign: 'anthropic/claude-sonnet-4-5' },
    asked: { own: '/v1/responses', foreign: '/v1/messages' },
    tool: { name: 'exec_command', arguments: { cmd: COMMAND } },
    mcpTool: { own: { namespace: 'mcp__nexus', name: 'execute' }, foreign: { name: 'mcp__nexus__execute' } },
    args: (question) => ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', question],
    prepare({ url, model, home }) {
      const config = [
        `model = "${model}"`,
        'model_provider = "nexus"',
        '[model_providers.nexus]',
        'name = "Nexus"',
        `base_url = "${url}/llm/v1"`,
        'env_key = "NEXUS_KEY"',
        'wire_api = "responses"',
        '[mcp_servers.nexus]',
        `url = "${url}/mcp"`,
      ];
      writeFileSync(join(home, 'config.toml'), `${config.join('\n')}\n`);
      return { CODEX_HOME: home, NEXUS_KEY: 'any' };
    },
  },
  gemini: {
    package: '@google/gemini-cli',
    program: 'bundle/gemini.js',
    vendors: { own: 'google/gemini-2.5-flash', foreign: 'anthropic/claude-sonnet-4-5' },
    asked: { own: '/v1beta/models/gemini-2.5-flash', foreign: '/v1/messages' },
    tool: { name: 'run_shell_command', arguments: { command: COMMAND, description: 'Prints a number' } },
    mcpTool: { own: { name: 'mcp_nexus_execute' }, foreign: { name: 'mcp_nexus_execute' } },
    args: (question, model) => ['-m', model, '-p', question, '--skip-trust', '--yolo'],
    prepare({ url, home }) {
      mkdirSync(join(home, '.gemini'));
      const settings = {
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        mcpServers: { nexus: { httpUrl: `${url}/mcp` } },
      };
      writeFileSync(join(home, '.gemini', 'settings.json'), JSON.stringify(settings));
      return { GEMINI_API_KEY: 'any', GOOGLE_GEMINI_BASE_URL: `${url}/llm/google` };
    },
  },
};

const INSPECTOR = {
  package: '@modelcontextprotocol/inspector',
  program: 'clients/launcher/build/index.js',
  /** Major version of Node. */
  needs: 22,
};
/** NEXUS_INSPECTOR_NODE names a Node for the Inspector; default: the one that runs this. */
const INSPECTOR_NODE = process.env['NEXUS_INSPECTOR_NODE'] ?? process.execPath;

/** What an agent asks beside its question (a title, a choice of model) has no tools and takes JSON or any text. */
const ASIDE = { match: { hasTools: false }, reply: { text: '{"reasoning":"short","model_choice":"flash"}' } };
const SCRIPTS = {
  text: () => [ASIDE, { reply: { text: ANSWER } }],
  tool: ({ tool }) => [
    ASIDE,
    { match: { hasTools: true }, times: 1, reply: { text: 'Let me run it.', toolCalls: [tool] } },
    { reply: { text: ANSWER } },
  ],
  mcp: ({ mcpTool }, vendor) => [
    ASIDE,
    {
      match: { hasTools: true },
      times: 1,
      reply: { text: 'Let me add them.', toolCalls: [{ ...mcpTool[vendor], arguments: RUN }] },
    },
    { reply: { text: ANSWER } },
  ],
};
/** What must come back to the model, and only where the script asks for it. */
const RESULTS = { tool: PRINTED, mcp: SUM };

const EVERYTHING = [
  process.execPath,
  fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js')),
  'stdio',
];

const work = mkdtempSync(join(tmpdir(), 'nexus-agents-'));
/** Ends the agent that runs, if one does. */
let stopAgent = () => undefined;
process.on('exit', () => {
  stopAgent();
  rmSync(work, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** The folder with the agents' packages; undefined where they cannot be installed and need not be. */
function install() {
  const given = process.env['NEXUS_AGENTS'];
  if (given) return join(given, 'node_modules');
  const folder = join(work, 'agents');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const packages = [...Object.values(AGENTS).map((agent) => agent.package), INSPECTOR.package];
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...packages];
  try {
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], timeout: INSTALL_SECONDS * 1000 });
  } catch (error) {
    if (!ARGUMENTS.includes('--if-installable')) throw error;
    console.log('skip  the agents cannot be installed here');
    return undefined;
  }
  return join(folder, 'node_modules');
}

/** Runs one agent to its end; its group, and all it started, dies with the deadline. */
function run(program, args, options, node = process.execPath) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [program, ...args], {
      ...options,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (bytes) => {
      stdout += bytes;
    });
    child.stderr.on('data', (bytes) => {
      stderr += bytes;
    });
    let late = false;
    stopAgent = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    };
    const deadline = setTimeout(() => {
      late = true;
      stopAgent();
    }, RUN_SECONDS * 1000);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(deadline);
      stopAgent = () => undefined;
      resolve({ code: late ? `none after ${RUN_SECONDS} s` : code, stdout, stderr });
    });
    child.once('exit', stopAgent);
  });
}

async function check(modules, name, vendor, script) {
  const agent = AGENTS[name];
  const model = agent.vendors[vendor];
  const provider = await createFakeProvider({ rules: SCRIPTS[script](agent, vendor) });
  const common = { apiKey: 'sk-upstream', baseUrl: `${provider.url}/v1` };
  const nexus = createNexus({
    llm: {
      providers: {
        openai: { ...common, type: 'openai' },
        anthropic: { ...common, type: 'anthropic' },
        google: { ...common, type: 'google', baseUrl: `${provider.url}/v1beta` },
      },
    },
    mcp: { servers: { everything: { cmd: EVERYTHING } } },
  });
  const server = await listen(nexus, { port: 0 });
  const home = mkdtempSync(join(work, `${name}-`));
  const folder = mkdtempSync(join(work, 'project-'));
  const { PATH, LANG } = process.env;
  try {
    const env = { PATH, LANG, HOME: home, NO_COLOR: '1', ...agent.prepare({ url: server.url, model, home, folder }) };
    const program = join(modules, agent.package, agent.program);
    const question = 'Run the command and tell me what it prints.';
    const { code, stdout, stderr } = await run(program, agent.args(question, model), { cwd: folder, env });
    const trail = provider.requests.map(({ method, path }) => `${method} ${path}`).join('\n');
    const seen = `exit ${code}\n${stdout}\n${stderr.slice(-4000)}\n${trail}`;
    assert.equal(code, 0, seen);
    assert.ok(stdout.includes(ANSWER), `the answer was not printed: ${seen}`);
    const asked = provider.requests.filter(({ path }) => path.startsWith(agent.asked[vendor]));
    assert.ok(asked.length >= (script === 'text' ? 1 : 2), `too few requests at ${agent.asked[vendor]}: ${seen}`);
    assert.ok(
      asked.some(({ body }) => JSON.stringify(body).includes(question)),
      `the question did not arrive: ${seen}`,
    );
    for (const [kind, result] of Object.entries(RESULTS)) {
      const arrived = asked.some(({ body }) => JSON.stringify(body).includes(result));
      assert.equal(arrived, script === kind, `"${result}" did not arrive, or uncalled: ${seen}`);
    }
    assert.equal(provider.bill.openStreams, 0);
    return asked.length;
  } finally {
    await server.close({ drain: 0 });
    await provider.close();
  }
}

/** The Inspector's command line calls the same tool; it needs a newer Node than Nexus does. */
async function checkInspector(modules) {
  const nexus = createNexus({ mcp: { servers: { everything: { cmd: EVERYTHING } } } });
  const server = await listen(nexus, { port: 0 });
  const { PATH, LANG } = process.env;
  const args = [
    '--cli',
    `${server.url}/mcp`,
    '--transport',
    'http',
    '--method',
    'tools/call',
    '--tool-name',
    'execute',
  ];
  for (const [name, value] of Object.entries(RUN)) {
    args.push('--tool-arg', `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  }
  try {
    const home = mkdtempSync(join(work, 'inspector-'));
    const env = { PATH, LANG, HOME: home, NO_COLOR: '1' };
    const program = join(modules, INSPECTOR.package, INSPECTOR.program);
    const { code, stdout, stderr } = await run(program, args, { cwd: home, env }, INSPECTOR_NODE);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.ok(stdout.includes(SUM), `the tool's answer was not printed: ${stdout}\n${stderr}`);
  } finally {
    await server.close({ drain: 0 });
  }
}

const modules = install();
const wanted = ARGUMENTS.filter((argument) => !argument.startsWith('--'));
let failed = 0;
console.log(
  `      ${'agent'.padEnd(18)}${'vendor'.padEnd(30)}${'asked for'.padEnd(12)}${'requests'.padEnd(10)}seconds`,
);
/** Runs one check and prints its row; what it resolves with is the number of requests. */
async function report(row, check) {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  try {
    const requests = await check();
    console.log(`ok    ${row}${String(requests ?? '').padEnd(10)}${seconds()}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${row}${''.padEnd(10)}${seconds()}\n${error.message}`);
  }
}

const isWanted = (name) => modules !== undefined && (wanted.length === 0 || wanted.includes(name));
const versionOf = (name) => JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version;
const rowOf = (name, version, vendor, script) =>
  `${`${name} ${version}`.padEnd(18)}${vendor.padEnd(30)}${script.padEnd(12)}`;

for (const [name, agent] of Object.entries(AGENTS)) {
  if (!isWanted(name)) continue;
  const version = versionOf(agent.package);
  for (const vendor of ['own', 'foreign']) {
    for (const script of Object.keys(SCRIPTS)) {
      await report(rowOf(name, version, agent.vendors[vendor], script), () => check(modules, name, vendor, script));
    }
  }
}
if (isWanted('inspector')) {
  const node = execFileSync(INSPECTOR_NODE, ['--version'], { encoding: 'utf8' });
  if (Number(/\d+/.exec(node)?.[0]) < INSPECTOR.needs) {
    console.log(`skip  the Inspector needs Node ${INSPECTOR.needs}: NEXUS_INSPECTOR_NODE names one`);
  } else {
    const row = rowOf('inspector', versionOf(INSPECTOR.package), 'none', 'mcp');
    await report(row, () => checkInspector(modules));
  }
}
process.exitCode = failed > 0 ? 1 : 0;
