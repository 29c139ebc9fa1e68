import { ExclamationCircleFilled, InfoCircleFilled, WarningFilled } from "@ant-design/icons";
import type { ReactNode } from "react";

const icons = { alarm: ExclamationCircleFilled, warn: WarningFilled, info: InfoCircleFilled };

interface TellProps {
  readonly tone: keyof typeof icons;
  readonly title: string;
  readonly children?: ReactNode;
}

/** One line somebody must not miss; told to a screen reader when it appears. */
export function Tell({ tone, title, children }: TellProps) {
  const Icon = icons[tone];
  return (
    <p className={`tell ${tone}`} role={tone === "alarm" ? "alert" : "status"}>
      <Icon aria-hidden />
      <span>
        <strong>{title}</strong>
        {children !== undefined && <> {children}</>}
      </span>
    </p>
  );
}
