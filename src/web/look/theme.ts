import type { ThemeConfig } from "antd";

/** The colours of the house; those of look.css are the same. Text on each of them has a contrast of 4.5 or more. */
export const theme: ThemeConfig = {
  token: {
    colorPrimary: "#0b6e6e",
    colorInfo: "#0b6e6e",
    colorLink: "#0b6e6e",
    colorSuccess: "#1d7a3e",
    colorWarning: "#a85b00",
    colorError: "#b3261e",
    colorText: "#102a2e",
    colorTextSecondary: "#44585c",
    colorTextTertiary: "#5c6f73",
    colorTextDescription: "#44585c",
    colorTextPlaceholder: "#5c6f73",
    colorBgLayout: "#f3f6f6",
    borderRadius: 8,
    fontSize: 15,
    fontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", system-ui, sans-serif',
  },
};
