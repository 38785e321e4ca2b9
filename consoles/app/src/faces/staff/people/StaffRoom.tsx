import { useDeferredValue, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Status, STATUSES } from "@/faces/customers/Status";
import { Paged, usePages } from "@/faces/retail/pages";
import { Button } from "@/kit/Button";
import { Select, TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Pill, When } from "@/kit/values";
import { useSession } from "@/session/session";
import { Frame } from "../Frame";
import { AskForm } from "./AskForm";
import { Do, type Deed } from "./Do";

type Person = Schemas["PersonOut"];
type State = Schemas["Status"];

/** Who works here with which roles; nobody comes in, or up, by one person's word. */
export default function StaffRoom(): ReactNode {
  const { t } = useTranslation(["staff", "customers"]);
  const [text, setText] = useState("");
  const [status, setStatus] = useState<State | "">("");
  return (
    <Frame title={t("room.people")} intro={t("people.intro")}>
      <Panel title={t("people.list")}>
        <div className="stack">
          <div className="staff-form">
            <TextField label={t("customers:list.find")} value={text} onChange={setText} type="search" autoComplete="off" maxLength={100} />
            <Select label={t("customers:status.title")} value={status} onChange={(id) => { setStatus(id as State | ""); }}
              choices={[{ id: "", text: t("any") }, ...STATUSES.map((id) => ({ id, text: t(`customers:status.${id}`) }))]} />
          </div>
          <List text={useDeferredValue(text.trim())} status={status} />
        </div>
      </Panel>
      <Panel title={t("people.new")}><AskForm /></Panel>
    </Frame>
  );
}

function List({ text, status }: { text: string; status: State | "" }): ReactNode {
  const { t } = useTranslation(["staff", "customers"]);
  const { me } = useSession();
  const [doing, setDoing] = useState<{ deed: Deed; person: Person } | null>(null);
  const query = usePages<Person>(["staff", text, status], (cursor) => ask(api.GET("/v1/staff", { params: { query: {
    ...(text === "" ? {} : { q: text }), ...(status === "" ? {} : { status }), ...(cursor === null ? {} : { cursor }),
  } } })));
  const deeds = (person: Person): ReactNode => (person.id === me?.id ? <Pill tone="info">{t("you")}</Pill> : (
    <span className="row">
      {([person.status === "active" ? "lock" : "open", "roles"] as const).map((deed) => (
        <Button key={deed} kind={deed === "lock" ? "danger" : "plain"} aria-label={t("people.deed_on", { deed: t(`people.${deed}.act`), who: person.email })}
          onPress={() => { setDoing({ deed, person }); }}>{t(`people.${deed}.act`)}</Button>
      ))}
    </span>
  ));
  const columns: readonly Column<Person>[] = [
    { key: "email", title: t("field.email"), csv: (p) => p.email, cell: (p) => <strong>{p.email}</strong> },
    { key: "name", title: t("field.name"), wrap: true, csv: (p) => p.name, cell: (p) => p.name || "–" },
    { key: "roles", title: t("field.roles"), wrap: true, csv: (p) => p.roles.join(" "), cell: (p) => p.roles.map((role) => t(`role.${role}`)).join(", ") || "–" },
    { key: "status", title: t("customers:status.title"), csv: (p) => p.status, cell: (p) => <Status status={p.status} /> },
    { key: "since", title: t("people.since"), csv: (p) => p.created_at, cell: (p) => <When at={p.created_at} /> },
    { key: "deeds", title: t("people.deeds"), cell: deeds },
  ];
  return (
    <>
      <Paged query={query} empty={<Empty title={t("people.none")} />}>
        {(rows) => <div className="deeds-last"><Table name={t("people.list")} rows={rows} rowKey={(p) => p.id} columns={columns} file="staff" /></div>}
      </Paged>
      {doing !== null && <Do key={`${doing.deed} ${doing.person.id}`} deed={doing.deed} person={doing.person} onClose={() => { setDoing(null); }} />}
    </>
  );
}
