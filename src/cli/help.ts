/** One line for each way to call the command; printed after a misuse too. */
export const USAGE = `Usage: nexus [serve] [-c FILE] [-l HOST:PORT]
       nexus check [-c FILE]
       nexus --help | --version
`;

export const HELP = `Nexus, the AI router.

${USAGE}
Commands
  serve    Start a server of its own (the default)
  check    Judge a configuration without starting anything

Options
  -c, --config FILE               Configuration; default $NEXUS_CONFIG_PATH, else ./nexus.toml
  -l, --listen-address HOST:PORT  Where to listen; default $NEXUS_LISTEN_ADDRESS, else server.listen_address
  -h, --help                      Show this
  -v, --version                   Show the version

Exit status: 0 done, 1 the configuration or the start failed, 2 the command line was wrong.
`;
