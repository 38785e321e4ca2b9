// What the house would lose if prices moved. In pass-through markets the answer is nothing, after every transaction.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Figure, Figures } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Change, Pill, When } from "@/kit/values";
import { useSession } from "@/session/session";
import { add } from "@/money/decimal";
import { WaitingOrders } from "../decisions/WaitingOrders";
import { Frame } from "../Frame";
import { useExposure, type Exposure as Shape } from "../reads";
import { Books, Positions } from "./Books";
import { Gaps } from "./Gaps";
import { Reports } from "./Reports";
import { UnknownOrders } from "./UnknownOrders";

export default function Exposure(): ReactNode {
  const { t } = useTranslation("treasury");
  const { may } = useSession();
  const query = useExposure();
  return (
    <Frame title={t("room.exposure")} note={t("exposure.note")}>
      <Loaded query={query} lines={8}>
        {(now) => (
          <>
            <Summary now={now} />
            <Panel title={t("exposure.books")}><Books rows={now.assets} /></Panel>
            <Panel title={t("exposure.positions")}><Positions rows={now.assets} currency={now.reporting_currency} /></Panel>
            <Panel title={t("exposure.unknown")}>
              {now.unknown_orders.length === 0 ? <Empty title={t("exposure.no_unknown")} /> : <UnknownOrders rows={now.unknown_orders} />}
            </Panel>
            <Panel title={t("exposure.gaps")}>
              {now.hedge_gaps.length === 0 ? <Empty title={t("exposure.no_gaps")} /> : <Gaps rows={now.hedge_gaps} />}
            </Panel>
          </>
        )}
      </Loaded>
      {may("controls:read") && <Panel title={t("decisions.title")}><WaitingOrders /></Panel>}
      <Panel title={t("exposure.reports")}><Reports /></Panel>
    </Frame>
  );
}

function Summary({ now }: { now: Shape }): ReactNode {
  const { t } = useTranslation("treasury");
  const open = now.hedge_gaps.filter((gap) => gap.closed_at === null).length;
  const unknown = now.unknown_orders.reduce((sum, row) => sum + row.orders, 0);
  const asset = now.reporting_currency;
  return (
    <Figures>
      <Figure name={t("exposure.house")} note={<When at={now.as_of} />}>
        <Pill tone={now.flat ? "good" : "bad"}>{t(now.flat ? "exposure.flat" : "exposure.not_flat")}</Pill>
      </Figure>
      <Figure name={t("exposure.open_gaps")}>
        <Pill tone={open === 0 ? "good" : "bad"}>{open === 0 ? t("word.none") : t("exposure.n_open", { n: open })}</Pill>
      </Figure>
      <Figure name={t("exposure.unknown_orders")} note={t("exposure.waiting", { n: now.waiting })}>
        <Pill tone={unknown === 0 ? "good" : "warn"}>{unknown === 0 ? t("word.none") : t("exposure.n_unknown", { n: unknown })}</Pill>
      </Figure>
      <Figure name={t("exposure.realised")}><Change value={now.realised} asset={asset} max={8} /></Figure>
      <Figure name={t("exposure.unrealised")}><Change value={now.unrealised} asset={asset} max={8} /></Figure>
      <Figure name={t("exposure.both")}><Change value={add(now.realised, now.unrealised)} asset={asset} max={8} /></Figure>
    </Figures>
  );
}
