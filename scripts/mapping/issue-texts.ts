import type { IssueCode } from "../../src/mapping/mapped.ts";

interface IssueText {
  /** What happened, in the words of a hospital's information department. */
  readonly title: string;
  /** What to do about it, and where. */
  readonly hint: string;
}

/** Every issue of the mapping and of the profile check in Chinese: integrators read the preview page together with clinicians. */
const texts: Readonly<Record<IssueCode | "invalid-resource", IssueText>> = {
  "empty-file": { title: "文件是空的", hint: "请检查导出任务；空文件不会改变已有数据。" },
  "unknown-file": { title: "没有表读取这个文件", hint: "核对 feed.yaml 中各表的 file（文件名模式），或不再发送此文件。" },
  binary: { title: "不是文本文件", hint: "文件中有二进制内容；确认导出的格式和压缩方式。" },
  encoding: { title: "字符编码不符", hint: "核对 feed.yaml 的 encoding（utf-8、gb18030 或 detect）与文件实际编码。" },
  header: { title: "表头不符", hint: "缺列、重名或列名变化：把新列名加到该列的 header，或标记 optional: true。" },
  truncated: { title: "文件不完整", hint: "文件在中途结束，整份不予采用；请重新传送。" },
  syntax: { title: "格式错误", hint: "文件不是合法的 JSON、XML、HL7 或表格；按所示位置检查导出程序。" },
  "companion-failed": { title: "同批文件未读成，本表暂不处理", hint: "先解决另一个文件的问题，再整批重新传送。" },
  "private-use": { title: "含自造字（私有区字符）", hint: "请医院把自造字换成国标字，以免姓名在别处显示为空白。" },
  columns: { title: "列数与表头不一致", hint: "多半是内容里有未加引号的分隔符；请导出程序给文本加引号。" },
  quote: { title: "引号不成对", hint: "内容里的双引号须写成两个；请修正导出程序。" },
  duplicate: { title: "与前面的行完全相同", hint: "无须处理；若很多，请检查导出查询是否重复连接。" },
  superseded: { title: "同一键的另一行被采用", hint: "两行的键相同：核对模板 ids 里的键是否足以区分各行。" },
  orphan: { title: "找不到所属的报告（主表行）", hint: "本批没有对应的主表行：确认主表一并导出，或 with/on 的连接列正确。" },
  rejected: { title: "按规则不收（如质控、测试病人）", hint: "这是 feed.yaml 中 reject 的规则；如不该排除请改规则。" },
  "message-type": { title: "此类消息不读取", hint: "若需要，请在 feed.yaml 的 messages 中加入该类型并写模板。" },
  "unknown-institution": { title: "机构代码未登记", hint: "请平台在机构登记表中为该供应方登记此代码；不会套用默认机构。" },
  "missing-key": { title: "缺少业务主键", hint: "模板 ids 中的键列为空：可用 first_of 提供备选键。" },
  "missing-value": { title: "必填列为空", hint: "该列在 feed.yaml 中标记 required；请补数据或取消标记。" },
  "missing-element": { title: "FHIR 必填元素没有值", hint: "该元素必须有值：检查来源列，或在代码对照表中补充代码。" },
  "bad-value": { title: "值的格式不对", hint: "不符合列的 type（日期、数字…）；该格按空处理，其余照常。" },
  "bad-code": { title: "代码不在 FHIR 允许的范围", hint: "请用代码对照表（tables/*.csv）把本地代码转换成允许的代码。" },
  "table-miss": { title: "对照表中没有此代码", hint: "在 tables/ 的对照表中补一行；未补之前保留本地代码并计数。" },
  "two-values": { title: "只能有一个值的地方有两个", hint: "例如同时有 valueQuantity 与 valueString：用 $if 让二者互斥。" },
  "sheet-failed": { title: "所属报告未能转换，本行随之未转换", hint: "先解决报告主行的问题。" },
  archive: { title: "压缩包不能采用", hint: "压缩包损坏、加密、过大或套有压缩包；请重新打包为普通 zip 或 gzip。" },
  "invalid-resource": {
    title: "不符合平台的资源规范，平台不会收",
    hint: "在模板中补上所示元素（必填项见 profiles/structures）；主表行不符时整份报告不收。",
  },
  "left-out": { title: "模板的 $if 排除了此行", hint: "若不该排除，请修改模板中的 $if。" },
};

/** The text of an issue code; a code without one (a newer engine's) is shown as it is. */
export function issueText(code: string): IssueText {
  return texts[code as keyof typeof texts] ?? { title: code, hint: "" };
}
