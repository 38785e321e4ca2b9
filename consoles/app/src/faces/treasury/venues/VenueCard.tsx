// One venue: what is sent to it, its prices market by market, its balances, and what went wrong.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Panel } from "@/kit/Panel";
import { Facts, Pill, When } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { useAlerts, useVenueBalances, useWaiting, type Controls } from "../reads";
import { Feeds } from "./Feeds";
import { Health } from "./Health";

interface Props {
  venue: Controls["venues"][number];
  windows: Controls["windows"];
  switches: Controls["switches"];
  symbols: readonly string[];
}

export function VenueCard({ venue, windows, switches, symbols }: Props): ReactNode {
  const { t } = useTranslation("treasury");
  const id = venue.venue;
  const maintenance = windows.filter((window) => window.scope === "venue" && window.target === id);
  const stopped = switches.filter((held) => held.scope === "global" || (held.scope === "venue" && held.target === id));
  const rows: readonly (readonly [string, ReactNode])[] = [
    [t("venues.sending"), <Sending key="s" venue={venue} />],
    [t("venues.switches"), stopped.length === 0 ? t("word.none") : <Link key="k" to="/treasury/controls">{stopped.map((held) => t(`controls.mode.${held.mode}`)).join(", ")}</Link>],
    [t("venues.maintenance"), maintenance[0] === undefined ? t("word.none")
      : <span key="m"><When at={maintenance[0].starts_at} /> – <When at={maintenance[0].ends_at} /></span>],
    [t("venues.balances"), <LowBalances key="b" venue={id} />],
    [t("venues.alerts"), <OpenAlerts key="a" venue={id} />],
    [t("venues.waiting"), <WaitingHere key="w" venue={id} />],
  ];
  return (
    <Panel title={venueName(id)} actions={<Pill tone={venue.open ? "good" : "bad"}>{t(venue.open ? "venues.open" : "venues.closed")}</Pill>}>
      <div className="treasury-venue">
        <Facts rows={rows} />
        <Health venue={id} />
        <Feeds venue={id} symbols={symbols} />
      </div>
    </Panel>
  );
}

function Sending({ venue }: { venue: Props["venue"] }): ReactNode {
  const { t } = useTranslation("treasury");
  if (venue.paused_until !== null) return <>{t("venues.paused")} <When at={venue.paused_until} /></>;
  return t(venue.open ? "venues.sends" : "venues.sends_nothing");
}

function LowBalances({ venue }: { venue: string }): ReactNode {
  const { t } = useTranslation("treasury");
  const { data } = useVenueBalances();
  if (data === undefined) return "–";
  const low = data.filter((row) => row.venue === venue && row.below_line).map((row) => row.asset);
  return low.length === 0 ? <Pill tone="good">{t("balances.none_low")}</Pill> : <Pill tone="bad">{t("venues.short_of", { assets: low.join(", ") })}</Pill>;
}

function OpenAlerts({ venue }: { venue: string }): ReactNode {
  const { t } = useTranslation("treasury");
  const { data } = useAlerts();
  if (data === undefined) return "–"; // not known is not none
  const n = data.filter((row) => row.venue === venue && row.state === "open").length;
  return n === 0 ? t("word.none") : <Link to="/treasury/alerts">{t("venues.n_open", { n })}</Link>;
}

function WaitingHere({ venue }: { venue: string }): ReactNode {
  const { t } = useTranslation("treasury");
  const { data } = useWaiting();
  if (data === undefined) return "–";
  const n = data.filter((row) => row.venue === venue).length;
  return n === 0 ? t("word.none") : <Link to="/treasury/decisions">{t("venues.n_waiting", { n })}</Link>;
}
