import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/kit/Panel";
import { Table, type Column } from "@/kit/Table";
import { Amount, Percent, When } from "@/kit/values";
import type { AssetFigures, Published } from "./reads";

/** The newest published figures: liabilities are proved by the trees, assets are what the books say. */
export function Owed({ newest }: { newest: Published }): ReactNode {
  const { t } = useTranslation("reserves");
  const places = ["venues", "wallets", "cash", "in_transit", "loans"] as const;
  const amount = (key: "liabilities" | "assets" | typeof places[number]): Column<AssetFigures> => ({
    key, title: t(`col.${key}`), end: true, csv: (row) => row[key], cell: (row) => <Amount value={row[key]} />,
  });
  const share = (key: "ratio" | "ratio_with_loans"): Column<AssetFigures> => ({
    key, title: t(`col.${key}`), end: true, csv: (row) => row[key], cell: (row) => (row[key] === null ? "–" : <Percent share={row[key]} />),
  });
  return (
    <Panel title={t("owed.title")}>
      <div className="stack">
        <p>{t("owed.at")} <When at={newest.at} /></p>
        <Table name={t("owed.title")} rows={newest.assets} rowKey={(row) => row.asset} file="reserves" columns={[
          { key: "asset", title: t("col.asset"), csv: (row) => row.asset, cell: (row) => row.asset },
          amount("liabilities"), amount("assets"), share("ratio"), share("ratio_with_loans"), ...places.map(amount),
          { key: "customers", title: t("col.customers"), end: true, csv: (row) => row.customers.toString(), cell: (row) => <span className="number">{row.customers}</span> },
          { key: "root", title: t("col.root"), csv: (row) => row.root, cell: (row) => <code className="reserves-hash">{row.root}</code> },
        ]} />
        <p className="dim">{t("owed.liabilities_mean")}</p>
        <p className="dim">{t("owed.assets_mean")}</p>
      </div>
    </Panel>
  );
}
