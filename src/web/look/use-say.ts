import { App } from "antd";
import { useMemo } from "react";

/** Short words that come and go by themselves; what went wrong stays longer. */
export interface Say {
  good(text: string): void;
  bad(text: string): void;
}

const [briefly, longer] = [3, 8];

/** How a page tells what became of something it was asked to do. */
export function useSay(): Say {
  const { message } = App.useApp();
  return useMemo(
    () => ({
      good: (text) => void message.success(text, briefly),
      bad: (text) => void message.error(text, longer),
    }),
    [message],
  );
}
