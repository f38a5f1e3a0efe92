# Nexus as a server of its own, built from this repository:
#
#   docker build -t nexus .
#   docker run --rm -p 8000:8000 -v ./nexus.toml:/etc/nexus/nexus.toml:ro -e OPENAI_API_KEY nexus
#
# examples/docker/compose.yaml puts Redis beside it.

FROM node:26-slim AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npx tsup --no-dts --silent && npm pack --ignore-scripts --pack-destination /tmp

FROM node:26-slim AS install
WORKDIR /nexus
COPY --from=build /tmp/nexus-ai-*.tgz ./
# What is loaded only where it is configured: the client of Redis here, others as you need them.
ARG OPTIONAL_PACKAGES="ioredis@5"
RUN npm install --omit=dev --ignore-scripts --no-audit --no-fund ./nexus-ai-*.tgz $OPTIONAL_PACKAGES && rm nexus-ai-*.tgz

FROM node:26-slim
ENV NODE_ENV=production
WORKDIR /nexus
COPY --from=install /nexus ./
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:8000/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Not through npm or a shell: SIGTERM must reach the process, so that it can finish what it has.
ENTRYPOINT ["node", "node_modules/nexus-ai/dist/cli.js"]
CMD ["serve", "-c", "/etc/nexus/nexus.toml", "-l", "0.0.0.0:8000"]
