import type { CatalogueAnswer } from "../../http/contract/catalogue.ts";
import type { ExplanationRequest, Institutions } from "../../http/contract/explanation.ts";

/** What the form holds: an imagined result and order. Empty text = not told. */
export interface Imagined {
  readonly item: string;
  readonly kind: "lab" | "imaging";
  readonly institution: string;
  readonly setting: ExplanationRequest["setting"];
  readonly source: string;
  /** Who measured; empty = not told. */
  readonly laboratory: string;
  readonly link: ExplanationRequest["prior"]["link"];
  readonly status: ExplanationRequest["prior"]["status"];
  readonly daysAgo: number;
  readonly mark: string;
  readonly unit: string;
  readonly specimen: string;
  readonly method: string;
  readonly origin: "" | "lis" | "ris" | "analyser" | "poct";
  readonly images: boolean;
}

/** What the form begins with: the first item (of the laboratory where there is one), a result of another institution, three days old and of the item's own unit and specimen. */
export function imaginedFor(
  catalogue: Pick<CatalogueAnswer, "items" | "names">,
  parties: Institutions["institutions"],
  own: string | undefined,
): Imagined {
  const institution = own ?? parties[0]?.code ?? "";
  const source = parties.find((one) => one.code !== institution)?.code ?? institution;
  const first = catalogue.items.find((one) => one.kind === "lab") ?? catalogue.items[0];
  const common = { institution, source, laboratory: source, setting: "outpatient", link: "number", status: "final" } as const;
  return { ...common, ...factsOf(first, catalogue.names), daysAgo: 3, mark: "", origin: "", images: true };
}

/** What an item's own results look like. */
export function factsOf(item: CatalogueAnswer["items"][number] | undefined, names: CatalogueAnswer["names"]) {
  const specimen = item?.specimens?.[0] ?? "";
  return {
    item: item?.id ?? "",
    kind: item?.kind ?? "lab",
    unit: item?.unit ?? "",
    specimen: names[specimen] ?? specimen,
    method: item?.methods?.[0] ?? "",
  } as const;
}

/** What is asked of the server. */
export function requestOf(imagined: Imagined, now: Date = new Date()): ExplanationRequest {
  const { item, kind, institution, setting, source, laboratory, link, status, daysAgo, mark, origin, images } = imagined;
  const at = new Date(now.getTime() - daysAgo * 86_400_000).toISOString();
  const told = (name: "unit" | "specimen" | "method") =>
    imagined[name].trim() === "" ? {} : { [name]: imagined[name].trim() };
  return {
    item,
    ...(institution === "" ? {} : { institution }),
    setting,
    prior: {
      ...{ source, link, status, at, reportedAt: at },
      ...(laboratory === "" ? {} : { laboratory }),
      ...(mark.trim() === "" ? {} : { mark: mark.trim() }),
      ...(origin === "" ? {} : { origin }),
      ...(kind === "imaging" ? { images } : { ...told("unit"), ...told("specimen"), ...told("method") }),
    },
  };
}
