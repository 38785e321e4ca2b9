// What customers of fixed income are owed, by the day it falls due; what stands against it; and what it costs beside what lending earns.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { useSession } from "@/session/session";
import { Frame } from "../Frame";
import { CostsOf } from "./CostsOf";
import { CoverTable } from "./CoverTable";
import { LadderOf } from "./LadderOf";
import { useCoverage, useLadder } from "./reads";

export default function LiabilitiesRoom(): ReactNode {
  const { t } = useTranslation(["earndesk", "earndesk_liabilities"]);
  const { may } = useSession();
  const files = may("ledger:export") && <Link to="/finance/exports">{t("earndesk_liabilities:files")}</Link>;
  return (
    <Frame title={t("room.liabilities")} note={t("earndesk_liabilities:note")}>
      <Panel title={t("earndesk_liabilities:ladder.title")} actions={files}>
        <Loaded query={useLadder()} lines={8} isEmpty={({ assets }) => assets.length === 0} empty={<Empty title={t("earndesk_liabilities:ladder.none")} />}>
          {({ assets }) => <div className="stack">{assets.map((one) => <LadderOf key={one.asset} rungs={one} />)}</div>}
        </Loaded>
      </Panel>
      <Panel title={t("earndesk_liabilities:cover.title")}>
        <Loaded query={useCoverage()} isEmpty={({ assets }) => assets.length === 0} empty={<Empty title={t("earndesk_liabilities:ladder.none")} />}>
          {({ assets, at }) => <CoverTable rows={assets} at={at} />}
        </Loaded>
      </Panel>
      <Panel title={t("earndesk_liabilities:cost.title")} actions={files}><CostsOf /></Panel>
    </Frame>
  );
}
