// What can be earned, what one has running, and when it pays.

import type { ReactNode } from "react";
import { useSwitchedOff } from "@/app/house";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Coupons } from "./mine/Coupons";
import { Mine } from "./mine/Mine";
import { Summary } from "./mine/Summary";
import { Cards } from "./offer/Cards";
import { useOffers } from "./reads";
import { useWords } from "./words";
import "./earn.css";

export default function EarnRoom(): ReactNode {
  const { t } = useWords();
  const off = useSwitchedOff("earn");
  return (
    <div className="stack">
      <header className="earn-title">
        <h1>{t("room.earn")}</h1>
        <p className="dim">{t("intro")}</p>
      </header>
      <Summary />
      <Panel title={t("offers.title")}>
        {off ? <Empty title={t("offers.off")} /> : <Offers />}
      </Panel>
      <Coupons />
      <Panel title={t("mine.title")}><Mine /></Panel>
    </div>
  );
}

function Offers(): ReactNode {
  const { t } = useWords();
  return <Loaded query={useOffers()} lines={8} empty={<Empty title={t("offers.none")} />}>{(found) => <Cards offers={found} />}</Loaded>;
}
