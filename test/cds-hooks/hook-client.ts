import { randomUUID } from "node:crypto";
import { asSpecified } from "./validate.ts";

// A doctor's system that knows CDS Hooks 2.0.1 and nothing of the service it calls.

/** A FHIR resource as this client keeps it. */
export interface Kept {
  readonly resourceType: string;
  readonly id?: string;
  readonly [element: string]: unknown;
}

/** What the client's screen shows of a card. */
export interface SeenCard {
  readonly uuid?: string;
  readonly summary: string;
  readonly detail?: string;
  readonly indicator: string;
  readonly source: { readonly label: string };
  readonly suggestions?: readonly SeenSuggestion[];
  readonly selectionBehavior?: string;
  readonly overrideReasons?: readonly { readonly system: string; readonly code: string; readonly display: string }[];
  readonly links?: readonly {
    readonly label: string;
    readonly url: string;
    readonly type: string;
    readonly appContext?: string;
  }[];
}

export interface SeenSuggestion {
  readonly label: string;
  readonly uuid?: string;
  readonly isRecommended?: boolean;
  readonly actions?: readonly {
    readonly type: "create" | "update" | "delete";
    readonly description: string;
    readonly resource?: Kept;
    readonly resourceId?: string;
  }[];
}

interface Service {
  readonly hook: string;
  readonly id: string;
  readonly prefetch?: Readonly<Record<string, string>>;
}

/** Sends one request and gives back what came; `token` makes a JWT for an address. */
export interface Wire {
  readonly baseUrl: string;
  token(address: string): Promise<string>;
  send(
    method: "GET" | "POST",
    path: string,
    more: { readonly authorization: string; readonly body?: unknown },
  ): Promise<{ status: number; body: unknown }>;
}

/** One answer to one hook. */
export interface Answered {
  readonly service: string;
  readonly status: number;
  readonly cards: readonly SeenCard[];
  readonly body: unknown;
}

/** The ordering session of one doctor with one patient. */
export interface OrderingSession {
  readonly userId: string;
  readonly patientId: string;
  readonly encounterId?: string;
  /** The unsigned orders. */
  drafts: Kept[];
}

/** A CDS client with a FHIR server of its own: `fhir` holds its resources under `[type]/[id]`. */
export function hookClient(wire: Wire, fhir: ReadonlyMap<string, Kept>) {
  async function call(method: "GET" | "POST", path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const authorization = `Bearer ${await wire.token(`${wire.baseUrl}${path}`)}`;
    return await wire.send(method, path, { authorization, ...(body === undefined ? {} : { body }) });
  }

  async function discover(): Promise<readonly Service[]> {
    const { status, body } = await call("GET", "/cds-services");
    if (status !== 200) throw new Error(`discovery: ${status}`);
    return (asSpecified("discovery", body) as { services: Service[] }).services;
  }

  /** Calls every service that discovery names for the hook, each with the data it asks for and no other. */
  async function fire(hook: string, session: OrderingSession, selections?: readonly string[]): Promise<readonly Answered[]> {
    const services = (await discover()).filter((one) => one.hook === hook);
    return await Promise.all(services.map((service) => callService(service, requestFor(service, session, selections))));
  }

  function requestFor(service: Service, session: OrderingSession, selections?: readonly string[]) {
    const { drafts, ...context } = session;
    const draftOrders = { resourceType: "Bundle", type: "collection", entry: drafts.map((resource) => ({ resource })) };
    const orders =
      service.hook === "patient-view"
        ? {}
        : { draftOrders, ...(service.hook === "order-select" ? { selections: selections ?? [] } : {}) };
    const prefetch = Object.fromEntries(
      Object.entries(service.prefetch ?? {}).flatMap(([key, template]) => {
        const path = resolved(template, context);
        // "The CDS Client MUST NOT send any prefetch template key that it chooses not to satisfy."; no data = null.
        return path === undefined ? [] : [[key, fhir.get(path) ?? null] as const];
      }),
    );
    return {
      hook: service.hook,
      hookInstance: randomUUID(),
      context: { ...context, ...orders },
      ...(Object.keys(prefetch).length === 0 ? {} : { prefetch }),
    };
  }

  async function callService(service: Service, request: unknown): Promise<Answered> {
    asSpecified("hook request", request);
    const { status, body } = await call("POST", `/cds-services/${service.id}`, request);
    const cards = status === 200 ? (asSpecified("response", body) as { cards: SeenCard[] }).cards : [];
    return { service: service.id, status, cards, body };
  }

  async function feedback(service: string, entries: readonly object[]): Promise<{ status: number; body: unknown }> {
    const request = { feedback: entries.map((entry) => ({ outcomeTimestamp: new Date().toISOString(), ...entry })) };
    return await call("POST", `/cds-services/${service}/feedback`, asSpecified("feedback request", request));
  }

  return {
    discover,
    fire,
    requestFor,
    callService,
    feedback,
    /** The doctor takes a suggestion: its actions are applied to the draft orders, and the service is told. */
    async accept(answered: Answered, session: OrderingSession, chosen: { card: SeenCard; suggestion: SeenSuggestion }) {
      const { card, suggestion } = chosen;
      session.drafts = applied(session.drafts, suggestion);
      // "If either the card or the suggestion has no uuid, the CDS Client does not send a notification."
      if (card.uuid === undefined || suggestion.uuid === undefined) return undefined;
      const entry = { card: card.uuid, outcome: "accepted", acceptedSuggestions: [{ id: suggestion.uuid }] };
      return await feedback(answered.service, [entry]);
    },
    /** The doctor dismisses a card, with one of its reasons or without. */
    async override(answered: Answered, card: SeenCard, code?: string, userComment?: string) {
      if (card.uuid === undefined) return undefined;
      const reason = card.overrideReasons?.find((one) => one.code === code);
      if (code !== undefined && reason === undefined) throw new Error(`the card offers no reason ${code}`);
      const overrideReason = {
        ...(reason === undefined ? {} : { reason: { code: reason.code, system: reason.system } }),
        ...(userComment === undefined ? {} : { userComment }),
      };
      return await feedback(answered.service, [
        { card: card.uuid, outcome: "overridden", ...(Object.keys(overrideReason).length === 0 ? {} : { overrideReason }) },
      ]);
    },
  };
}

export type HookClient = ReturnType<typeof hookClient>;

/** The template with its tokens replaced; undefined where the context has no such field. */
function resolved(template: string, context: object): string | undefined {
  let missing = false;
  const path = template.replace(/\{\{context\.(\w+)\}\}/g, (_all, field: string) => {
    const value = (context as Record<string, unknown>)[field];
    if (typeof value !== "string") missing = true;
    return String(value);
  });
  return missing ? undefined : path;
}

/** "deletes happen first, then creates, then updates" (Suggestion: actions). */
function applied(drafts: readonly Kept[], { actions = [] }: SeenSuggestion): Kept[] {
  const of = (type: string) => actions.filter((action) => action.type === type);
  const named = ({ resourceType, id }: Kept) => `${resourceType}/${id}`;
  const deleted = new Set(of("delete").map((action) => action.resourceId));
  for (const reference of deleted) {
    if (!drafts.some((draft) => named(draft) === reference))
      throw new Error(`an action deletes ${reference}, which is no draft of this session`);
  }
  const left = drafts.filter((draft) => !deleted.has(named(draft)));
  const created = of("create").flatMap(({ resource }) => (resource === undefined ? [] : [{ ...resource, id: randomUUID() }]));
  const updated = new Map(
    of("update").flatMap(({ resource }) => (resource === undefined ? [] : [[named(resource), resource] as const])),
  );
  return [...left.map((draft) => updated.get(named(draft)) ?? draft), ...created];
}
