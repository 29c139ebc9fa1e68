import { identityNumber } from "../sample/people.ts";
import { type Random, seededRandom } from "../sample/random.ts";

/** A made-up person of the labelled set, as they are; what institutions wrote down about them is made in labelled-records.ts. */
export interface LabelledPerson {
  /** Number of province 99; foreigners and the youngest have none. */
  readonly number?: string;
  readonly passport?: string;
  readonly name: string;
  readonly birthDate: string;
  readonly sex: "male" | "female";
  readonly phone: string;
  readonly address: string;
  /** Born within the last weeks: the hospital knows the mother first. */
  readonly newborn?: { readonly order: string };
  readonly foreign: boolean;
  /** Parent of a child, by place in the list. */
  readonly guardian?: number;
}

const today = Date.parse("2026-11-18T00:00:00Z");
const dayMs = 86_400_000;
// Shares of the larger surnames of the country, roughly; the rest is spread over the tail.
const surnames = [
  ..."王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金贾韦夏付方邹熊白孟秦邱江尹薛闫段雷侯龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤堃喆祎欧单仇",
].filter((one, at, all) => all.indexOf(one) === at && !"堃喆祎".includes(one));
const male = [
  ..."伟强磊军洋勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆峰旭宁龙林毅坤哲志国建文海永立新家子天晓云成东春生荣德光忠庆振兴义良仁义泽睿轩博豪晨阳昊铭",
];
const female = [
  ..."芳娜敏静丽艳秀英娟霞玲桂兰梅红燕萍莉雪慧晶倩婷颖琳洁云凤玉珍淑华琴春月娥雅琪欣怡思佳梦雨桐若曦子涵诗嘉妍菲瑶璐蕾莹晓小文宁海巧彩素惠爱",
];
const towns = ["芦湾镇", "石桥镇", "苇塘镇", "望湖镇", "白鹭乡", "菱角湾乡", "柳堤街道", "东浦街道", "晒谷坪村", "南闸社区"];
const roads = ["湖滨路", "人民路", "解放街", "环城东路", "文昌巷", "渡口街", "学府路", "建设路"];
const western = [
  "JOHN",
  "MARY",
  "ROBERT",
  "ANNA",
  "PIERRE",
  "SOFIA",
  "IVAN",
  "OLGA",
  "CARLOS",
  "LUCIA",
  "AHMED",
  "FATIMA",
  "KENJI",
  "YUKI",
  "MIN JUN",
  "SEO YEON",
  "DAVID",
  "EMMA",
  "LUCAS",
  "NINA",
];
const westernSurnames = [
  "SMITH",
  "JOHNSON",
  "MÜLLER",
  "DUBOIS",
  "ROSSI",
  "IVANOV",
  "PETROVA",
  "GARCÍA",
  "SILVA",
  "HASSAN",
  "TANAKA",
  "SUZUKI",
  "KIM",
  "PARK",
  "NGUYEN",
  "O'BRIEN",
  "WILLIAMS",
  "SCHMIDT",
  "KOWALSKI",
  "ANDERSEN",
];

/**
 * That many people of one region, the same for the same seed: families under one phone and roof, twins, strangers of one name and birthday,
 * foreigners, children without a number, newborns.
 */
export function labelledPeople(seed: string, count: number): LabelledPerson[] {
  const random = seededRandom(seed);
  const used = new Set<string>();
  const people: LabelledPerson[] = [];
  while (people.length < count) {
    const dice = random.int(0, 999);
    if (dice < 12) people.push(foreigner(random));
    else if (dice < 16 && people.length > 0) people.push(namesake(random, used, random.pick(people)));
    else if (dice < 620) people.push(adult(random, used));
    else people.push(...family(random, used, people.length));
  }
  return people.slice(0, count);
}

function adult(random: Random, used: Set<string>, more: Partial<LabelledPerson> = {}): LabelledPerson {
  const sex = more.sex ?? (random.chance(0.5) ? "male" : "female");
  const birthDate = more.birthDate ?? dayBefore(random.int(18 * 365, 95 * 365));
  return {
    name: nameOf(random, sex),
    phone: phoneOf(random),
    address: addressOf(random),
    foreign: false,
    ...more,
    sex,
    birthDate,
    number: numberOf(random, used, birthDate, sex),
  };
}

/** A mother and her children, often with one phone; now and then the children are twins. */
function family(random: Random, used: Set<string>, place: number): LabelledPerson[] {
  const mother = adult(random, used, { sex: "female", birthDate: dayBefore(random.int(22 * 365, 45 * 365)) });
  const surname = random.pick(surnames);
  const birth = (): Pick<LabelledPerson, "birthDate" | "newborn"> => {
    const days = random.chance(0.015) ? random.int(0, 40) : random.int(41, 17 * 365);
    return { birthDate: dayBefore(days), ...(days <= 40 ? { newborn: { order: "" } } : {}) };
  };
  const first = birth();
  const twins = random.chance(0.03);
  const births = twins ? [twin(first, "长"), twin(first, "次")] : random.chance(0.4) ? apart([first, birth()]) : [first];
  // Brothers and sisters often bear one character in common (字辈), twins nearly always.
  const generation = random.chance(twins ? 0.8 : 0.4) ? random.pick([...male, ...female]) : undefined;
  const named = new Set<string>();
  const children = births.map(({ birthDate, newborn }) => {
    const sex = random.chance(0.5) ? ("male" as const) : ("female" as const);
    const number = newborn === undefined ? { number: numberOf(random, used, birthDate, sex) } : {};
    const givenName = () =>
      generation === undefined ? givenOf(random, sex) : generation + random.pick(sex === "male" ? male : female);
    // No mother gives two of her children one name.
    let given = givenName();
    while (named.has(given)) given = givenName();
    named.add(given);
    const name = surname + given;
    const shared = { phone: mother.phone, address: mother.address, foreign: false, guardian: place };
    return { name, sex, birthDate, ...shared, ...number, ...(newborn === undefined ? {} : { newborn }) };
  });
  return [mother, ...children];
}

/** Children of one mother who are no twins are born at least ten months apart: of two nearer ones there is only the first. */
function apart<T extends { readonly birthDate: string }>(births: readonly [T, T]): readonly T[] {
  const [first, second] = births;
  return Math.abs(Date.parse(first.birthDate) - Date.parse(second.birthDate)) < 300 * dayMs ? [first] : births;
}

function twin(birth: Pick<LabelledPerson, "birthDate" | "newborn">, order: string) {
  return birth.newborn === undefined ? birth : { ...birth, newborn: { order } };
}

/** Somebody else with the same name, born on the same day. */
function namesake(random: Random, used: Set<string>, one: LabelledPerson): LabelledPerson {
  if (one.number === undefined) return adult(random, used);
  return adult(random, used, { name: one.name, sex: one.sex, birthDate: one.birthDate });
}

function foreigner(random: Random): LabelledPerson {
  return {
    passport: `${random.pick([..."EGKLMPX"])}${random.int(10_000_000, 99_999_999)}`,
    name: `${random.pick(western)} ${random.chance(0.3) ? `${random.pick(western)} ` : ""}${random.pick(westernSurnames)}`,
    sex: random.chance(0.5) ? "male" : "female",
    birthDate: dayBefore(random.int(365, 80 * 365)),
    phone: phoneOf(random),
    address: addressOf(random),
    foreign: true,
  };
}

function nameOf(random: Random, sex: "male" | "female"): string {
  if (random.chance(0.01))
    return `${random.pick(["阿依古丽", "古丽娜尔", "买买提", "艾力", "吐尔逊"])}·${random.pick(["买买提", "艾力", "吾买尔", "卡迪尔", "热合曼"])}`;
  return surnames[skewed(random, surnames.length)] + givenOf(random, sex);
}

/** One character for a quarter of the people, two for the others. */
function givenOf(random: Random, sex: "male" | "female"): string {
  const pool = sex === "male" ? male : female;
  const one = () => pool[skewed(random, pool.length)] ?? "文";
  return random.chance(0.25) ? one() : one() + one();
}

/** A place in a list whose first entries are the common ones. */
function skewed(random: Random, length: number): number {
  return Math.floor((random.int(0, 9_999) / 10_000) ** 2 * length);
}

function numberOf(random: Random, used: Set<string>, birthDate: string, sex: "male" | "female"): string {
  for (;;) {
    const division = `99${random.pick(["0101", "0102", "0121", "0203", "1105"])}`;
    const number = identityNumber({ division, birthDate, sex: sex === "male" ? "1" : "2", sequence: random.int(0, 499) });
    if (!used.has(number)) {
      used.add(number);
      return number;
    }
  }
}

function phoneOf(random: Random): string {
  return `100${String(random.int(0, 99_999_999)).padStart(8, "0")}`;
}

function addressOf(random: Random): string {
  const place = `临湖省临湖市苇塘县${random.pick(towns)}${random.pick(roads)}${random.int(1, 399)}号`;
  return random.chance(0.5) ? `${place}${random.int(1, 30)}栋${random.int(1, 18)}0${random.int(1, 4)}室` : place;
}

function dayBefore(days: number): string {
  return new Date(today - days * dayMs).toISOString().slice(0, 10);
}
