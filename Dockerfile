# The gateway, and the embedded TICS for trying it out. Stage 1 builds, stage 2 holds what runs.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:20-bookworm-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=4000
WORKDIR /app
COPY --from=build --chown=root:root /app/package.json ./package.json
COPY --from=build --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/dist ./dist
# The embedded TICS answers from the contracts.
COPY --chown=root:root schema/tics-space.openapi.yaml schema/tics-agent.openapi.yaml ./schema/
# Mount the configuration at /app/gateway.config.yaml, or name another path in GATEWAY_CONFIG.
USER node
EXPOSE 4000
# The runtime image has no curl; node asks itself.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1, so that it gets SIGTERM and can drain.
CMD ["node", "dist/main.js"]
