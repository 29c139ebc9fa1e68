import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { someId } from "./fake-use-cases.ts";
import { goodRequest, send } from "./requests.ts";
import { listening, startApp } from "./start-app.ts";
import { tokenFor } from "./tokens.ts";

const token = await tokenFor("supplier");
const bearer = { Authorization: `Bearer ${token}` };

describe("delivering an export", () => {
  it("one raw body is one file under the name in the address", async () => {
    const { app, seen } = startApp();
    const response = await send(app, goodRequest("POST /exports/{feed}", { raw: "a,b\n" }), token);
    expect(response.status).toBe(202);
    expect(response.body).toEqual({ id: someId, status: "accepted", location: `/exports/${someId}` });
    expect(response.headers["content-location"]).toBe(`/exports/${someId}`);
    expect(seen.files).toEqual([{ name: "a.csv", bytes: 4 }]);
  });

  it("the parts of a form are files in their order, with Chinese names", async () => {
    const { app, seen } = startApp();
    const response = await supertest(app)
      .post("/exports/a-tb")
      .set(bearer)
      .attach("files", Buffer.from("x".repeat(100_000)), "TB_检验.csv")
      .attach("files", Buffer.from("yy"), "TB_患者.csv");
    expect(response.status).toBe(202);
    expect(seen.files).toEqual([
      { name: "TB_检验.csv", bytes: 100_000 },
      { name: "TB_患者.csv", bytes: 2 },
    ]);
  });

  it.each([
    { said: "neither a form nor a file name", url: "/exports/a-tb", type: "text/csv", status: 415 },
    { said: "a form and a file name", url: "/exports/a-tb?file=a.csv", type: "multipart/form-data; boundary=x", status: 415 },
    { said: "a form without a boundary", url: "/exports/a-tb", type: "multipart/form-data; charset=utf-8", status: 400 },
    { said: "a form that is none", url: "/exports/a-tb", type: "multipart/form-data; boundary=x", status: 400 },
    { said: "a name with a folder", url: "/exports/a-tb?file=..%2Fa.csv", type: "text/csv", status: 400 },
    { said: "a name of dots", url: "/exports/a-tb?file=..", type: "text/csv", status: 400 },
    { said: "a name with a line break", url: "/exports/a-tb?file=a%0Ab", type: "text/csv", status: 400 },
    { said: "an identity number as name", url: "/exports/a-tb?file=990101199001010018.csv", type: "text/csv", status: 400 },
  ])("$said is $status and nothing is accepted", async ({ url, type, status }) => {
    const { app, seen } = startApp();
    const response = await supertest(app)
      .post(url)
      .set(bearer)
      .set("Content-Type", type)
      .send(Buffer.from("a,b") as never);
    expect(response.status).toBe(status);
    expect(seen.calls).toEqual([]);
  });

  it("says how to send when it cannot tell which file came", async () => {
    const { app } = startApp();
    const response = await supertest(app).post("/exports/a-tb").set(bearer).set("Content-Type", "text/csv").send("a,b");
    expect(response.body.problems).toEqual([{ field: "content-type", reason: expect.stringContaining("?file=NAME") }]);
  });

  it.each(["raw", "form"])("may be sent with Content-Encoding gzip (%s)", async (how) => {
    const { app, seen } = startApp();
    const content = Buffer.from("0001,检验报告\r\n".repeat(50_000));
    const form = Buffer.concat([
      Buffer.from('--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'),
      content,
      Buffer.from("\r\n--x--\r\n"),
    ]);
    const response = await supertest(app)
      .post(how === "raw" ? "/exports/a-tb?file=a.csv" : "/exports/a-tb")
      .set(bearer)
      .set("Content-Type", how === "raw" ? "text/csv" : "multipart/form-data; boundary=x")
      .set("Content-Encoding", "gzip")
      .send(gzipSync(how === "raw" ? content : form) as never);
    expect(response.status).toBe(202);
    expect(seen.files).toEqual([{ name: "a.csv", bytes: content.length }]);
  });

  it("may be one zip without a name of its own", async () => {
    const { app, seen } = startApp();
    const send = supertest(app).post("/exports/a-tb").set(bearer).set("Content-Type", "application/zip");
    expect((await send.send(Buffer.from("PK") as never)).status).toBe(202);
    expect(seen.files).toEqual([{ name: "export.zip", bytes: 2 }]);
  });

  it.each([
    { said: "no gzip at all", encoding: "gzip", body: Buffer.from("a,b"), status: 400 },
    { said: "cut off", encoding: "gzip", body: gzipSync(Buffer.alloc(100_000, 65)).subarray(0, 60), status: 400 },
    { said: "inflating without end", encoding: "gzip", body: gzipSync(Buffer.alloc(80 << 20)), status: 413 },
    { said: "in another encoding", encoding: "br", body: Buffer.from("a"), status: 415 },
  ])("a compressed body that is $said is $status and nothing is accepted", async ({ encoding, body, status }) => {
    const { app, seen } = startApp();
    const response = await supertest(app)
      .post("/exports/a-tb?file=a.csv")
      .set(bearer)
      .set("Content-Encoding", encoding)
      .send(body as never);
    expect(response.status).toBe(status);
    expect(seen.calls).toEqual([]);
  });

  it("a form with fields but without files is 400", async () => {
    const { app, seen } = startApp();
    const response = await supertest(app).post("/exports/a-tb").set(bearer).field("a", "b");
    expect(response.status).toBe(400);
    expect(seen.calls).toEqual([]);
  });

  it("a form that ends in the middle of a file is 400 and not accepted", async () => {
    const { app, seen } = startApp();
    const cut = '--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\nhalf';
    const test = supertest(app).post("/exports/a-tb").set(bearer).set("Content-Type", "multipart/form-data; boundary=x");
    expect((await test.send(Buffer.from(cut) as never)).status).toBe(400);
    expect(seen.calls).toEqual([]);
  });

  it.each(["multipart/form-data; boundary=x", "text/csv"])(
    "a supplier (%s) that hangs up in the middle has delivered nothing",
    async (type) => {
      const failed = Promise.withResolvers<unknown>();
      const { app, seen } = startApp({
        async acceptExport({ files }) {
          try {
            for await (const file of files) for await (const _chunk of file.content);
          } catch (error) {
            failed.resolve(error);
            throw error;
          }
          return { kind: "accepted", id: someId };
        },
      });
      await listening(app, async (url) => {
        const query = type === "text/csv" ? "?file=a.csv" : "";
        const upload = request(`${url}/exports/a-tb${query}`, { method: "POST", headers: { ...bearer, "Content-Type": type } });
        upload.on("error", () => {});
        upload.write('--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\nhalf');
        setTimeout(() => upload.destroy(), 200);
        expect(await failed.promise).toMatchObject({ code: "request-invalid" });
      });
      expect(seen.calls).toEqual([]);
    },
  );

  it("is taken at the pace at which it can be stored: a slow disk slows the supplier down, not the memory up", async () => {
    const stored = Promise.withResolvers<void>();
    let bytes = 0;
    const { app } = startApp({
      async acceptExport({ files }) {
        for await (const file of files) {
          for await (const chunk of file.content) {
            if (bytes === 0) await stored.promise;
            bytes += chunk.length;
          }
        }
        return { kind: "accepted", id: someId };
      },
    });
    await listening(app, async (url) => {
      const chunk = Buffer.alloc(1 << 20, 65);
      let sent = 0;
      const pull = (to: ReadableStreamDefaultController) => (sent++ < 100 ? to.enqueue(chunk) : to.close());
      const body = new ReadableStream({ pull });
      const delivery = fetch(`${url}/exports/a-tb?file=big.csv`, {
        method: "POST",
        headers: bearer,
        body,
        duplex: "half",
      } as RequestInit);
      await pause(500);
      expect(sent).toBeLessThan(30);
      stored.resolve();
      expect((await delivery).status).toBe(202);
    });
    expect(bytes).toBe(100 << 20);
  });

  it("a refused delivery is answered before its body has arrived", async () => {
    const { app } = startApp();
    await listening(app, async (url) => {
      const body = new ReadableStream({ start: (to) => to.enqueue(Buffer.from("a")) });
      const response = await fetch(`${url}/exports/b-snake?file=a`, {
        method: "POST",
        headers: bearer,
        body,
        duplex: "half",
      } as RequestInit);
      expect(response.status).toBe(403);
    });
  });

  it("the same key with another content is 409, a feed that cannot be read 400", async () => {
    const conflict = startApp({ acceptExport: async () => ({ kind: "conflict" }) });
    expect((await send(conflict.app, goodRequest("POST /exports/{feed}"), token)).status).toBe(409);
    const wrong = startApp({
      acceptExport: async () => ({ kind: "wrong", problems: [{ field: "feed", reason: "has no mapping" }] }),
    });
    expect((await send(wrong.app, goodRequest("POST /exports/{feed}"), token)).status).toBe(400);
  });
});

describe("the issues of an export", () => {
  it("as JSON", async () => {
    const response = await send(startApp().app, goodRequest("GET /exports/{id}/issues"), token);
    expect(response.body).toEqual([{ severity: "error", code: "encoding", file: "a.csv", line: 2, reason: "=is not GB18030" }]);
  });

  it("as CSV, without a cell that a spreadsheet takes for a formula", async () => {
    const response = await send(
      startApp().app,
      goodRequest("GET /exports/{id}/issues", { url: `/exports/${someId}/issues?format=csv` }),
      token,
    );
    expect(response.headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(response.text.split("\r\n")).toEqual([
      "\ufeffseverity,code,file,line,column,field,mapping,mappingLine,element,reason",
      "error,encoding,a.csv,2,,,,,,'=is not GB18030",
      "",
    ]);
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["+86", "'+86"],
    ["-5 is below zero", "'-5 is below zero"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["＝1", "'＝1"],
    ["\tx", "'\tx"],
    ['a "b", c', '"a ""b"", c"'],
    ["-1,\r\n", `"'-1,\r\n"`],
    ["检验科", "检验科"],
  ])("as CSV hold %j as a cell that Excel shows and does not compute", async (reason, cell) => {
    const { app } = startApp({
      exportIssues: async () =>
        (async function* () {
          yield { severity: "error" as const, code: "c", file: "f", reason };
        })(),
    });
    const good = goodRequest("GET /exports/{id}/issues", { url: `/exports/${someId}/issues?format=csv` });
    const { text } = await send(app, good, token);
    expect(text.endsWith(`error,c,f,,,,,,,${cell}\r\n`)).toBe(true);
  });

  it("none is an empty list", async () => {
    const { app } = startApp({ exportIssues: async () => (async function* () {})() });
    expect((await send(app, goodRequest("GET /exports/{id}/issues"), token)).body).toEqual([]);
  });
});
