import { describe, expect, it } from "vitest";
import { frameOf, heightIn, pathIn } from "./curves";

describe("curves", () => {
  const points = [{ x: "0", y: "0" }, { x: "1", y: "100" }];

  it("fill their frame and leave room above", () => {
    const frame = frameOf([points]);
    expect(frame).toEqual({ left: 0, right: 1, low: 0, high: 106 });
    expect(pathIn(frame, points)).toBe("M0.0 220.0 L640.0 12.5");
  });

  it("show a mark that no point reaches", () => {
    expect(heightIn(frameOf([points], ["200"]), "200")).toBe("12.5");
  });

  it("are drawn flat where nothing changes", () => {
    const flat = [{ x: "1", y: "5" }, { x: "2", y: "5" }];
    expect(pathIn(frameOf([flat]), flat)).toBe("M0.0 110.0 L640.0 110.0");
  });
});
