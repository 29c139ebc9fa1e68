import { createHash } from "node:crypto";
import { createCounters, labSheet } from "./clinic.ts";
import type { History, LabSheet, LocalPerson, Visit } from "./events.ts";
import { itemByKey } from "./items.ts";
import { identityNumber, type Person, shortIdentityNumber } from "./people.ts";
import { type SiteKey, sites } from "./sites.ts";
import { dashedDay, dayMs, hourMs, later, minuteMs } from "./time.ts";

/** A person of the cast and why they are in it. */
interface Role {
  readonly role: string;
  readonly why: string;
  readonly person: Person;
  /** How each place knows them; `days` before today they were there. */
  readonly stays: readonly { site: SiteKey; days: number; as?: Partial<Person>; card?: string }[];
}

/** The residents on whom identity rules are tried; a steward, not a machine, decides about most of them. */
export function castOf(today: Date): Role[] {
  const base = (name: string, sex: "1" | "2", birthDate: string, sequence: number): Person => ({
    number: identityNumber({ division: "990121", birthDate, sex, sequence }),
    name,
    sex,
    birthDate,
    phone: `1009900${String(sequence).padStart(4, "0")}`,
    address: "临湖省临湖市苇塘县芦湾镇1号",
  });
  const born = dashedDay(later(today, -20 * dayMs));
  const mother = base("林晓梅", "2", "1995-06-08", 401);
  const owner = base("赵国庆", "1", "1968-10-01", 402);
  const borrower = base("钱立新", "1", "1971-03-12", 403);
  const minority = base("阿依古丽·买买提", "2", "1988-03-21", 405);
  const elder = base("吴桂兰", "2", "1949-02-11", 406);
  const fullWidth = base("周海峰", "1", "1983-09-09", 408);
  return [
    {
      role: "mother",
      why: "her newborn is registered under her number",
      person: mother,
      stays: [
        { site: "a-0001", days: 21 },
        { site: "b", days: 40 },
      ],
    },
    {
      role: "newborn",
      why: "carries the mother's number, another name and birth date",
      person: {
        ...mother,
        name: "林晓梅之女",
        birthDate: born,
        newborn: true,
        guardian: { name: mother.name, relation: "母亲", number: mother.number, phone: mother.phone },
      },
      stays: [{ site: "a-0001", days: 19 }],
    },
    {
      role: "card-owner",
      why: "his number was used by somebody else",
      person: owner,
      stays: [
        { site: "b", days: 12 },
        { site: "c-county", days: 9 },
      ],
    },
    {
      role: "card-borrower",
      why: "registered with the owner's number under his own name",
      person: { ...borrower, number: owner.number },
      stays: [{ site: "c-town-1", days: 4 }],
    },
    {
      role: "rare-name",
      why: "㛃 exists in GB18030 and not in GBK: C's HIS writes ?",
      person: base("李㛃", "2", "1990-03-07", 404),
      stays: [
        { site: "a-0001", days: 8 },
        { site: "c-county", days: 6 },
      ],
    },
    {
      role: "rare-name",
      why: "䶮 is FE9F in GB18030",
      person: base("刘䶮", "1", "1979-12-12", 410),
      stays: [
        { site: "a-0002", days: 5 },
        { site: "b", days: 7 },
      ],
    },
    {
      role: "name-variants",
      why: "· and its look-alikes, spaces",
      person: minority,
      stays: [
        { site: "a-0001", days: 15 },
        { site: "b", days: 10, as: { name: "阿依古丽•买买提" } },
        { site: "c-county", days: 3, as: { name: "阿依古丽 · 买买提" } },
      ],
    },
    {
      role: "fifteen-digits",
      why: "A still holds the old number",
      person: elder,
      stays: [
        { site: "a-0001", days: 30, as: { number: shortIdentityNumber(elder.number) } },
        { site: "b", days: 11 },
      ],
    },
    {
      role: "sex-against-digit",
      why: "B's sex code disagrees with digit 17",
      person: base("孙若曦", "2", "2001-05-05", 407),
      stays: [
        { site: "b", days: 6, as: { sex: "1" } },
        { site: "a-0001", days: 13 },
      ],
    },
    {
      role: "full-width-digits",
      why: "B's clerk typed full-width digits",
      person: fullWidth,
      stays: [
        { site: "b", days: 5, as: { number: wide(fullWidth.number) } },
        { site: "c-county", days: 14 },
      ],
    },
    {
      role: "wrong-checksum",
      why: "last character mistyped",
      person: { ...base("郑永康", "1", "1960-01-31", 409), number: "990121196001318199" },
      stays: [{ site: "a-0002", days: 9 }],
    },
    {
      role: "no-number",
      why: "neither name nor number nor card: known by the visit only",
      person: { ...base("-", "1", "1900-01-01", 411), number: "-", phone: "-" },
      stays: [{ site: "a-0001", days: 2, card: "-" }],
    },
    {
      role: "foreigner",
      why: "a passport at both hospitals, the name in another order; card and insurance numbers of his own",
      person: {
        ...base("JOHN TESTMAN", "1", "1986-04-15", 412),
        number: "E99000412",
        documentType: "03",
        healthCard: healthCardOf("E99000412"),
        insurance: "YB99000412",
      },
      stays: [
        { site: "a-0001", days: 18 },
        { site: "b", days: 9, as: { name: "TESTMAN JOHN" } },
      ],
    },
    {
      role: "hong-kong",
      why: "回乡证 at A, nothing but the e-health card at B",
      person: {
        ...base("陈嘉欣", "2", "1992-07-30", 413),
        number: "H99000413",
        documentType: "06",
        healthCard: healthCardOf("H99000413"),
      },
      stays: [
        { site: "a-0001", days: 16 },
        { site: "b", days: 8, as: { number: "-", documentType: "99" } },
      ],
    },
    {
      role: "child",
      why: "a boy without a number of his own: only his father's is known",
      person: {
        ...base("郭小满", "1", "2022-05-20", 414),
        number: "-",
        documentType: "99",
        guardian: {
          name: "郭文博",
          relation: "父亲",
          number: base("郭文博", "1", "1990-02-14", 415).number,
          phone: "10099000415",
        },
      },
      stays: [
        { site: "b", days: 17 },
        { site: "a-0002", days: 6 },
      ],
    },
    {
      role: "newborn",
      why: "registered at B under the mother's number, flagged as newborn",
      person: {
        ...mother,
        name: "林晓梅之女",
        birthDate: born,
        newborn: true,
        guardian: { name: mother.name, relation: "母亲", number: mother.number, phone: mother.phone },
      },
      stays: [{ site: "b", days: 18 }],
    },
    {
      role: "registered-twice",
      why: "two numbers at one hospital, the second without an identity number, until its HIS merges them (A40)",
      person: base("何春燕", "2", "1976-11-02", 417),
      stays: [
        { site: "c-county", days: 12 },
        { site: "c-county", days: 5, as: { number: "-" } },
      ],
    },
    {
      role: "unknown",
      why: "brought in unconscious: no name, no number, guessed birth date",
      person: { ...base("无名氏", "1", "1980-01-01", 416), number: "-", documentType: "99", phone: "-", address: "-" },
      stays: [{ site: "b", days: 3 }],
    },
  ];
}

/** The cast's visits, each with one kidney sheet. */
export function castHistory(cast: readonly Role[], today: Date): History {
  const counters = createCounters();
  const patients: LocalPerson[] = [];
  const visits: Visit[] = [];
  const sheets: LabSheet[] = [];
  for (const { person, stays } of cast) {
    for (const { site: key, days, as, card } of stays) {
      const site = sites[key];
      const count = String(counters.next(site.institution)).padStart(3, "0");
      const start = later(today, -days * dayMs + 2 * hourMs);
      const patient = {
        person: { ...person, ...as },
        site,
        card: card ?? `9${key.length}${count}`,
        file: `99${key.length}${count}`,
        registeredAt: later(start, -5 * minuteMs),
      };
      const department = site.departments[0];
      const doctor = site.doctors[0];
      if (department === undefined || doctor === undefined) throw new Error(`${key} has no staff`);
      const visit: Visit = {
        patient,
        number: `M9${key.length}${count}`,
        kind: "outpatient",
        department,
        doctor,
        start,
        end: later(start, hourMs),
      };
      patients.push(patient);
      visits.push(visit);
      const results = [
        { item: itemByKey("CREA"), value: "76" },
        { item: itemByKey("UREA"), value: "5.2" },
        { item: itemByKey("UA"), value: "330" },
      ];
      sheets.push(labSheet({ visit, number: `99${key.length}${count}`, results, collectedAt: later(start, 20 * minuteMs) }));
    }
  }
  return { patients, visits, sheets, imaging: [] };
}

// Usually 64 hexadecimal digits; these are of nobody.
function healthCardOf(text: string): string {
  return createHash("sha256").update(`health-card/${text}`).digest("hex");
}

function wide(text: string): string {
  return [...text].map((sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)).join("");
}
