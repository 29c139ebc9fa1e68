# The engine: one image, started as role api, worker, mllp or channels (ROLES).
FROM node:24-bookworm-slim AS packages
WORKDIR /hutong
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim AS pages
WORKDIR /hutong
COPY package.json package-lock.json ./
# The development packages hold a second Node, which an install script fetches; this image has its own.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY src src
COPY scripts scripts
RUN node scripts/web/build.ts dist/web

FROM node:24-bookworm-slim
WORKDIR /hutong
ENV NODE_ENV=production
COPY --from=packages /hutong/node_modules node_modules
COPY --from=pages /hutong/dist dist
COPY package.json ./
COPY src src
COPY profiles profiles
COPY mappings mappings
COPY scripts scripts
RUN mkdir /landing /inbox /sample && chown node /landing /inbox /sample
USER node
# A small young generation keeps memory flat while large files are mapped, and costs few rows a second.
CMD ["node", "--enable-source-maps", "--max-semi-space-size=4", "src/main.ts"]
