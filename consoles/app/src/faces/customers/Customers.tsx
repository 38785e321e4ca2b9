// Customers by a part of what they are called, the newest first.

import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Select, TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { MoreRows, Table } from "@/kit/Table";
import { When } from "@/kit/values";
import { Status, STATUSES } from "./Status";

type Status = Schemas["Status"];

export default function Customers(): ReactNode {
  const { t } = useTranslation("customers");
  const [text, setText] = useState("");
  const [status, setStatus] = useState<Status | "">("");
  return (
    <div className="stack">
      <h1>{t("room.customers")}</h1>
      <Panel title={t("list.title")}>
        <div className="stack">
          <div className="row">
            <TextField label={t("list.find")} value={text} onChange={setText} type="search" autoComplete="off" maxLength={100} />
            <Select label={t("status.title")} value={status} onChange={(id) => { setStatus(id as Status | ""); }}
              choices={[{ id: "", text: t("status.any") }, ...STATUSES.map((id) => ({ id, text: t(`status.${id}`) }))]} />
          </div>
          <List text={useDeferredValue(text.trim())} status={status} />
        </div>
      </Panel>
    </div>
  );
}

function List({ text, status }: { text: string; status: Status | "" }): ReactNode {
  const { t } = useTranslation(["customers", "common"]);
  const query = useInfiniteQuery({
    queryKey: ["customers", text, status],
    queryFn: ({ pageParam }) => ask(api.GET("/v1/customers", { params: { query: {
      ...(text === "" ? {} : { q: text }), ...(status === "" ? {} : { status }), ...(pageParam === null ? {} : { cursor: pageParam }),
    } } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    select: (data) => data.pages.flatMap((page) => page.items),
  });
  return (
    <Loaded query={query} empty={<Empty title={t("list.none")} />}>
      {(rows) => (
        <div className="stack">
          <MoreRows value={query.hasNextPage}>
            <Table name={t("room.customers")} file="customers" rows={rows} rowKey={(row) => row.id} columns={[
              { key: "email", title: t("field.email"), cell: (row) => <Link to={`/customers/${row.id}`}>{row.email}</Link>, csv: (row) => row.email },
              { key: "name", title: t("field.name"), wrap: true, cell: (row) => row.name || "–", csv: (row) => row.name },
              { key: "status", title: t("status.title"), cell: (row) => <Status status={row.status} />, csv: (row) => row.status },
              { key: "since", title: t("field.since"), cell: (row) => <When at={row.created_at} />, csv: (row) => row.created_at },
            ]} />
          </MoreRows>
          {query.hasNextPage && <div><Button busy={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>{t("common:action.more")}</Button></div>}
        </div>
      )}
    </Loaded>
  );
}
