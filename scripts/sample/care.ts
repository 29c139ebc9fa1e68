import type { LocalPerson, Visit } from "./events.ts";
import { type ImagingItem, imagingItems } from "./imaging-items.ts";
import type { Random } from "./random.ts";
import { dayMs, hourMs, later, minuteMs } from "./time.ts";

/** A diagnosis of a visit, coded twice: 国家临床版 and 医保版 are two systems. */
export interface Diagnosis {
  readonly visit: Visit;
  readonly number: string;
  readonly at: Date;
  readonly clinical: string;
  /** `-` where the insurer was never told. */
  readonly insurance: string;
  readonly name: string;
  readonly main: boolean;
  readonly suspected: boolean;
}

/** One line of a prescription or of the drug orders of a stay. */
export interface DrugOrder {
  readonly visit: Visit;
  readonly number: string;
  readonly at: Date;
  readonly drug: Drug;
  readonly days: number;
}

interface Drug {
  readonly code: string;
  readonly name: string;
  readonly specification: string;
  readonly dose: string;
  readonly unit: string;
  readonly route: string;
  readonly frequency: string;
}

export interface Operation {
  readonly visit: Visit;
  readonly number: string;
  readonly start: Date;
  readonly end: Date;
  readonly clinical: string;
  readonly insurance: string;
  readonly name: string;
  readonly anaesthesia: string;
}

export interface Allergy {
  readonly patient: LocalPerson;
  readonly number: string;
  readonly at: Date;
  readonly substance: string;
  readonly kind: "1" | "2" | "3" | "9";
  readonly reaction: string;
  /** 1 轻 2 中 3 重. */
  readonly severity: "1" | "2" | "3";
  readonly state: "1" | "2";
}

export interface Vaccination {
  readonly patient: LocalPerson;
  readonly number: string;
  readonly at: Date;
  readonly code: string;
  readonly name: string;
  readonly lot: string;
  readonly dose: number;
  readonly maker: string;
}

/** An ultrasound or ECG examination, of the second report table. */
export interface Examination {
  readonly visit: Visit;
  readonly number: string;
  readonly at: Date;
  readonly item: ImagingItem;
}

/** What was found, ordered and done at visits beside laboratory and imaging. */
export interface Care {
  readonly diagnoses: readonly Diagnosis[];
  readonly drugs: readonly DrugOrder[];
  readonly operations: readonly Operation[];
  readonly allergies: readonly Allergy[];
  readonly vaccinations: readonly Vaccination[];
  readonly examinations: readonly Examination[];
}

export const noCare: Care = { diagnoses: [], drugs: [], operations: [], allergies: [], vaccinations: [], examinations: [] };

const illnesses = [
  ["E11.900", "E11.900", "2型糖尿病"],
  ["I10.x00x002", "I10.x00", "高血压病2级"],
  ["N18.900", "N18.900", "慢性肾脏病"],
  ["J18.900", "J18.900", "肺炎"],
  ["K80.200x003", "K80.200", "胆囊结石"],
  ["D50.900", "-", "缺铁性贫血"],
  ["B18.100x006", "B18.100", "慢性乙型病毒性肝炎"],
] as const;
const drugs: readonly Drug[] = [
  {
    code: "YP0001",
    name: "盐酸二甲双胍片",
    specification: "0.5g*20片",
    dose: "0.5",
    unit: "g",
    route: "口服",
    frequency: "每日三次",
  },
  {
    code: "YP0012",
    name: "阿托伐他汀钙片",
    specification: "20mg*7片",
    dose: "20",
    unit: "mg",
    route: "口服",
    frequency: "每晚一次",
  },
  {
    code: "YP0031",
    name: "苯磺酸氨氯地平片",
    specification: "5mg*14片",
    dose: "5",
    unit: "mg",
    route: "口服",
    frequency: "每日一次",
  },
  {
    code: "YP0107",
    name: "注射用头孢曲松钠",
    specification: "1.0g",
    dose: "2.0",
    unit: "g",
    route: "静脉滴注",
    frequency: "每日一次",
  },
];
const operations = [
  ["51.2300", "51.2300", "腹腔镜下胆囊切除术", "全身麻醉"],
  ["45.2302", "45.2302", "电子结肠镜检查", "静脉麻醉"],
  ["86.2200x011", "86.2200", "皮肤和皮下坏死组织切除清创术", "局部麻醉"],
] as const;
const substances = [
  ["青霉素", "1", "皮疹"],
  ["头孢菌素类", "1", "过敏性休克"],
  ["海鲜", "2", "荨麻疹"],
  ["尘螨", "3", "喷嚏、流涕"],
] as const;
const vaccines = [
  ["0202", "乙型肝炎疫苗（酿酒酵母）", "临湖生物"],
  ["2101", "四价流感病毒裂解疫苗", "望湖疫苗"],
  ["0401", "脊髓灰质炎灭活疫苗", "临湖生物"],
] as const;

/** Draws the care of visits and patients; a stream of its own, so that it never moves what is drawn elsewhere. */
export function careOf(random: Random, visits: readonly Visit[], patients: readonly LocalPerson[]): Care {
  const diagnosed = visits.filter((visit) => random.fork(`diagnosed ${key(visit)}`).chance(0.7));
  return {
    diagnoses: diagnosed.flatMap((visit) => diagnosesOf(random.fork(`diagnoses ${key(visit)}`), visit)),
    drugs: diagnosed.flatMap((visit) => drugsOf(random.fork(`drugs ${key(visit)}`), visit)),
    operations: diagnosed
      .filter((visit) => visit.kind === "inpatient")
      .flatMap((visit) => operationOf(random.fork(`operation ${key(visit)}`), visit)),
    examinations: visits.flatMap((visit) => examinationOf(random.fork(`examination ${key(visit)}`), visit)),
    allergies: patients.flatMap((patient) => allergyOf(random.fork(`allergy ${patient.file}`), patient)),
    vaccinations: patients.flatMap((patient) => vaccinationOf(random.fork(`vaccination ${patient.file}`), patient)),
  };
}

function key(visit: Visit): string {
  return `${visit.patient.site.key}/${visit.number}`;
}

function diagnosesOf(random: Random, visit: Visit): Diagnosis[] {
  const first = random.int(0, illnesses.length - 1);
  return Array.from({ length: random.int(1, 2) }, (_, at) => {
    const [clinical, insurance, name] = illnesses[(first + at) % illnesses.length] ?? illnesses[0];
    return {
      visit,
      number: `ZD${visit.number}${at + 1}`,
      at: later(visit.start, 40 * minuteMs),
      ...{ clinical, insurance, name },
      main: at === 0,
      suspected: at > 0 && random.chance(0.3),
    };
  });
}

function drugsOf(random: Random, visit: Visit): DrugOrder[] {
  return Array.from({ length: random.int(0, 2) }, (_, at) => ({
    visit,
    number: `YZ${visit.number}${at + 1}`,
    at: later(visit.start, (50 + at) * minuteMs),
    drug: random.pick(drugs),
    days: random.int(3, 14),
  }));
}

function operationOf(random: Random, visit: Visit): Operation[] {
  if (!random.chance(0.6)) return [];
  const [clinical, insurance, name, anaesthesia] = random.pick(operations);
  const start = later(visit.start, dayMs + hourMs);
  return [
    {
      visit,
      number: `SS${visit.number}1`,
      start,
      end: later(start, random.int(30, 150) * minuteMs),
      ...{ clinical, insurance, name, anaesthesia },
    },
  ];
}

function examinationOf(random: Random, visit: Visit): Examination[] {
  if (!random.chance(0.15)) return [];
  const item = random.pick(imagingItems.filter((one) => one.modality === "US" || one.modality === "ECG"));
  return [{ visit, number: `E${visit.number}1`, at: later(visit.start, random.int(40, 120) * minuteMs), item }];
}

function allergyOf(random: Random, patient: LocalPerson): Allergy[] {
  if (!random.chance(0.25)) return [];
  const [substance, kind, reaction] = random.pick(substances);
  const severity = random.pick(["1", "2", "3"] as const);
  const at = later(patient.registeredAt, 30 * minuteMs);
  return [
    { patient, number: `GM${patient.file}`, at, substance, kind, reaction, severity, state: random.chance(0.85) ? "1" : "2" },
  ];
}

function vaccinationOf(random: Random, patient: LocalPerson): Vaccination[] {
  if (!random.chance(0.25)) return [];
  const [code, name, maker] = random.pick(vaccines);
  const at = later(patient.registeredAt, 60 * minuteMs);
  return [
    { patient, number: `JZ${patient.file}`, at, code, name, maker, lot: `2026${random.int(10, 99)}A`, dose: random.int(1, 3) },
  ];
}
