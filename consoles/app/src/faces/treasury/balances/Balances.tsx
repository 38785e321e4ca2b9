// Treasury's first room: every place beside the ledger, how each balance stands to its lines, and which reports are missing.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "@/kit/age";
import { Figure, Figures } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Pill } from "@/kit/values";
import { Frame } from "../Frame";
import { useBalances, type Balance } from "../reads";
import { Accounts } from "./Accounts";
import { Matrix } from "./Matrix";

export default function Balances(): ReactNode {
  const { t } = useTranslation("treasury");
  const query = useBalances();
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

function Summary({ rows }: { rows: readonly Balance[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const low = rows.filter((row) => row.level === "warning" || row.level === "critical").length;
  const unknown = rows.filter((row) => row.level === "unknown").length;
  const oldest = rows.map((row) => row.reported_at ?? "").sort()[0] ?? "";
  return (
    <Figures>
      <Figure name={t("balances.low")} note={t("balances.of", { n: rows.length })}>
        <Pill tone={low === 0 ? "good" : "bad"}>{low === 0 ? t("balances.none_low") : t("balances.n_low", { n: low })}</Pill>
      </Figure>
      <Figure name={t("balances.reports")} note={<>{t("balances.oldest")} <Age at={oldest === "" ? null : oldest} /></>}>
        <Pill tone={unknown === 0 ? "good" : "warn"}>{unknown === 0 ? t("balances.fresh") : t("balances.n_old", { n: unknown })}</Pill>
      </Figure>
      <Figure name={t("balances.places")}><span className="number">{new Set(rows.map((row) => row.location)).size}</span></Figure>
      <Figure name={t("balances.assets")}><span className="number">{new Set(rows.map((row) => row.asset)).size}</span></Figure>
    </Figures>
  );
}
