import { isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { InstitutionCode } from "../kernel/brand.ts";

const code = z.string().regex(/^[a-z][a-z0-9-]{1,40}$/, "must be lower-case letters, digits and hyphens");
const text = z.string().trim().min(1);
const institutionCode = code.transform((value) => value as InstitutionCode);

const Campus = z.strictObject({ code: text, name: text });
const Endpoint = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("hosted") }),
  z.strictObject({ kind: z.literal("fhir"), url: z.url({ protocol: /^https?$/ }) }),
]);

const Institution = z.strictObject({
  code: institutionCode,
  name: text,
  creditCode: z.string().regex(/^[0-9A-HJ-NP-RTUWXY]{18}$/, "must be a 统一社会信用代码 of 18 characters"),
  /** Number of its HAPI partition; 0 is DEFAULT. */
  partition: z.int().min(1),
  /** 级 1, 2, 3 or 9 (none) and 等. */
  level: z.strictObject({
    ji: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(9)]),
    deng: z.enum(["特", "甲", "乙", "丙", "未定"]),
  }),
  ownership: z.enum(["public", "private"]),
  region: z.strictObject({ province: text, city: text.optional(), county: text.optional() }),
  alliances: z.array(code),
  campuses: z.array(Campus),
  endpoint: Endpoint,
  /** Where its systems are called when there is something to read here; what is sent names no person. */
  callback: z.url({ protocol: /^https?$/ }).optional(),
});
const Sender = z.strictObject({
  feed: code,
  application: text.optional(),
  facility: text.optional(),
  receivingApplication: text.optional(),
  receivingFacility: text.optional(),
});
const Supplier = z.strictObject({
  code,
  name: text,
  feeds: z.array(code).min(1),
  /** What MSH-3 to MSH-6 of a feed's HL7 v2 messages say; needed where another supplier sends messages of the same type. */
  senders: z.array(Sender).default([]),
  /** How rows of this supplier name institutions and campuses. */
  rows: z.array(z.strictObject({ code: text, institution: institutionCode, campus: text.optional() })).min(1),
});
const CdsClient = z.strictObject({
  /** `iss` of its tokens. */
  issuer: z.url(),
  /** `tenant` of its tokens, where one issuer calls for several institutions. */
  tenant: text.optional(),
  /** Where it publishes its keys; absent = they are registered with the client's other public key. */
  jku: z.url({ protocol: /^https?$/ }).optional(),
  /** SMART launch of its viewer of reports and images. */
  launch: z.url({ protocol: /^https?$/ }).optional(),
  /** Whether its doctors see the neutral card (未授权) for residents without consent, where the region's policy has one. */
  unauthorisedCard: z.boolean().default(true),
});
const Client = z.strictObject({
  id: code,
  kind: z.enum(["institution", "supplier", "portal", "steward", "operator"]),
  institution: institutionCode.optional(),
  scopes: z.array(z.enum(["exports", "lookups", "recognitions", "resident", "identity-review", "patients", "operate"])).min(1),
  feeds: z.array(code).optional(),
  /** How this client calls as a CDS client (CDS Hooks); absent = it does not. */
  cds: CdsClient.optional(),
});
const RegistryFile = z.strictObject({
  region: z.strictObject({
    code,
    name: text,
    short: text,
    division: z.string().regex(/^\d{6}$/, "must be 6 digits (GB/T 2260)"),
  }),
  institutions: z.array(Institution).min(1),
  suppliers: z.array(Supplier),
  clients: z.array(Client),
});

/** One hospital, laboratory or centre: the code is also its HAPI partition's name. */
export type Institution = z.output<typeof Institution>;
/** Who sends feeds: a hospital's system, or one shared by many institutions. */
type Supplier = z.output<typeof Supplier>;
/** A machine client of the API. */
type RegisteredClient = z.output<typeof Client>;

/** The region's registry with its look-ups; none of them guesses. */
export interface Registry {
  readonly region: z.output<typeof RegistryFile>["region"];
  readonly institutions: readonly Institution[];
  readonly suppliers: readonly Supplier[];
  readonly clients: readonly RegisteredClient[];
  institution(code: string): Institution | undefined;
  /** The institution, and campus where it has several, that a supplier's row means by a code. */
  institutionOf(
    supplier: string,
    codeInRow: string,
  ): { readonly tenant: InstitutionCode; readonly campus?: string } | undefined;
  client(id: string): RegisteredClient | undefined;
  supplierOfFeed(feed: string): Supplier | undefined;
}

/** A mistake in the registry file: 1-based line and what is wrong. */
interface RegistryProblem {
  readonly line: number;
  readonly path: string;
  readonly reason: string;
}

export type ReadRegistry =
  | { readonly kind: "read"; readonly registry: Registry }
  | { readonly kind: "wrong"; readonly problems: readonly RegistryProblem[] };

type Content = z.output<typeof RegistryFile>;
type Path = readonly (string | number)[];
type Complain = (path: Path, reason: string) => void;

/** Reads registry.yaml whole: every mistake is reported with its line, none is repaired. */
export function readRegistry(yaml: string): ReadRegistry {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines });
  const problems: RegistryProblem[] = document.errors.map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    path: "",
    reason: error.message,
  }));
  if (problems.length > 0) return { kind: "wrong", problems };
  const complain: Complain = (path, reason) =>
    problems.push({ line: lineOf(document, lines, path), path: path.join("."), reason });
  const parsed = RegistryFile.safeParse(document.toJS());
  if (parsed.success) crossCheck(parsed.data, complain);
  else for (const issue of parsed.error.issues) complain(issue.path as Path, issue.message);
  return parsed.success && problems.length === 0
    ? { kind: "read", registry: lookups(parsed.data) }
    : { kind: "wrong", problems };
}

/** What the shape alone cannot say: codes are unique and every name that is used exists. */
function crossCheck(content: Content, complain: Complain): void {
  const { institutions, suppliers, clients } = content;
  unique(
    institutions.map((one) => one.code),
    (at) => complain(["institutions", at, "code"], "is given twice"),
  );
  unique(
    institutions.map((one) => one.partition),
    (at) => complain(["institutions", at, "partition"], "belongs to another institution"),
  );
  unique(
    suppliers.map((one) => one.code),
    (at) => complain(["suppliers", at, "code"], "is given twice"),
  );
  unique(
    clients.map((one) => one.id),
    (at) => complain(["clients", at, "id"], "is given twice"),
  );
  institutions.forEach((institution, at) => {
    unique(
      institution.campuses.map((campus) => campus.code),
      (n) => complain(["institutions", at, "campuses", n, "code"], "is given twice"),
    );
  });
  const byCode = new Map(institutions.map((one) => [one.code, one]));
  const feeds = suppliers.flatMap((supplier) => supplier.feeds);
  suppliers.forEach((supplier, at) => {
    supplier.feeds.forEach((feed, n) => {
      if (feeds.indexOf(feed) !== feeds.lastIndexOf(feed))
        complain(["suppliers", at, "feeds", n], "is sent by more than one supplier");
    });
    supplier.senders.forEach((sender, n) => {
      if (!supplier.feeds.includes(sender.feed))
        complain(["suppliers", at, "senders", n, "feed"], "is no feed of this supplier");
    });
    unique(
      supplier.rows.map((row) => row.code),
      (n) => complain(["suppliers", at, "rows", n, "code"], "is given twice"),
    );
    supplier.rows.forEach((row, n) => {
      const institution = byCode.get(row.institution);
      if (institution === undefined)
        complain(["suppliers", at, "rows", n, "institution"], "is no institution of this registry");
      else if (row.campus !== undefined && !institution.campuses.some((campus) => campus.code === row.campus))
        complain(["suppliers", at, "rows", n, "campus"], "is no campus of this institution");
    });
  });
  unique(
    clients.map(({ cds }, at) => JSON.stringify(cds === undefined ? at : [cds.issuer, cds.tenant])),
    (at) => complain(["clients", at, "cds"], "has issuer and tenant of another client"),
  );
  clients.forEach((client, at) => {
    if (client.cds !== undefined && (client.kind !== "institution" || !client.scopes.includes("recognitions")))
      complain(["clients", at, "cds"], "is for institutions with the scope recognitions");
    if (client.institution !== undefined && !byCode.has(client.institution))
      complain(["clients", at, "institution"], "is no institution of this registry");
    if (client.kind === "institution" && client.institution === undefined)
      complain(["clients", at], "needs the institution it speaks for");
    if (client.kind === "supplier" && client.feeds === undefined) complain(["clients", at], "needs the feeds it delivers");
    client.feeds?.forEach((feed, n) => {
      if (!feeds.includes(feed)) complain(["clients", at, "feeds", n], "is no feed of any supplier");
    });
  });
}

function unique(values: readonly unknown[], twice: (index: number) => void): void {
  values.forEach((value, index) => {
    if (values.indexOf(value) !== index) twice(index);
  });
}

function lookups(content: Content): Registry {
  const institutions = new Map<string, Institution>(content.institutions.map((one) => [one.code, one]));
  const clients = new Map(content.clients.map((one) => [one.id, one]));
  const feeds = new Map(content.suppliers.flatMap((supplier) => supplier.feeds.map((feed) => [feed, supplier])));
  const rows = new Map(
    content.suppliers.map((supplier) => [supplier.code, new Map(supplier.rows.map((row) => [row.code, row]))]),
  );
  return Object.freeze({
    ...content,
    institution: (code: string) => institutions.get(code),
    institutionOf(supplier: string, codeInRow: string) {
      const row = rows.get(supplier)?.get(codeInRow.trim());
      if (row === undefined) return undefined;
      return { tenant: row.institution, ...(row.campus === undefined ? {} : { campus: row.campus }) };
    },
    client: (id: string) => clients.get(id),
    supplierOfFeed: (feed: string) => feeds.get(feed),
  });
}

/** Line of the nearest node on the way to `path` (a missing key is reported at its parent). */
function lineOf(document: ReturnType<typeof parseDocument>, lines: LineCounter, path: Path): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
