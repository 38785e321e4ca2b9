import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Change, Facts, Pill, When } from "@/kit/values";
import { accountInPath } from "../parts/accounts";
import { Frame } from "../parts/Frame";
import { Listed, usePages } from "../parts/pages";
import { Copyable, JournalLink } from "../parts/values";
import { useKind, useMeaning } from "./meaning";

type Account = Schemas["AccountOut"];
type Entry = Schemas["EntryOut"];

const EVERY_MS = 5_000;

export default function AccountScreen(): ReactNode {
  const { t } = useTranslation("finance");
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: ["finance", "account", id],
    queryFn: () => ask(api.GET("/v1/accounts/{id}", { params: { path: { id: accountInPath(id) } } })),
    refetchInterval: EVERY_MS,
  });
  return (
    <Frame title={t("rooms.account")} aside={<Link to="/finance/journal">{t("journal.back")}</Link>}>
      <Loaded query={query} lines={8}>
        {(account) => (
          <>
            <div className="grid">
              <Panel title={t("account.head")}><Head account={account} /></Panel>
              <Panel title={t("account.on_it")}><Balance account={account} /></Panel>
              <Panel title={t("account.then")}><Then id={id} /></Panel>
            </div>
            <Panel title={t("account.entries")}><Entries id={id} asset={account.asset} /></Panel>
          </>
        )}
      </Loaded>
    </Frame>
  );
}

function Head({ account }: { account: Account }): ReactNode {
  const { t } = useTranslation("finance");
  return (
    <Facts rows={[
      [t("account.path"), <Copyable key="path" value={account.path} label={t("account.path")} />],
      [t("column.id"), account.id],
      [t("column.kind"), t(`account_kind.${account.kind}`)],
      [t("column.state"), <Pill key="state" tone={account.status === "open" ? "good" : "warn"}>{t(`account_status.${account.status}`)}</Pill>],
      [t("account.normal"), t(account.normal_side === "debit" ? "journal.debit" : "journal.credit")],
      [t("account.opened"), <When key="opened" at={account.opened_at} />],
    ]} />
  );
}

function Balance({ account }: { account: Account }): ReactNode {
  const { t } = useTranslation("finance");
  const purposes = Object.entries(account.held_by_purpose);
  return (
    <Facts rows={[
      [t("account.posted"), <Amount key="posted" value={account.posted} asset={account.asset} />],
      [t("account.held"), <Amount key="held" value={account.held} asset={account.asset} />],
      ...purposes.map(([purpose, amount]) => [t("account.held_for", { purpose }), <Amount key={purpose} value={amount} asset={account.asset} />] as const),
      [t("account.available"), <Amount key="available" value={account.available} asset={account.asset} />],
    ]} />
  );
}

/** What was booked on it until the end of a day. */
function Then({ id }: { id: string }): ReactNode {
  const { t } = useTranslation("finance");
  const [day, setDay] = useState("");
  const query = useQuery({
    queryKey: ["finance", "account", id, "at", day],
    queryFn: () => ask(api.GET("/v1/accounts/{id}/balance", { params: { path: { id: accountInPath(id) }, query: { at: `${day}T23:59:59.999999Z` } } })),
    enabled: day !== "",
  });
  return (
    <div className="stack">
      <TextField label={t("account.day")} type="date" value={day} onChange={setDay} />
      {day === "" ? <p className="dim">{t("account.then_how")}</p> : (
        <Loaded query={query} lines={1}>{(then) => <p><Amount value={then.balance} asset={then.asset} /></p>}</Loaded>
      )}
    </div>
  );
}

function Entries({ id, asset }: { id: string; asset: string }): ReactNode {
  const { t } = useTranslation("finance");
  const kind = useKind();
  const meaning = useMeaning();
  const pages = usePages(["finance", "entries", id], (cursor) => ask(api.GET("/v1/accounts/{id}/entries", { params: { path: { id: accountInPath(id) }, query: { cursor, limit: 50 } } })));
  const columns: readonly Column<Entry>[] = [
    { key: "booked", title: t("column.booked"), csv: (row) => row.booked_at, cell: (row) => <When at={row.booked_at} /> },
    { key: "kind", title: t("column.kind"), csv: (row) => row.kind, cell: (row) => kind(row.kind) },
    { key: "amount", title: t("account.amount_in", { asset }), end: true, csv: (row) => row.amount, cell: (row) => <Change value={row.amount} /> },
    { key: "after", title: t("account.after"), end: true, csv: (row) => row.balance_after, cell: (row) => <Amount value={row.balance_after} /> },
    { key: "journal", title: t("column.journal"), csv: (row) => row.journal_id, cell: (row) => <JournalLink id={row.journal_id} /> },
    { key: "meaning", title: t("journal.meaning"), wrap: true, cell: (row) => meaning(row) },
  ];
  return (
    <Listed pages={pages} empty={<Empty title={t("account.no_entries")} />}>
      {(rows) => <Table name={t("account.entries")} columns={columns} rows={rows} rowKey={(row) => `${row.journal_id}:${row.line}`} file={`account-${id}`} />}
    </Listed>
  );
}
