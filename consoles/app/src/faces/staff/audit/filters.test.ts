import { describe, expect, it } from "vitest";
import { momentOf, typedOf } from "./filters";

describe("moments of the filters", () => {
  it("are read in the zone that they are shown in", () => {
    expect(momentOf("2026-01-31T09:05", "utc")).toBe("2026-01-31T09:05:00.000Z");
    expect(typedOf("2026-01-31T09:05:00.000Z", "utc")).toBe("2026-01-31T09:05");
    const local = momentOf("2026-01-31T09:05", "local");
    expect(local).not.toBeNull();
    expect(typedOf(local ?? "", "local")).toBe("2026-01-31T09:05");
  });

  it("are none where nothing, or nonsense, was typed", () => {
    expect(momentOf("", "utc")).toBeNull();
    expect(momentOf("yesterday", "local")).toBeNull();
    expect(typedOf("yesterday", "utc")).toBe("");
    expect(typedOf(undefined, "utc")).toBe("");
  });
});
