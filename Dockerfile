# One image for every service: its argument says which one it runs.
#   docker build -t lyceum .
#   docker run --env-file … lyceum gateway
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm ci && npm run build && rm -rf node_modules

# What the services need at run time, and neither tools nor the engines of `npm start` (packages/engines).
FROM node:22-bookworm-slim AS dependencies
WORKDIR /app
COPY --from=build /app/package.json /app/package-lock.json /app/.npmrc ./
COPY --from=build /app/packages packages
COPY --from=build /app/subgraphs subgraphs
COPY --from=build /app/schema schema
COPY --from=build /app/gateway gateway
COPY --from=build /app/lrs lrs
COPY deploy deploy
RUN npm ci --omit=dev \
    --workspace gateway \
    --workspace lrs \
    --workspace subgraphs/identity \
    --workspace subgraphs/catalog \
    --workspace subgraphs/learning \
    --workspace subgraphs/assessment \
    --workspace subgraphs/records \
  && node deploy/prune.mjs

FROM node:22-bookworm-slim
ENV NODE_ENV=production \
    APOLLO_TELEMETRY_DISABLED=1 \
    HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app .
COPY --from=build /app/web/dist web/dist
# The loader of the demo courses.
COPY --from=build /app/local/dist local/dist
# Written to by what keeps attachments as files, and where the embedded log is used, by a single container.
RUN mkdir .lyceum && chown node:node .lyceum
USER node
ENTRYPOINT ["node", "deploy/service.mjs"]
