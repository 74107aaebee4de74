FROM node:20-slim AS build
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build
# What runs needs neither the compiler of the pages, nor an image library, nor a browser.
RUN npm prune --omit=dev --no-audit --no-fund
RUN rm -rf .next/cache node_modules/@next/swc-* node_modules/@img node_modules/sharp \
  node_modules/@playwright node_modules/playwright node_modules/playwright-core

FROM node:20-slim
WORKDIR /app
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1
# Volumes take the owner of the folder they are first mounted over.
RUN install -d -o node -g node -m 0700 /data /credentials
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/.next ./.next
COPY --from=build /app/public ./public
USER node
EXPOSE 8084
CMD ["node", "dist/server.js"]
