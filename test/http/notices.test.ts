import { describe, expect, it } from "@jest/globals";
import type { Caller } from "../../src/http/caller.ts";
import { NoticesQuery } from "../../src/http/contract/notice.ts";
import { InstitutionCode } from "../../src/http/contract/parts.ts";
import { mayAcknowledgeNotices, mayLookUp, mayReadNotices } from "../../src/http/entitle.ts";

const caller = (more: Partial<Caller>): Caller => ({
  ...{ kind: "supplier", client: "quality-centre", purposes: [], scopes: ["exports"], feeds: ["quality-certificates"] },
  ...more,
});
const centre = caller({ institution: InstitutionCode.parse("quality-centre") as NonNullable<Caller["institution"]> });
const target = { param: "" };

describe("a supplier", () => {
  it("that the registry names an institution for reads and closes that one's notices, and looks nobody up", () => {
    expect([mayReadNotices, mayAcknowledgeNotices, mayLookUp].map((may) => may(centre, target))).toEqual([true, true, false]);
  });
  it("of many institutions' data has no notices of its own", () => {
    expect(mayReadNotices(caller({}), target)).toBe(false);
  });
});

describe("the question for notices", () => {
  it("is for the open ones unless it says otherwise, and for nothing else", () => {
    expect(NoticesQuery.parse({})).toEqual({ state: "open" });
    expect(NoticesQuery.safeParse({ state: "lost" }).success).toBe(false);
    expect(NoticesQuery.safeParse({ institution: "a-provincial" }).success).toBe(false);
  });
});
