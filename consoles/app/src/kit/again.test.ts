import { describe, expect, it } from "vitest";
import { again } from "./again";

describe("again", () => {
  const failing = (times: number): { load: () => Promise<string>; asked: () => number } => {
    let asked = 0;
    return { load: () => (asked++ < times ? Promise.reject(new Error(`failed ${asked}`)) : Promise.resolve("here")), asked: () => asked };
  };

  it("asks once for what comes", async () => {
    const part = failing(0);
    await expect(again(part.load)).resolves.toBe("here");
    expect(part.asked()).toBe(1);
  });

  it("asks again for what did not come, and hands it over when it comes", async () => {
    const part = failing(2);
    await expect(again(part.load, [0, 0, 0])).resolves.toBe("here");
    expect(part.asked()).toBe(3);
  });

  it("gives up with the last error when every try failed", async () => {
    const part = failing(9);
    await expect(again(part.load, [0, 0])).rejects.toThrow("failed 3");
    expect(part.asked()).toBe(3);
  });
});
