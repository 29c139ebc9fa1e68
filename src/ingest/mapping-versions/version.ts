import type { Library } from "@medplum/fhirtypes";
import { instant } from "../../kernel/clock.ts";
import { sha256 } from "../../kernel/crypto-suite.ts";

/** One file of a mapping version: its path inside a folder of mappings (`a-tb/feed.yaml`, `tables/sex.csv`) and its text. */
export interface VersionFile {
  readonly path: string;
  readonly text: string;
}

/** A version of a feed's mapping as it is kept: everything it needs to be compiled on any host. */
export interface MappingVersion {
  readonly id: string;
  readonly feed: string;
  readonly status: "draft" | "active" | "retired";
  /** `<template>@<version>` of each template. */
  readonly templates: readonly string[];
  /** SHA-256 over its files. */
  readonly digest: string;
  readonly uploadedAt: string;
  readonly uploadedBy: string;
  readonly files: readonly VersionFile[];
}

const systems = { version: "urn:hutong:mapping-version", uploader: "urn:hutong:institution" } as const;

/** Names the content of a version: the same files are the same version. */
export function digestOf(files: readonly VersionFile[]): string {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return sha256(JSON.stringify(sorted.map(({ path, text }) => [path, text])));
}

/** The Library a new version is kept as, in DEFAULT, so that workers on every host find it. */
export function draftLibrary(version: Omit<MappingVersion, "status" | "uploadedAt">, at: Date): Library {
  return {
    resourceType: "Library",
    id: version.id,
    identifier: [{ system: systems.version, value: `${version.feed}/${version.digest}` }],
    name: version.feed,
    version: version.templates.join(" "),
    title: `Mapping of the feed ${version.feed}`,
    status: "draft",
    type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/library-type", code: "asset-collection" }] },
    date: instant(at),
    author: [{ name: version.uploadedBy }],
    content: version.files.map(({ path, text }) => ({
      contentType: path.endsWith(".csv") ? "text/csv" : "application/yaml",
      title: path,
      data: Buffer.from(text, "utf8").toString("base64"),
    })),
  };
}

/** The version in a Library of ours; undefined for any other Library. */
export function versionOf(library: Library): MappingVersion | undefined {
  const value = library.identifier?.find((one) => one.system === systems.version)?.value;
  if (value === undefined || library.id === undefined || library.status === "unknown") return undefined;
  const [feed = "", digest = ""] = value.split("/");
  return {
    id: library.id,
    feed,
    digest,
    status: library.status,
    templates: library.version?.split(" ") ?? [],
    uploadedAt: library.date ?? "",
    uploadedBy: library.author?.[0]?.name ?? "",
    files: (library.content ?? []).map(({ title = "", data = "" }) => ({
      path: title,
      text: Buffer.from(data, "base64").toString("utf8"),
    })),
  };
}
