import { encode } from "uqr";

/** A text as rows of 0 and 1; it stands a scratch or a smear on the screen. The margin is drawn by who shows it. */
export const qrOf = (text: string): string[] => encode(text, { ecc: "M", border: 0 }).data.map((row) => row.map((dark) => (dark ? "1" : "0")).join(""));
