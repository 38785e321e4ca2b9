// The words of reconciliation: what a run compares, what a break is, and how it can be closed.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Pill, type Tone } from "@/kit/values";
import { Progress } from "../parts/values";

export type Break = Schemas["BreakOut"];
export type BreakState = Schemas["BreakState"];
export type Level = Break["level"];
export type Run = Schemas["RunOut"];

export const SOURCES = ["balances", "venue", "wallet", "statement", "funding"] as const;
export const LEVELS: readonly Level[] = ["single", "batch", "day"];
export const STATES: readonly BreakState[] = ["open", "ticketed", "proposed", "cleared", "levelled", "resolved"];
export const CLASSES: readonly Schemas["BreakClass"][] = [
  "in_transit", "dust", "unbooked_fee", "duplicate", "missing_ours", "missing_theirs", "wrong_amount", "projection", "unknown",
];
export const RESOLUTIONS: readonly Schemas["Resolution"][] = ["close", "book_fee", "write_off", "give_back", "to_account"];

export const atWork = (run: Run): boolean => run.status === "queued" || run.status === "running";

const BREAK_TONES: { [state in BreakState]: Tone } = {
  open: "info", cleared: "good", levelled: "good", ticketed: "warn", proposed: "warn", resolved: "good",
};
const RUN_TONES: { [status in Schemas["RunState"]]: Tone } = { queued: "plain", running: "info", done: "good", failed: "bad" };

export function BreakStatus({ status }: { status: BreakState }): ReactNode {
  const { t } = useTranslation("finance");
  return <Pill tone={BREAK_TONES[status]}>{t(`break_status.${status}`)}</Pill>;
}

export function RunStatus({ status }: { status: Schemas["RunState"] }): ReactNode {
  const { t } = useTranslation("finance");
  return <Pill tone={RUN_TONES[status]}>{t(`run_status.${status}`)}</Pill>;
}

/** Parts of the run that are finished, and how much was compared so far. */
export function RunProgress({ run }: { run: Run }): ReactNode {
  const { t } = useTranslation("finance");
  const share = run.status === "done" ? 1 : run.parts === 0 ? 0 : run.part / run.parts;
  return (
    <span className="row">
      <Progress share={share} label={t("runs.progress")} />
      <span className="dim number">{t("runs.compared", { n: run.compared })}</span>
    </span>
  );
}
