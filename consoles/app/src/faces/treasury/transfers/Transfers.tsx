// Money between venues: what is proposed, the form that asks for a transfer, and what is on its way.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { Panel } from "@/kit/Panel";
import { useSession } from "@/session/session";
import { Frame } from "../Frame";
import { Form } from "./Form";
import { List } from "./List";
import { draftOf, EMPTY, type Draft } from "./model";
import { One } from "./One";
import { Proposals } from "./Proposals";

export default function Transfers(): ReactNode {
  const { id } = useParams();
  return id === undefined ? <All /> : <One key={id} id={id} />;
}

function All(): ReactNode {
  const { t } = useTranslation("treasury");
  const { t: own } = useTranslation("treasury_moves");
  const { may } = useSession();
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const write = may("treasury:write");
  return (
    <Frame title={t("room.transfers")} note={own("transfer.intro")}>
      <Panel title={own("proposal.title")}><Proposals take={write ? (proposal) => { setDraft(draftOf(proposal)); } : undefined} /></Panel>
      {write && <Panel title={own("form.title")}><Form draft={draft} onChange={setDraft} /></Panel>}
      <Panel title={own("list.title")}><List /></Panel>
    </Frame>
  );
}
