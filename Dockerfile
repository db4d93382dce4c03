# The gateway alone: one bundle and its bytecode, and of node_modules only DuckDB (with detect-libc), whose library can't be bundled. The embedded TICS stays out: in a container nobody could
# reach it, since it binds to loopback. `npm start` has it.
# Stage 1 builds, and runs the bundle on the embedded TICS to write its bytecode. Stage 2 holds what runs. `.ci/docker-steps` carries out these instructions without a Docker engine.
ARG NODE_IMAGE=node:24-bookworm-slim
FROM ${NODE_IMAGE} AS build
WORKDIR /app
# The lockfile decides every version, by hash; no package runs scripts.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY schema ./schema
COPY ops ./ops
COPY src ./src
RUN npm run build
RUN rm -rf dist/sandbox

FROM ${NODE_IMAGE}
# Outside the container nobody reaches loopback. `host` and `port` of the configuration file override the defaults.
ENV NODE_ENV=production \
    GATEWAY_DEFAULT_HOST=0.0.0.0
WORKDIR /app
# Owned by root and nowhere written to but `data`: runs with a read-only root file system.
COPY --from=build /app/package.json ./package.json
COPY --from=build /app/node_modules/@duckdb ./node_modules/@duckdb
COPY --from=build /app/node_modules/detect-libc ./node_modules/detect-libc
COPY --from=build /app/dist ./dist
# The default of `dataDirectory`, for what writes: keys, the audit file, BI's file.
RUN mkdir -m 700 data && chown 1000:1000 data
VOLUME /app/data
# By number, so that Kubernetes can check runAsNonRoot; it is the image's user node.
USER 1000:1000
EXPOSE 4000
# The image has no curl; the gateway asks itself, where the configuration says that it listens.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "dist/main.js", "health"]
# Node itself is process 1, so that it gets SIGTERM and SIGHUP. Mount the configuration at /app/gateway.config.yaml, or name
# another path in GATEWAY_CONFIG.
CMD ["node", "dist/main.js"]
