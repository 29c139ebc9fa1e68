import { type Figures, type Row, rateWords, wholeYuan } from "./figures-words.ts";

interface FiguresTableProps {
  readonly rows: readonly Row[];
  readonly total: Row;
  readonly role: Figures["role"];
}

type Column = readonly [string, (row: Row) => string];

const count =
  (measure: string) =>
  ({ items }: Row) =>
    String(items[measure] ?? 0);

const asRecogniser: readonly Column[] = [
  ["提醒", count("reminded")],
  ["应互认", count("must")],
  ["可互认", count("eligible")],
  ["已互认", count("recognised")],
  ["不互认", count("refused")],
  ["98/99", count("setAside")],
  ["缺理由", count("incomplete")],
  ["未处理", count("ignored")],
  ["待处理", count("waiting")],
  ["互认率A", ({ rates }) => rateWords(rates.a)],
  ["互认率B", ({ rates }) => (rates.b === undefined ? "—" : rateWords(rates.b))],
  ["节省", ({ items }) => wholeYuan(items.savedFen ?? 0)],
];
const asRecognised: readonly Column[] = [
  ["被互认", count("standing")],
  ["被调阅", count("viewed")],
  ["被引用", count("referenced")],
  ["撤销", count("revoked")],
  ["异常反馈", count("faultReported")],
  ["节省", ({ items }) => wholeYuan(items.savedFen ?? 0)],
];

/** Every row in numbers, with its total; both denominators of the rate stand side by side. */
export function FiguresTable({ rows, total, role }: FiguresTableProps) {
  const columns = role === "recogniser" ? asRecogniser : asRecognised;
  const cells = (row: Row) => columns.map(([name, value]) => <td key={name}>{value(row)}</td>);
  return (
    <div className="scroll">
      <table className="figures-table">
        <thead>
          <tr>
            <th scope="col">名称</th>
            {columns.map(([name]) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row">{row.name}</th>
              {cells(row)}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">合计</th>
            {cells(total)}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
