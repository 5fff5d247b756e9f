# One image for both services; the command says which one runs. Pin the base by digest where you build.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json ./
RUN npm ci --ignore-scripts
COPY src ./src
RUN npx tsc -b src/cli && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production DATA_DIR=/data
COPY --from=build --chown=root:root /app/package.json ./
COPY --from=build --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/dist ./dist
# Named volumes take their owner from here; the key folders are mounted read-only over this.
RUN for service in portal mcp; do mkdir -p /data/$service/keys /data/$service/tls /data/$service/journal /data/$service/audit; done \
 && chown -R node:node /data && chmod -R go-rwx /data
USER node
ENTRYPOINT ["node", "dist/cli/main.js"]
