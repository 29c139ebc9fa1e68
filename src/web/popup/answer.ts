import type { PopupCheck } from "../../http/contract/web.ts";

/** The answer of a check, and its parts, as the contract types them. */
export type Answer = PopupCheck["answer"];
export type Result = Answer["results"][number];
export type Line = Result["lines"][number];
export type Panel = Answer["panels"][number];
