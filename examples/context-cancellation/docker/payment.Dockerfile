# Build context: the root of the repository, where the packages have been built (npx nx build @patterns/context).
# Node.js 24 runs the TypeScript of the service as it is, by leaving the types out.
FROM node:24-slim
WORKDIR /app
COPY examples/context-cancellation/package.json ./
COPY packages/errors/package.json node_modules/@patterns/errors/
COPY packages/errors/dist node_modules/@patterns/errors/dist/
COPY packages/context/package.json node_modules/@patterns/context/
COPY packages/context/dist node_modules/@patterns/context/dist/
COPY examples/context-cancellation/src/services src/services/
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8082
EXPOSE 8082
USER node
# Not through npm, nor a shell: the service is the process that gets the signals, with id 1.
CMD ["node", "src/services/payment.ts"]
