import { createServer, type RequestListener, type Server } from "node:http";

/**
 * An HTTP server whose clients cannot hold it open by being slow: 10 s for the headers, 2 h for a whole request (exports are large;
 * a JSON body has 30 s, an export that stops sending 30 s, at their own doors), 200 headers at most.
 */
export function createHttpServer(listener: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 2 * 3_600_000,
      keepAliveTimeout: 15_000,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: 16_384,
    },
    listener,
  );
  server.maxHeadersCount = 200;
  server.maxRequestsPerSocket = 10_000;
  return server;
}
