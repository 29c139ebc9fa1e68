import type { BRecord, BTables } from "./b-snake.ts";
import type { DirtBook } from "./dirt.ts";

/** Works B's faults into its deliveries, oldest first. */
export function soilB(deliveries: readonly { readonly tables: BTables }[], book: DirtBook): void {
  const first = deliveries[0]?.tables;
  const last = deliveries[deliveries.length - 1]?.tables;
  if (first === undefined || last === undefined || first === last) return;
  const [reissued, withdrawn, dated, unitless] = first.T_TEST_REC;
  if (reissued !== undefined) {
    const rows = (reissued.T_TESTR_RES_INDICATE as BRecord[]).map((row, at) => ({
      ...row,
      ...(at === 0 ? { test_index_result: "1.23" } : {}),
    }));
    const later = { ...reissued, T_TESTR_RES_INDICATE: rows.slice(0, -1), update_time: laterThan(reissued.update_time) };
    last.T_TEST_REC.push(later);
    book.note("re-issued", later, "first value changed, last row gone");
  }
  if (withdrawn !== undefined) {
    const gone = { ...withdrawn, invalid_flag: "1", update_time: laterThan(withdrawn.update_time) };
    last.T_TEST_REC.push(gone);
    book.note("retracted-after", gone, "invalid_flag 1");
  }
  if (dated !== undefined) {
    dated.test_audit_time = "2026-13-45 99:00:00";
    book.note("impossible-date", dated, "month 13");
  }
  const row = (unitless?.T_TESTR_RES_INDICATE as BRecord[] | undefined)?.[0];
  if (unitless !== undefined && row !== undefined) {
    Object.assign(row, { test_index_uint: "", test_index_result: ">200" });
    book.note("unit-missing", unitless, "first row has no unit and a comparator");
  }
  const stranger = first.T_TEST_REC[4];
  if (stranger !== undefined) {
    const foreign = { ...stranger, org_code: "12990100HTDEM0081Q", test_report_no: "T9900001" };
    first.T_TEST_REC.push(foreign);
    book.note("unknown-institution", foreign, "an organisation the registry does not know");
  }
}

function laterThan(stamp: unknown): string {
  return `${String(stamp).slice(0, 11)}23:59:00`;
}
