import type { SessionState } from "../../http/contract/web.ts";

/** Whose orders these are, and who looks: a doctor with two windows open must see at once which is which. */
export function PopupHeader({ session }: { readonly session: SessionState }) {
  const { patient, visit, viewer, institution } = session;
  return (
    <header className="bar">
      <div className="bar-patient">
        <h1>检查检验结果互认</h1>
        {patient !== undefined && <strong>{patient}</strong>}
        {visit !== undefined && (
          <span>
            {visit.department} 就诊号 {visit.number}
          </span>
        )}
      </div>
      <div className="bar-viewer">
        <span>{viewer.name ?? viewer.id}</span>
        {institution !== undefined && <span>{institution.name}</span>}
      </div>
    </header>
  );
}
