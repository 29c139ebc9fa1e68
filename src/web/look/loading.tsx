import { Skeleton } from "antd";

/** Something is on its way; says what to those who cannot see the grey lines. */
export function Loading({ text }: { readonly text: string }) {
  return (
    <div className="loading" role="status" aria-live="polite">
      <span className="unseen">{text}</span>
      <Skeleton active title={{ width: "40%" }} paragraph={{ rows: 5 }} />
    </div>
  );
}
