// Every version of every product, with its lines; from here to the editor.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Percent, When } from "@/kit/values";
import { useSession } from "@/session/session";
import type { Product } from "./draft";
import { useProducts } from "./reads";
import { Status } from "./words";
import "./products.css";

const lines = (one: Product["collaterals"][number]): string => `${one.asset} ${one.pledge} · ${[one.warning, one.displayed, one.actual, one.hard].join(" / ")}`;

export default function ProductsRoom(): ReactNode {
  const { t } = useTranslation("lending_products");
  const { may } = useSession();
  const query = useProducts();
  const columns: Column<Product>[] = [
    { key: "name", title: t("list.name"), csv: (row) => row.name, cell: (row) => <Link to={`/lending/products/${row.id}?version=${String(row.version)}`}>{row.name}</Link> },
    { key: "version", title: t("list.version"), end: true, csv: (row) => String(row.version), cell: (row) => row.version },
    { key: "status", title: t("list.status"), csv: (row) => row.status, cell: (row) => <Status of={row} /> },
    { key: "asset", title: t("list.asset"), csv: (row) => row.asset, cell: (row) => row.asset },
    { key: "rate", title: t("list.rate"), end: true, csv: (row) => row.rate, cell: (row) => <Percent share={row.rate} /> },
    { key: "lines", title: t("list.lines"), wrap: true, csv: (row) => row.collaterals.map(lines).join("; "),
      cell: (row) => row.collaterals.map((one) => <div key={one.asset} className="number" title={t(`basis.${one.basis}`)}>{lines(one)}</div>) },
    { key: "since", title: t("list.since"), csv: (row) => row.published_at, cell: (row) => <When at={row.published_at} /> },
  ];
  return (
    <div className="stack">
      <h1>{t("room.products")}</h1>
      <p className="dim">{t("list.note")}</p>
      <Panel title={t("list.title")} actions={may("lending:write") && <Link className="button" to="/lending/products/new">{t("list.new")}</Link>}>
        <Loaded query={query} empty={<Empty title={t("list.none")} />}>
          {(rows) => <Table name={t("list.title")} columns={columns} rows={rows} rowKey={(row) => `${row.id} ${String(row.version)}`} file="loan-products" />}
        </Loaded>
      </Panel>
    </div>
  );
}
