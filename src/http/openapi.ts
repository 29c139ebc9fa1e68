import { OpenAPIRegistry, OpenApiGeneratorV31 } from "@asteasolutions/zod-to-openapi";
import { z } from "zod";
import { FeedName } from "./contract/export.ts";
import { WorkId } from "./contract/parts.ts";
import { ProblemBody } from "./contract/problem.ts";
import type { Route } from "./route.ts";

type Method = Parameters<OpenAPIRegistry["registerPath"]>[0];

/** The API's description (OpenAPI 3.1), made from the same table and schemas that serve it. */
export function describeApi(routes: readonly Route[], publicUrl: string): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent("securitySchemes", "token", {
    type: "oauth2",
    flows: { clientCredentials: { tokenUrl: `${publicUrl}/oidc/token`, scopes: {} } },
  });
  registry.registerComponent("securitySchemes", "cdsClient", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "Signed by the CDS client for this address (CDS Hooks 2.0, Trusting CDS Clients)",
  });
  for (const route of routes) registry.registerPath(describe(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: {
      title: "Hutong (互通)",
      version: "0.1.0",
      description: "Exports in, lookups with consent, recognition at order time.",
    },
    servers: [{ url: publicUrl }],
  });
}

function describe(route: Route): Method {
  const { method, path, summary } = route;
  const responses = { ...answersOf(route), ...errorsOf(route) };
  if (route.door === "open") return { method, path, summary, security: [], responses };
  const params = paramsOf(path);
  const query = route.query === undefined ? {} : { query: route.query as z.ZodObject };
  if (route.door === "public") return { method, path, summary, security: [], request: { ...params, ...query }, responses };
  const body = route.body === undefined ? {} : { body: { required: true, content: bodyOf(route.body) } };
  const security = [route.credential === "cds-client" ? { cdsClient: [] } : { token: [] }];
  return { method, path, summary, security, request: { ...params, ...query, ...body }, responses };
}

function paramsOf(path: string): { params?: z.ZodObject } {
  const [, name] = /\{(\w+)\}/.exec(path) ?? [];
  if (name === undefined) return {};
  const known: Readonly<Record<string, z.ZodType>> = { feed: FeedName, id: WorkId };
  return { params: z.object({ [name]: known[name] ?? z.string() }) };
}

function bodyOf(body: z.ZodType | "stream") {
  if (body !== "stream") return { "application/json": { schema: body } };
  const bytes = { type: "string", format: "binary" } as const;
  return {
    "multipart/form-data": { schema: { type: "object", properties: { files: { type: "array", items: bytes } } } as const },
    "application/octet-stream": { schema: bytes },
    "application/zip": { schema: bytes },
  };
}

function answersOf(route: Route): Method["responses"] {
  const answers = Object.entries(route.answers).map(([status, { description, schema, type = "application/json" }]) => {
    const content = {
      [type]: { schema: schema ?? (type.endsWith("json") ? { type: "object" as const } : { type: "string" as const }) },
    };
    return [status, { description, content }];
  });
  return Object.fromEntries(answers);
}

const sentences: Readonly<Record<number, string>> = {
  400: "The request is not valid; problems say where",
  401: "No valid token",
  403: "The token does not permit it; audited",
  404: "Nothing there for this caller",
  409: "The same key came with other content",
  413: "The body is too large",
  415: "The media type is not taken",
  503: "The store does not answer; nothing was accepted",
};

function errorsOf(route: Route): Method["responses"] {
  const outcome = { "application/fhir+json": { schema: { type: "object" as const, description: "OperationOutcome" } } };
  const problem = { "application/problem+json": { schema: ProblemBody } };
  const content = route.errors === "fhir" ? outcome : problem;
  const guarded = route.door === "guarded";
  const statuses = Object.keys(sentences)
    .map(Number)
    .filter((status) => {
      if (status in route.answers) return false;
      if (status === 404) return route.path.includes("{");
      if (status === 409 || status === 413 || status === 415) return route.method !== "get";
      return guarded || (status === 400 && route.door === "public");
    });
  return Object.fromEntries(statuses.map((status) => [status, { description: sentences[status] ?? "", content }]));
}
