import type { IncomingHttpHeaders } from "node:http";

/**
 * Did this request come from a page of ours? Another site can make a browser send a form or an image request with our cookies, but not with
 * this header (it would need a CORS answer we never give); browsers that tell where a request comes from must say the same origin.
 */
export function isFromOwnPage(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  return headers["x-hutong-page"] === "1" && (site === undefined || site === "same-origin");
}
