import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Paged, usePages } from "@/faces/retail/pages";
import { Select } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Pill, When } from "@/kit/values";
import { Frame } from "../Frame";
import { KINDS, lineOf, Person, StateOf, STATES, useKind, type Approval, type State } from "./words";

type Box = Schemas["Box"] | "all";
const BOXES = ["to_decide", "asked", "all"] as const satisfies readonly Box[];

/** What waits for a second person: first of all what waits for oneself. */
export default function ApprovalsRoom(): ReactNode {
  const { t } = useTranslation("staff");
  const kindOf = useKind();
  const [box, setBox] = useState<Box>("to_decide");
  const [state, setState] = useState<State | "">("");
  const [kind, setKind] = useState("");
  const any = { id: "", text: t("any") };
  return (
    <Frame title={t("room.approvals")} intro={t("approval.intro")}>
      <Panel title={t(`box.${box}`)}>
        <div className="stack">
          <div className="staff-form">
            <Select label={t("approval.box")} value={box} choices={BOXES.map((id) => ({ id, text: t(`box.${id}`) }))} onChange={(id) => { setBox(id as Box); }} />
            {box !== "to_decide" && <Select label={t("approval.state")} value={state} choices={[any, ...STATES.map((id) => ({ id, text: t(`state.${id}`) }))]} onChange={(id) => { setState(id as State | ""); }} />}
            <Select label={t("approval.kind")} value={kind} choices={[any, ...KINDS.map((id) => ({ id, text: kindOf(id) }))]} onChange={setKind} />
          </div>
          <List box={box} state={box === "to_decide" ? "" : state} kind={kind} />
        </div>
      </Panel>
    </Frame>
  );
}

function List({ box, state, kind }: { box: Box; state: State | ""; kind: string }): ReactNode {
  const { t } = useTranslation("staff");
  const kindOf = useKind();
  const query = usePages<Approval>(["approvals", box, state, kind], (cursor) => ask(api.GET("/v1/approvals", {
    params: { query: { limit: 50, ...(box === "all" ? {} : { box }), ...(state === "" ? {} : { state }), ...(kind === "" ? {} : { kind }), ...(cursor === null ? {} : { cursor }) } },
  })), 5_000);
  const columns: readonly Column<Approval>[] = [
    { key: "kind", title: t("approval.kind"), csv: (a) => a.kind, cell: (a) => <Link to={`/approvals/${a.id}`}>{kindOf(a.kind)}</Link> },
    { key: "what", title: t("approval.what"), wrap: true, csv: lineOf, cell: lineOf },
    { key: "by", title: t("approval.by"), csv: (a) => a.maker_name ?? a.maker, cell: (a) => <Person id={a.maker} name={a.maker_name} /> },
    { key: "at", title: t("approval.at"), csv: (a) => a.created_at, cell: (a) => <When at={a.created_at} /> },
    { key: "until", title: t("approval.until"), csv: (a) => a.expires_at, cell: (a) => (a.expires_at === null ? <span className="dim">{t("approval.endless")}</span> : <When at={a.expires_at} />) },
    { key: "state", title: t("approval.state"), csv: (a) => a.state, cell: (a) => <span className="row"><StateOf approval={a} />{a.may_decide && <Pill tone="info">{t("approval.yours")}</Pill>}</span> },
  ];
  return (
    <Paged query={query} empty={<Empty title={t(`none.${box}`)} />}>
      {(rows) => <Table name={t(`box.${box}`)} rows={rows} rowKey={(a) => a.id} columns={columns} file="approvals" />}
    </Paged>
  );
}
