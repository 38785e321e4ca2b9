import { useInfiniteQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { When } from "@/kit/values";
import { CasePill } from "../words";
import { Screenings } from "./Screenings";
import "../kyc.css";

type Row = Schemas["CaseRowOut"];
type State = Schemas["CaseState"];

const STATES: readonly State[] = ["in_review", "submitted", "more_information", "approved", "rejected"];

/** What waits for compliance: cases, who has waited longest first, and names that are like a name on a list. */
export default function QueueRoom(): ReactNode {
  const { t } = useTranslation("kyc");
  const [state, setState] = useState<State>("in_review");
  const pages = useInfiniteQuery({
    queryKey: ["kyc", "cases", state],
    queryFn: ({ pageParam }) => ask(api.GET("/v1/kyc/cases", { params: { query: { state, cursor: pageParam } } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    select: (data) => data.pages.flatMap((page) => page.items),
    refetchInterval: 15_000,
  });
  return (
    <div className="stack kyc">
      <h1>{t("room.queue")}</h1>
      <Panel title={t("queue.title")}>
        <div className="stack">
          <div className="kyc-form"><Select label={t("case.state")} value={state} onChange={(id) => { setState(id as State); }} choices={STATES.map((id) => ({ id, text: t(`state.${id}`) }))} /></div>
          <Loaded query={pages} empty={<Empty title={t("queue.none")} />}>{(rows) => <Cases rows={rows} />}</Loaded>
          {pages.hasNextPage && <div><Button busy={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>{t("common:action.more")}</Button></div>}
        </div>
      </Panel>
      <Panel title={t("hit.title")}><Screenings /></Panel>
    </div>
  );
}

function Cases({ rows }: { rows: readonly Row[] }): ReactNode {
  const { t } = useTranslation("kyc");
  const columns: Column<Row>[] = [
    { key: "who", title: t("case.customer"), wrap: true, csv: (r) => r.email, cell: (r) => <Link to={`/kyc/${r.id}`}>{r.email}</Link> },
    { key: "level", title: t("case.level"), csv: (r) => String(r.level), cell: (r) => t(`level.${String(r.level)}`) },
    { key: "country", title: t("applicant.country_name"), csv: (r) => r.country, cell: (r) => r.country },
    { key: "at", title: t("case.submitted_at"), csv: (r) => r.submitted_at, cell: (r) => <When at={r.submitted_at} /> },
    { key: "state", title: t("case.state"), csv: (r) => r.state, cell: (r) => <CasePill state={r.state} /> },
  ];
  return <Table name={t("queue.title")} rows={rows} rowKey={(r) => r.id} columns={columns} file="kyc-cases" />;
}
