import type { ItemDialect } from "./items.ts";

/** A place of care in the sample: an institution, or a campus of one. */
export interface Site {
  readonly key: SiteKey;
  /** Code in the registry. */
  readonly institution: string;
  readonly name: string;
  /** How its supplier's rows name it. */
  readonly code: string;
  readonly dialect: ItemDialect;
  readonly departments: readonly { readonly code: string; readonly name: string }[];
  readonly doctors: readonly Staff[];
  readonly reviewers: readonly Staff[];
}

export interface Staff {
  readonly id: string;
  readonly name: string;
}

export type SiteKey = "a-0001" | "a-0002" | "b" | "c-county" | "c-town-1" | "c-town-2" | "d";

const big = [
  { code: "0301", name: "内分泌科" },
  { code: "0302", name: "心血管内科" },
  { code: "0303", name: "肾内科" },
  { code: "0401", name: "普外科" },
  { code: "0501", name: "妇产科" },
  { code: "5001", name: "急诊科" },
];
const small = [
  { code: "01", name: "全科" },
  { code: "02", name: "中医科" },
];
const staff = (from: number, names: readonly string[]): Staff[] => names.map((name, at) => ({ id: String(from + at), name }));

export const sites: Readonly<Record<SiteKey, Site>> = {
  "a-0001": {
    key: "a-0001",
    institution: "a-provincial",
    name: "临湖省人民医院本部",
    code: "0001",
    dialect: "a",
    departments: big,
    doctors: staff(1001, ["王建民", "李文静", "赵启明", "孙莉"]),
    reviewers: staff(1501, ["周岩", "吴倩"]),
  },
  "a-0002": {
    key: "a-0002",
    institution: "a-provincial",
    name: "临湖省人民医院东院",
    code: "0002",
    dialect: "a2",
    departments: big,
    doctors: staff(1101, ["郑海", "冯雪"]),
    reviewers: staff(1601, ["褚宁"]),
  },
  b: {
    key: "b",
    institution: "b-central",
    name: "临湖市中心医院",
    code: "12990100HTDEM0022M",
    dialect: "b",
    departments: big,
    doctors: staff(2001, ["陈立", "杨帆", "许可"]),
    reviewers: staff(2501, ["何苗", "吕青"]),
  },
  "c-county": {
    key: "c-county",
    institution: "c-county",
    name: "苇塘县人民医院",
    code: "XRMYY",
    dialect: "c",
    departments: big,
    doctors: staff(3001, ["施远", "张晓岚"]),
    reviewers: staff(3501, ["孔祥"]),
  },
  "c-town-1": {
    key: "c-town-1",
    institution: "c-town-1",
    name: "苇塘县芦湾镇卫生院",
    code: "LWWSY",
    dialect: "c",
    departments: small,
    doctors: staff(4001, ["曹雨"]),
    reviewers: staff(4501, ["严冬"]),
  },
  "c-town-2": {
    key: "c-town-2",
    institution: "c-town-2",
    name: "苇塘县石桥镇卫生院",
    code: "SQWSY",
    dialect: "c",
    departments: small,
    doctors: staff(5001, ["华山"]),
    reviewers: staff(5501, ["金晨"]),
  },
  d: {
    key: "d",
    institution: "d-second",
    name: "临湖市第二人民医院",
    code: "PDY20001",
    dialect: "b",
    departments: big,
    doctors: staff(6001, ["沈越", "陶然"]),
    reviewers: staff(6501, ["路遥"]),
  },
};

/** The laboratory that measures most of C's chemistry; named in OBX-15. */
export const thirdLaboratory = { institution: "c-thirdlab", code: "KHJYS", name: "临湖康衡医学检验所" };
