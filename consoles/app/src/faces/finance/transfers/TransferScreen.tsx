// One transfer, and what one may do about it: who asked cannot approve.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { Amount, Facts, When } from "@/kit/values";
import { useSession } from "@/session/session";
import { Frame } from "../parts/Frame";
import { Copyable, JournalLink, Record, Who } from "../parts/values";
import { TransferStatus } from "./Transfers";

type Transfer = Schemas["TransferOut"];
type Verb = "approve" | "cancel" | "reverse";

export default function TransferScreen(): ReactNode {
  const { t } = useTranslation("finance");
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: ["finance", "transfer", id],
    queryFn: () => ask(api.GET("/v1/transfers/{id}", { params: { path: { id } } })),
    refetchInterval: 5_000,
  });
  return (
    <Frame title={t("rooms.transfer")} aside={<Link to="/finance/transfers">{t("transfer.back")}</Link>}>
      <Loaded query={query} lines={8}>
        {(transfer) => (
          <div className="grid">
            <Panel title={t("transfer.head")}><Head transfer={transfer} /></Panel>
            <Panel title={t("transfer.now")}><Now transfer={transfer} /></Panel>
            <Panel title={t("transfer.metadata")}><Record of={transfer.metadata} /></Panel>
          </div>
        )}
      </Loaded>
    </Frame>
  );
}

function Head({ transfer }: { transfer: Transfer }): ReactNode {
  const { t } = useTranslation("finance");
  return (
    <Facts rows={[
      [t("column.id"), <Copyable key="id" value={transfer.id} label={t("column.id")} />],
      [t("column.kind"), t(`kind.${transfer.kind}`)],
      [t("column.amount"), <Amount key="amount" value={transfer.amount} asset={transfer.asset} />],
      [t("transfer.from"), <Link key="from" to={`/finance/accounts/${transfer.from}`}>{transfer.from}</Link>],
      [t("transfer.to"), <Link key="to" to={`/finance/accounts/${transfer.to}`}>{transfer.to}</Link>],
      [t("transfer.memo"), transfer.memo ?? "–"],
      [t("transfer.asked_at"), <When key="at" at={transfer.created_at} />],
      [t("transfer.asked_by"), <Who key="by" id={transfer.created_by} />],
      [t("transfer.approved_by"), <Who key="approved" id={transfer.approved_by} />],
      [t("transfer.execute_at"), <When key="execute" at={transfer.execute_at} />],
      [t("column.journal"), <JournalLink key="journal" id={transfer.journal_id} />],
      ...(transfer.reverses === null ? [] : [[t("journal.reverses"), <JournalLink key="reverses" id={transfer.reverses} />] as const]),
      ...(transfer.reversed_by === null ? [] : [[t("journal.reversed_by"), <JournalLink key="reversed" id={transfer.reversed_by} />] as const]),
    ]} />
  );
}

function Now({ transfer }: { transfer: Transfer }): ReactNode {
  const { t } = useTranslation("finance");
  const { me, may } = useSession();
  const [verb, setVerb] = useState<Verb | null>(null);
  const waits = transfer.status === "awaiting_approval";
  const own = transfer.created_by === me?.id;
  return (
    <div className="stack">
      <div><TransferStatus status={transfer.status} /></div>
      <p>{t(`transfer_status_why.${transfer.status}`)}</p>
      {transfer.reason !== null && <p>{t("transfer.reason")} <code>{transfer.reason}</code></p>}
      {waits && own && may("transfers:approve") && <p className="notice warn">{t("second_person")}</p>}
      <div className="row">
        {waits && !own && may("transfers:approve") && <Button kind="primary" onPress={() => { setVerb("approve"); }}>{t("transfer.approve")}</Button>}
        {(waits || transfer.status === "scheduled") && may("transfers:write") && <Button onPress={() => { setVerb("cancel"); }}>{t("transfer.cancel")}</Button>}
        {transfer.status === "posted" && transfer.kind === "transfer" && transfer.reversed_by === null && may("transfers:write") && (
          <Button kind="danger" onPress={() => { setVerb("reverse"); }}>{t("transfer.reverse")}</Button>
        )}
      </div>
      {verb !== null && <Act verb={verb} transfer={transfer} onClose={() => { setVerb(null); }} />}
    </div>
  );
}

function Act({ verb, transfer, onClose }: { verb: Verb; transfer: Transfer; onClose: () => void }): ReactNode {
  const { t } = useTranslation("finance");
  const client = useQueryClient();
  const { tell } = useToasts();
  const [memo, setMemo] = useState("");
  const send = (header: { "Idempotency-Key": string }): Promise<Transfer> => {
    const params = { path: { id: transfer.id }, header };
    if (verb === "approve") return ask(api.POST("/v1/transfers/{id}/approve", { params }));
    if (verb === "cancel") return ask(api.POST("/v1/transfers/{id}/cancel", { params }));
    return ask(api.POST("/v1/transfers/{id}/reverse", { params, body: { memo: memo === "" ? null : memo } }));
  };
  const act = async (): Promise<void> => {
    try {
      const after = await once("transfer-act", { verb, id: transfer.id, memo }, send);
      tell(t(`transfer.done.${verb}`, { status: t(`transfer_status.${after.status}`) }), "good");
    } finally {
      void client.invalidateQueries({ queryKey: ["finance"] }); // whatever was answered: look what is so now
    }
  };
  const amount = <Amount value={transfer.amount} asset={transfer.asset} />;
  return (
    <Confirm title={t(`transfer.${verb}`)} isOpen onClose={onClose} act={act} verb={t(`transfer.${verb}`)} danger={verb === "reverse"}>
      <p>{t(`transfer.will.${verb}`)}</p>
      <Facts rows={[[t("column.amount"), amount], [t("transfer.from"), transfer.from], [t("transfer.to"), transfer.to]]} />
      {verb === "reverse" && <TextField label={t("transfer.memo_public")} value={memo} onChange={setMemo} autoComplete="off" />}
    </Confirm>
  );
}
