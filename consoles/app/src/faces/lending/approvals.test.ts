import { describe, expect, it } from "vitest";
import { approvalOf } from "./approvals";

describe("what a deed became", () => {
  it("is a question where the answer names an approval, and done where it is the thing itself", () => {
    expect(approvalOf({ approval_id: "a" })).toBe("a");
    expect(approvalOf({ id: "line", name: "house USDT" })).toBeNull();
    expect(approvalOf({ id: "product", approval_id: null })).toBeNull();
    expect(approvalOf(undefined)).toBeNull();
  });
});
