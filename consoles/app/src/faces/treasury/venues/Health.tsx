// How the venue's line does: how fast it answers, what it left unanswered, what waits, and whether its breakers let calls through.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Age } from "@/kit/age";
import { Failed, Skeleton } from "@/kit/states";
import { Facts, Percent, Pill, type Tone } from "@/kit/values";
import { ratio } from "@/money/decimal";
import { useVenueHealth } from "../reads";

type Line = Schemas["VenueHealthOut"];
type Lane = Schemas["CallsOut"];

const TONES: Record<string, Tone> = { closed: "good", half_open: "warn", open: "bad" };

export function Health({ venue }: { venue: string }): ReactNode {
  const { t } = useTranslation("treasury");
  const { data, isError, error, refetch } = useVenueHealth();
  if (data === undefined) return isError ? <Failed error={error} retry={() => void refetch()} /> : <Skeleton lines={4} />;
  const line = data.items.find((row) => row.venue === venue);
  if (line === undefined) return <p className="dim">{t("health.no_owner")}</p>;
  return <Told line={line} minutes={Math.round(data.window_s / 60)} />;
}

function Told({ line, minutes }: { line: Line; minutes: number }): ReactNode {
  const { t } = useTranslation("treasury");
  const { lane } = line;
  const rows: readonly (readonly [string, ReactNode])[] = [
    [t("health.latency"), t("health.percentiles", { p50: lane.p50_ms ?? "–", p99: lane.p99_ms ?? "–" })],
    [t("health.calls", { minutes }), <Calls key="c" lane={lane} />],
    [t("health.now"), <Now key="n" lane={lane} />],
    [t("health.breakers"), <Breakers key="b" line={line} />],
    [t("health.told"), <Age key="a" at={line.told_at} />],
  ];
  return <Facts rows={rows} />;
}

function Calls({ lane }: { lane: Lane }): ReactNode {
  const { t } = useTranslation("treasury");
  const { calls, unanswered, refused } = lane;
  if (calls === 0) return t("health.no_calls");
  return (
    <>
      {t("health.n_calls", { calls, refused })} · {unanswered === 0
        ? <Pill tone="good">{t("health.all_answered")}</Pill>
        : <Pill tone="warn">{t("health.unanswered", { n: unanswered })} <Percent share={ratio(String(unanswered), String(calls), 4)} places={1} /></Pill>}
    </>
  );
}

function Now({ lane }: { lane: Lane }): ReactNode {
  const { t } = useTranslation("treasury");
  return (
    <span className="row">
      <span>{t("health.outstanding", { n: lane.outstanding })}</span>
      {lane.unknown > 0 && <Pill tone="warn">{t("health.unknown", { n: lane.unknown })}</Pill>}
      {lane.manual > 0 && <Pill tone="bad">{t("health.manual", { n: lane.manual })}</Pill>}
      {lane.unknown + lane.manual === 0 && <Pill tone="good">{t("health.none_unknown")}</Pill>}
    </span>
  );
}

function Breakers({ line }: { line: Line }): ReactNode {
  const { t } = useTranslation("treasury");
  if (line.open === null) return <Pill tone="warn">{t("health.no_owner")}</Pill>;
  const tripped = line.breakers.filter((breaker) => breaker.state !== "closed");
  return (
    <span className="row">
      {tripped.length === 0 && <Pill tone="good">{t("health.breaker.closed")}</Pill>}
      {tripped.map((breaker) => (
        <Pill key={breaker.operation} tone={TONES[breaker.state] ?? "warn"}>{breaker.operation}: {t(`health.breaker.${breaker.state}`)}</Pill>
      ))}
      {line.paused_s !== null && line.paused_s > 0 && <Pill tone="warn">{t("health.paused", { n: line.paused_s })}</Pill>}
    </span>
  );
}
