import { randomInt } from "node:crypto";
import { type Random, seededRandom } from "./random.ts";
import { dashedDay, dayMs, later } from "./time.ts";

/** A synthetic resident; the number is of the unassigned province 99, the phone of a range nobody has. */
export interface Person {
  /** 18 characters, checksum right (GB 11643). */
  readonly number: string;
  readonly name: string;
  /** 1 男, 2 女 (GB/T 2261.1). */
  readonly sex: "1" | "2";
  /** `YYYY-MM-DD`. */
  readonly birthDate: string;
  readonly phone: string;
  readonly address: string;
  /** Kind of document whose number `number` is (CV02.01.101); 01 when left out. */
  readonly documentType?: "03" | "06" | "07" | "08" | "99";
  /** 电子健康卡ID, made up. */
  readonly healthCard?: string;
  /** 医保个人编号, made up. */
  readonly insurance?: string;
  /** Parent or guardian as the clerk wrote them down. */
  readonly guardian?: { readonly name: string; readonly relation: string; readonly number: string; readonly phone: string };
  /** Registered in the delivery room, often under the mother's number. */
  readonly newborn?: boolean;
}

const surnames = [
  ..."王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金贾韦夏付方邹熊白孟秦邱江尹薛闫段雷侯龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤堃喆祎",
].slice(0, 108);
const maleGiven = [
  "伟",
  "强",
  "磊",
  "军",
  "洋",
  "勇",
  "杰",
  "涛",
  "超",
  "明",
  "建国",
  "志强",
  "国庆",
  "子轩",
  "浩然",
  "文博",
  "海峰",
  "立新",
  "永康",
  "俊熙",
];
const femaleGiven = [
  "芳",
  "娜",
  "敏",
  "静",
  "丽",
  "艳",
  "秀英",
  "桂兰",
  "玉梅",
  "晓梅",
  "雨桐",
  "欣怡",
  "子涵",
  "淑珍",
  "春燕",
  "海棠",
  "思远",
  "佳慧",
  "月娥",
  "若曦",
];
const towns = ["芦湾镇", "石桥镇", "苇塘镇", "望湖镇", "白鹭乡", "菱角湾乡"];
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Completes 17 digits with the check character of GB 11643-1999. */
export function withCheckCharacter(first17: string): string {
  const sum = weights.reduce((total, weight, at) => total + weight * Number(first17[at]), 0);
  return first17 + "10X98765432"[sum % 11];
}

/** A number of province 99 for a birth date and sex; `sequence` 0–499 tells twins apart. */
export function identityNumber(facts: { division: string; birthDate: string; sex: "1" | "2"; sequence: number }): string {
  const order = facts.sequence * 2 + (facts.sex === "1" ? 1 : 0);
  return withCheckCharacter(`${facts.division}${facts.birthDate.replaceAll("-", "")}${String(order).padStart(3, "0")}`);
}

/** The old 15-digit form of a number of somebody born in the 1900s. */
export function shortIdentityNumber(number: string): string {
  return number.slice(0, 6) + number.slice(8, 17);
}

/** Residents of the region, no two with one number; ages 1 to 95 at `today`. */
export function makePeople(random: Random, count: number, today: Date): Person[] {
  const people = new Map<string, Person>();
  while (people.size < count) {
    const person = makePerson(random, today);
    people.set(person.number, person);
  }
  return [...people.values()];
}

/** A resident nobody had before: for a test, a story or a bench that must not meet data of an earlier run. */
export function freshResident(options: { today?: Date; seed?: string } = {}): Person {
  const seed = options.seed ?? `fresh/${randomInt(2 ** 47)}/${randomInt(2 ** 47)}`;
  return makePerson(seededRandom(seed), options.today ?? new Date(), { fresh: true });
}

function makePerson(random: Random, today: Date, options: { fresh?: boolean } = {}): Person {
  const sex = random.chance(0.5) ? "1" : "2";
  const birthDate = dashedDay(later(today, -dayMs * random.int(options.fresh ? 7000 : 400, 34000)));
  // Fresh residents take divisions 9911xx–9999xx, so they never meet the loaded region.
  const division = options.fresh
    ? `99${random.int(11, 99)}${String(random.int(1, 99)).padStart(2, "0")}`
    : `9901${random.pick(["01", "02", "21"])}`;
  return {
    number: identityNumber({ division, birthDate, sex, sequence: random.int(0, 499) }),
    name: random.pick(surnames) + random.pick(sex === "1" ? maleGiven : femaleGiven),
    sex,
    birthDate,
    phone: `100${String(random.int(0, 99_999_999)).padStart(8, "0")}`,
    address: `临湖省临湖市苇塘县${random.pick(towns)}${random.int(1, 199)}号`,
  };
}
