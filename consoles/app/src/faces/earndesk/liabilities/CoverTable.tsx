import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Table } from "@/kit/Table";
import { Amount, Percent, Pill, When } from "@/kit/values";
import { isCovered } from "./model";
import type { Cover } from "./reads";

/** What is owed, and what the house has of the same asset and where. */
export function CoverTable({ rows, at }: { rows: readonly Cover[]; at: string }): ReactNode {
  const { t } = useTranslation("earndesk_liabilities");
  return (
    <>
      <p className="dim">{t("cover.note")} {t("cover.at")} <When at={at} /></p>
      <Table name={t("cover.title")} rows={rows} rowKey={(row) => row.asset} file="coverage" columns={[
        { key: "asset", title: t("asset"), cell: (row) => <strong>{row.asset}</strong>, csv: (row) => row.asset },
        { key: "covered", title: t("cover.state"), csv: (row) => (isCovered(row) ? "yes" : "no"), cell: (row) => (
          <Pill tone={row.ratio === null ? "plain" : isCovered(row) ? "good" : "bad"}>{t(row.ratio === null ? "cover.nothing" : isCovered(row) ? "cover.yes" : "cover.no")}</Pill>
        ) },
        { key: "ratio", title: t("cover.ratio"), end: true, csv: (row) => row.ratio, cell: (row) => (row.ratio === null ? <span className="dim">–</span> : <Percent share={row.ratio} />) },
        { key: "liabilities", title: t("cover.owed"), end: true, cell: (row) => <strong><Amount value={row.liabilities} /></strong>, csv: (row) => row.liabilities },
        { key: "principal", title: t("cover.principal"), end: true, cell: (row) => <Amount value={row.principal} />, csv: (row) => row.principal },
        { key: "interest", title: t("cover.interest"), end: true, cell: (row) => <Amount value={row.interest} />, csv: (row) => row.interest },
        { key: "assets", title: t("cover.assets"), end: true, cell: (row) => <strong><Amount value={row.assets} /></strong>, csv: (row) => row.assets },
        { key: "venues", title: t("cover.venues"), end: true, cell: (row) => <Amount value={row.venues} />, csv: (row) => row.venues },
        { key: "wallets", title: t("cover.wallets"), end: true, cell: (row) => <Amount value={row.wallets} />, csv: (row) => row.wallets },
        { key: "loans", title: t("cover.loans"), end: true, cell: (row) => <Amount value={row.loans} />, csv: (row) => row.loans },
      ]} />
    </>
  );
}
