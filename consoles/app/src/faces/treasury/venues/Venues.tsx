// How each venue does: whether anything is sent to it, how fresh its prices are, and what waits there.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Frame } from "../Frame";
import { useControls, useMarkets } from "../reads";
import { Progress } from "./Progress";
import { VenueCard } from "./VenueCard";

export default function Venues(): ReactNode {
  const { t } = useTranslation("treasury");
  const controls = useControls();
  const markets = useMarkets();
  return (
    <Frame title={t("room.venues")} note={t("venues.note")}>
      <Loaded query={controls} lines={8} isEmpty={(now) => now.venues.length === 0} empty={<Empty title={t("venues.none")} />}>
        {(now) => (
          <div className="treasury-cards">
            {now.venues.map((venue) => (
              <VenueCard key={venue.venue} venue={venue} windows={now.windows} switches={now.switches}
                symbols={(markets.data ?? []).map((market) => market.symbol)} />
            ))}
          </div>
        )}
      </Loaded>
      <Panel title={t("fees.title")}><Progress /></Panel>
    </Frame>
  );
}
