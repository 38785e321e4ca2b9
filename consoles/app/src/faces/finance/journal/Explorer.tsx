// The way into the journal: by an account's path, or by a journal's id.

import { useDeferredValue, useState, type SyntheticEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Pill } from "@/kit/values";
import { Frame } from "../parts/Frame";
import { Listed, usePages } from "../parts/pages";
import { AccountLink, AccountPath } from "../parts/values";

type Account = Schemas["AccountOut"];

const SHORTCUTS = ["customer", "house", "venue", "external", "revenue", "expense", "pool", "suspense"];

export default function Explorer(): ReactNode {
  const { t } = useTranslation("finance");
  return (
    <Frame title={t("rooms.journal")} intro={t("journal.intro")}>
      <Panel title={t("journal.by_id")}><ById /></Panel>
      <Panel title={t("account.find")}><Accounts /></Panel>
    </Frame>
  );
}

function ById(): ReactNode {
  const { t } = useTranslation("finance");
  const navigate = useNavigate();
  const [id, setId] = useState("");
  const open = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (id.trim() !== "") void navigate(`/finance/journals/${id.trim()}`);
  };
  return (
    <form className="finance-form" onSubmit={open}>
      <TextField label={t("journal.id")} value={id} onChange={setId} autoComplete="off" placeholder="01a1fe98-2c5b-75a9-b1f0-51b011b15844" />
      <Button type="submit">{t("journal.open")}</Button>
    </form>
  );
}

function Accounts(): ReactNode {
  const { t } = useTranslation("finance");
  const [search, setSearch] = useSearchParams();
  const path = search.get("path") ?? "";
  const asked = useDeferredValue(path.trim());
  const look = (next: string): void => { setSearch(next === "" ? {} : { path: next }, { replace: true }); };
  const pages = usePages(["finance", "accounts", asked], (cursor) => ask(api.GET("/v1/accounts", { params: { query: { path: asked, cursor, limit: 50 } } })));
  return (
    <div className="stack">
      <div className="finance-form">
        <TextField label={t("account.begins_with")} value={path} onChange={look} autoComplete="off" placeholder="venue.binance" />
        <div className="row" role="group" aria-label={t("account.shortcuts")}>
          {SHORTCUTS.map((word) => <Button key={word} kind="quiet" onPress={() => { look(word); }}>{t(`branch.${word}`)}</Button>)}
        </div>
      </div>
      <Listed pages={pages} empty={<Empty title={t("account.none")}><Button onPress={() => { look(""); }}>{t("account.show_all")}</Button></Empty>}>
        {(rows) => <AccountTable rows={rows} />}
      </Listed>
    </div>
  );
}

function AccountTable({ rows }: { rows: readonly Account[] }): ReactNode {
  const { t } = useTranslation("finance");
  const columns: readonly Column<Account>[] = [
    { key: "path", title: t("column.account"), csv: (row) => row.path, cell: (row) => <AccountLink id={row.id}><AccountPath path={row.path} /></AccountLink> },
    { key: "kind", title: t("column.kind"), csv: (row) => row.kind, cell: (row) => t(`account_kind.${row.kind}`) },
    { key: "asset", title: t("column.asset"), csv: (row) => row.asset, cell: (row) => row.asset },
    { key: "posted", title: t("account.posted"), end: true, csv: (row) => row.posted, cell: (row) => <Amount value={row.posted} /> },
    { key: "held", title: t("account.held"), end: true, csv: (row) => row.held, cell: (row) => <Amount value={row.held} /> },
    { key: "available", title: t("account.available"), end: true, csv: (row) => row.available, cell: (row) => <Amount value={row.available} /> },
    { key: "state", title: t("column.state"), csv: (row) => row.status, cell: (row) => <Pill tone={row.status === "open" ? "good" : "warn"}>{t(`account_status.${row.status}`)}</Pill> },
  ];
  return <Table name={t("account.title")} columns={columns} rows={rows} rowKey={(row) => row.id} file="accounts" />;
}
