// What lies at each venue, in every asset, against the line below which orders would soon be refused.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "@/kit/age";
import { Figure, Figures } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Pill } from "@/kit/values";
import { Frame } from "../Frame";
import { useVenueBalances, type VenueBalance } from "../reads";
import { Accounts } from "./Accounts";
import { Matrix } from "./Matrix";
import { useIsOld } from "./state";

export default function Balances(): ReactNode {
  const { t } = useTranslation("treasury");
  const query = useVenueBalances();
  return (
    <Frame title={t("balances.title")} note={t("balances.note")}>
      <Loaded query={query} lines={8} empty={<Empty title={t("balances.empty")} />}>
        {(rows) => (
          <>
            <Summary rows={rows} />
            <Panel title={t("balances.matrix")}><Matrix rows={rows} /></Panel>
            <Panel title={t("balances.accounts")}><Accounts rows={rows} /></Panel>
          </>
        )}
      </Loaded>
    </Frame>
  );
}

function Summary({ rows }: { rows: readonly VenueBalance[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const isOld = useIsOld();
  const low = rows.filter((row) => row.below_line).length;
  const old = rows.filter((row) => isOld(row.reported_at)).length;
  const oldest = rows.map((row) => row.reported_at ?? "").sort()[0];
  return (
    <Figures>
      <Figure name={t("balances.low")} note={t("balances.of", { n: rows.length })}>
        <Pill tone={low === 0 ? "good" : "bad"}>{low === 0 ? t("balances.none_low") : t("balances.n_low", { n: low })}</Pill>
      </Figure>
      <Figure name={t("balances.reports")} note={<>{t("balances.oldest")} <Age at={oldest === "" ? null : oldest} /></>}>
        <Pill tone={old === 0 ? "good" : "warn"}>{old === 0 ? t("balances.fresh") : t("balances.n_old", { n: old })}</Pill>
      </Figure>
      <Figure name={t("balances.venues")}><span className="number">{new Set(rows.map((row) => row.venue)).size}</span></Figure>
      <Figure name={t("balances.assets")}><span className="number">{new Set(rows.map((row) => row.asset)).size}</span></Figure>
    </Figures>
  );
}
