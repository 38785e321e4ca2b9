import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Panel } from "@/kit/Panel";
import { Empty, Failed, Skeleton } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { When } from "@/kit/values";
import { useStepUp } from "@/session/StepUp";
import { ProgramForm } from "./ProgramForm";
import "./oauth.css";

type Program = Schemas["OAuthClientOut"];

/** Which programs of others this house knows. */
export default function ProgramsRoom(): ReactNode {
  const { t } = useTranslation(["oauth", "common"]);
  const client = useQueryClient();
  const { proven, question } = useStepUp();
  const [leaving, setLeaving] = useState<Program | null>(null);
  const query = useInfiniteQuery({
    queryKey: ["oauth", "clients"],
    queryFn: ({ pageParam }) => ask(api.GET("/v1/oauth/clients", { params: { query: pageParam === null ? {} : { cursor: pageParam } } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
  const look = (): Promise<void> => client.invalidateQueries({ queryKey: ["oauth", "clients"] });
  const remove = async (): Promise<void> => {
    if (leaving === null) return;
    const path = { id: leaving.id };
    await proven(() => ask(api.DELETE("/v1/oauth/clients/{id}", { params: { path } })));
    await look();
  };
  const rows = query.data?.pages.flatMap((page) => page.items);
  return (
    <div className="stack">
      <h1>{t("oauth:room.programs")}</h1>
      <Panel title={t("oauth:programs.title")}>
        {rows === undefined && (query.isError ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Skeleton />)}
        {rows?.length === 0 && <Empty title={t("oauth:programs.none")} />}
        {rows !== undefined && rows.length > 0 && (
          <div className="deeds-last">
            <Table name={t("oauth:programs.title")} rows={rows} rowKey={(row) => row.id} columns={columnsOf(t, setLeaving)} />
          </div>
        )}
        {query.hasNextPage && <Button busy={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>{t("oauth:programs.more")}</Button>}
      </Panel>
      <Panel title={t("oauth:programs.new")}><ProgramForm onMade={() => void look()} /></Panel>
      <Confirm title={t("oauth:programs.remove")} isOpen={leaving !== null} onClose={() => { setLeaving(null); }} act={remove} verb={t("oauth:programs.remove")} danger>
        <p>{t("oauth:programs.remove_ask", { program: leaving?.name })}</p>
      </Confirm>
      {question}
    </div>
  );
}

function columnsOf(t: TFunction<["oauth", "common"]>, remove: (row: Program) => void): Column<Program>[] {
  return [
    { key: "name", title: t("oauth:apps.program"), wrap: true, cell: (p) => <strong>{p.name}</strong> },
    { key: "client", title: t("oauth:programs.client"), wrap: true, cell: (p) => <code>{p.client_id}</code> },
    { key: "grants", title: t("oauth:programs.grants"), wrap: true, cell: (p) => p.grants.map((grant) => t(`oauth:grant.${grant.replace(/^.*:/, "")}`)).join(", ") },
    { key: "scopes", title: t("oauth:apps.scopes"), wrap: true, cell: (p) => p.scopes.map((scope) => t(`oauth:short.${scope}`)).join(", ") },
    { key: "since", title: t("oauth:apps.since"), cell: (p) => <When at={p.created_at} /> },
    { key: "deeds", title: t("oauth:apps.deed"), cell: (p) => <Button kind="danger" onPress={() => { remove(p); }}>{t("oauth:programs.remove")}</Button> },
  ];
}
