import type { Visit } from "./events.ts";
import type { Staff } from "./sites.ts";
import { stamp14 } from "./time.ts";
import { escapeXml } from "./xlsx.ts";

/** An XML element before it is written down. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: readonly (Element | string)[];
}

/** One shared document of WS/T 500 as its producer knows it. */
export interface CdaDocument {
  /** C0001 … C0053. */
  readonly code: string;
  readonly title: string;
  readonly number: string;
  readonly visit: Visit;
  readonly at: Date;
  readonly signer: Staff;
  readonly sections: readonly Element[];
}

const oid = "2.16.156.10011";
/** 组织机构代码: positions 9 to 17 of B's credit code. */
export const organisation = { code: "HTDEM0022", name: "临湖市中心医院" };

/** An element; attributes first, content behind. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  content: readonly (Element | string)[] = [],
): Element {
  return { name, attributes, content };
}

/** A coded element by the OID of its code system. */
export function coded(name: string, code: string, codeSystem: string, displayName: string): Element {
  return element(name, { code, codeSystem, displayName });
}

/** A section with its narrative and machine-readable entries. */
export function section(loinc: string, title: string, text: string, entries: readonly Element[] = []): Element {
  return element("component", {}, [
    element("section", {}, [
      element("code", { code: loinc, codeSystem: "2.16.840.1.113883.6.1", displayName: title }),
      element("title", {}, [title]),
      element("text", {}, [text]),
      ...entries.map((one) => element("entry", {}, [one])),
    ]),
  ]);
}

/** The document as CDA R2 text. */
export function cdaText(made: CdaDocument): string {
  const namespaces = { xmlns: "urn:hl7-org:v3", "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance" };
  const root = element("ClinicalDocument", namespaces, [
    element("realmCode", { code: "CN" }),
    element("typeId", { root: "2.16.840.1.113883.1.3", extension: "POCD_MT000040" }),
    element("templateId", { root: `${oid}.2.1.1.${20 + Number(made.code.slice(1))}` }),
    element("id", { root: `${oid}.1.1`, extension: made.number }),
    coded("code", made.code, `${oid}.2.4`, made.title),
    element("title", {}, [made.title]),
    element("effectiveTime", { value: stamp14(made.at) }),
    element("confidentialityCode", { code: "N", codeSystem: "2.16.840.1.113883.5.25" }),
    element("languageCode", { code: "zh-CN" }),
    element("versionNumber", { value: "1" }),
    recordTarget(made.visit),
    signature("author", made),
    element("custodian", { typeCode: "CST" }, [
      element("assignedCustodian", {}, [element("representedCustodianOrganization", {}, organisationContent())]),
    ]),
    signature("legalAuthenticator", made),
    encounter(made.visit),
    element("component", {}, [element("structuredBody", {}, made.sections)]),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${written(root, "")}`;
}

function recordTarget({ patient, kind, number }: Visit): Element {
  const { person } = patient;
  return element("recordTarget", { typeCode: "RCT", contextControlCode: "OP" }, [
    element("patientRole", { classCode: "PAT" }, [
      element("id", { root: `${oid}.1.${kind === "inpatient" ? 12 : 11}`, extension: number }),
      element("id", { root: `${oid}.1.13`, extension: patient.file }),
      element("patient", { classCode: "PSN", determinerCode: "INSTANCE" }, [
        element("id", { root: `${oid}.1.3`, extension: person.number }),
        element("name", {}, [person.name]),
        coded("administrativeGenderCode", person.sex, `${oid}.2.3.3.4`, person.sex === "1" ? "男性" : "女性"),
        element("birthTime", { value: person.birthDate.replaceAll("-", "") }),
      ]),
    ]),
  ]);
}

function signature(name: "author" | "legalAuthenticator", { at, signer }: CdaDocument): Element {
  const role = name === "author" ? "assignedAuthor" : "assignedEntity";
  return element(name, {}, [
    element("time", { value: stamp14(at) }),
    ...(name === "author" ? [] : [element("signatureCode")]),
    element(role, {}, [
      element("id", { root: `${oid}.1.7`, extension: signer.id }),
      element("assignedPerson", {}, [element("name", {}, [signer.name])]),
    ]),
  ]);
}

function encounter({ start, end, department }: Visit): Element {
  return element("componentOf", {}, [
    element("encompassingEncounter", {}, [
      element("effectiveTime", {}, [
        element("low", { value: stamp14(start) }),
        ...(end === undefined ? [] : [element("high", { value: stamp14(end) })]),
      ]),
      element("location", {}, [
        element("healthCareFacility", {}, [
          element("serviceProviderOrganization", {}, [
            element("id", { root: `${oid}.1.26`, extension: department.code }),
            element("name", {}, [department.name]),
          ]),
        ]),
      ]),
    ]),
  ]);
}

function organisationContent(): Element[] {
  return [element("id", { root: `${oid}.1.5`, extension: organisation.code }), element("name", {}, [organisation.name])];
}

function written({ name, attributes, content }: Element, indent: string): string {
  const open = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const start = `${indent}<${name}${open.join("")}`;
  if (content.length === 0) return `${start}/>\n`;
  if (content.every((one) => typeof one === "string")) return `${start}>${content.map(escapeXml).join("")}</${name}>\n`;
  const inner = content.map((one) => (typeof one === "string" ? escapeXml(one) : written(one, `${indent} `)));
  return `${start}>\n${inner.join("")}${indent}</${name}>\n`;
}
