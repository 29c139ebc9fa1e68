import { ClockCircleOutlined, DisconnectOutlined, StopOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";

const icons = { expired: ClockCircleOutlined, error: DisconnectOutlined, refused: StopOutlined };

interface NoticeProps {
  readonly tone: keyof typeof icons;
  readonly title: string;
  readonly action?: { readonly text: string; readonly run: () => void };
  readonly children: ReactNode;
}

/** A page that has nothing else to show: what happened and what to do now. */
export function Notice({ tone, title, action, children }: NoticeProps) {
  const Icon = icons[tone];
  return (
    <main className="notice" role="alert">
      <Icon className="notice-icon" aria-hidden />
      <h1>{title}</h1>
      <p>{children}</p>
      {action !== undefined && (
        <Button type="primary" onClick={action.run}>
          {action.text}
        </Button>
      )}
    </main>
  );
}
