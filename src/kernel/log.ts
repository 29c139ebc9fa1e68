import { pino } from "pino";

/** Structured log: a fixed sentence, facts apart, ids and codes only; never a name, number, phone or body. */
export type Log = pino.Logger;

/** A log on standard output. Fields that could hold a person or a secret are cut even if somebody passes them by mistake. */
export function createLog(options: { level: string; role: string }): Log {
  return pino({
    level: options.level,
    base: { role: options.role, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        "name",
        "identityNumber",
        "phone",
        "body",
        "token",
        "authorization",
        "*.name",
        "*.identityNumber",
        "*.phone",
        "*.body",
        "*.token",
        "*.authorization",
      ],
      censor: "[cut]",
    },
  });
}
