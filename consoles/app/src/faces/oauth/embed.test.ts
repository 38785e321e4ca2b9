import { describe, expect, it } from "vitest";
import { tokenOf } from "./token";

const parent = {};
const origins = ["https://partner.example"];
const message = { source: parent as MessageEventSource, origin: "https://partner.example", data: { type: "rivermouth.token", token: "a.b.c" } as unknown };

describe("a token by postMessage", () => {
  it("is taken from the page that frames us, at an allowed origin", () => {
    expect(tokenOf(message, parent, origins)).toBe("a.b.c");
  });
  it.each(["https://evil.example", "https://partner.example.evil.example", "http://partner.example", "null", ""])("is not taken from %s", (origin) => {
    expect(tokenOf({ ...message, origin }, parent, origins)).toBeNull();
  });
  it("is not taken from another frame of the same origin, nor before anybody is allowed", () => {
    expect(tokenOf({ ...message, source: {} as MessageEventSource }, parent, origins)).toBeNull();
    expect(tokenOf(message, parent, [])).toBeNull();
  });
  it.each([null, "a.b.c", {}, { type: "token", token: "a" }, { type: "rivermouth.token" }, { type: "rivermouth.token", token: 7 }])("is nothing else: %j", (data) => {
    expect(tokenOf({ ...message, data }, parent, origins)).toBeNull();
  });
});
