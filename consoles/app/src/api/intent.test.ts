import { describe, expect, it } from "vitest";
import { once } from "./intent";
import { Refusal } from "./problem";

const refusal = (status: number, code: string): Refusal => new Refusal({ status, code, title: "", detail: "" });

describe("once", () => {
  const keys: string[] = [];
  const send = (error: Error | null) => (header: { "Idempotency-Key": string }): Promise<string> => {
    keys.push(header["Idempotency-Key"]);
    return error === null ? Promise.resolve("done") : Promise.reject(error);
  };

  it("keeps the key of a wish while its outcome is unknown, and not longer", async () => {
    const wish = { id: "1", amount: "5" };
    await expect(once("refund", wish, send(refusal(0, "no_answer")))).rejects.toThrow();
    await expect(once("refund", { ...wish }, send(refusal(503, "database_unavailable")))).rejects.toThrow();
    await once("refund", wish, send(null));
    await once("refund", wish, send(null));
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).toBe(keys[0]);
    expect(keys[3]).not.toBe(keys[0]);
  });

  it("gives a refused wish, another wish and another deed keys of their own", async () => {
    keys.length = 0;
    await expect(once("pay", "x", send(refusal(422, "insufficient_funds")))).rejects.toThrow();
    await expect(once("pay", "x", send(refusal(503, "quotes_unavailable")))).rejects.toThrow();
    await expect(once("pay", "y", send(refusal(0, "no_answer")))).rejects.toThrow();
    await expect(once("cancel", "y", send(refusal(0, "no_answer")))).rejects.toThrow();
    expect(new Set(keys).size).toBe(4);
  });
});
