// How a break is closed: one person proposes, another confirms. The ticket says where it stands and offers what one may do.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { Change, Facts, When } from "@/kit/values";
import { useSession } from "@/session/session";
import { AccountLink, JournalLink, Signed, Who } from "../parts/values";
import { useCommands } from "./commands";
import { ProposeResolution } from "./ProposeResolution";
import type { Break } from "./words";

type Verb = "propose" | "confirm" | "reject" | "assign";

export function Ticket({ found }: { found: Break }): ReactNode {
  const { t } = useTranslation("finance");
  const { ticket } = found;
  if (ticket === null) return <p className="dim">{t(`ticket.none_${found.class === "in_transit" && found.status === "open" ? "waits" : "needed"}`)}</p>;
  return (
    <div className="stack">
      <Facts rows={[
        [t("breaks.owner"), <Who key="owner" id={ticket.owner} />],
        [t("ticket.opened"), <When key="opened" at={ticket.opened_at} />],
        [t("ticket.due"), <When key="due" at={ticket.due_at} />],
        [t("ticket.resolution"), ticket.resolution === null ? t("ticket.nothing_proposed") : t(`resolution.${ticket.resolution}.name`)],
        ...(ticket.target_account === null ? [] : [[t("ticket.target"), <AccountLink key="target" id={ticket.target_account}>{ticket.target_account}</AccountLink>] as const]),
        [t("ticket.proposed_by"), <Signed key="proposed" by={ticket.proposed_by} at={ticket.proposed_at} />],
        [t("ticket.confirmed_by"), <Signed key="confirmed" by={ticket.confirmed_by} at={ticket.confirmed_at} />],
        [t("ticket.closing"), <JournalLink key="closing" id={ticket.closing_journal_id} />],
      ]} />
      <Actions found={found} />
    </div>
  );
}

function Actions({ found }: { found: Break }): ReactNode {
  const { t } = useTranslation("finance");
  const { me, may } = useSession();
  const [verb, setVerb] = useState<Verb | null>(null);
  if (!may("reconciliation:write") || (found.status !== "ticketed" && found.status !== "proposed")) return null;
  const proposed = found.status === "proposed";
  const own = proposed && found.ticket?.proposed_by === me?.id;
  const close = (): void => { setVerb(null); };
  return (
    <>
      {own && <p className="notice warn">{t("ticket.own")}</p>}
      {proposed && !own && <p className="notice">{t("ticket.decide")}</p>}
      <div className="row">
        {!proposed && <Button kind="primary" onPress={() => { setVerb("propose"); }}>{t("ticket.propose")}</Button>}
        {proposed && !own && <Button kind="primary" onPress={() => { setVerb("confirm"); }}>{t("ticket.confirm")}</Button>}
        {proposed && <Button onPress={() => { setVerb("reject"); }}>{t(own ? "ticket.take_back" : "ticket.reject")}</Button>}
        <Button kind="quiet" onPress={() => { setVerb("assign"); }}>{t("ticket.assign")}</Button>
      </div>
      {verb === "propose" && <ProposeResolution found={found} onClose={close} />}
      {verb === "confirm" && <ConfirmProposal found={found} onClose={close} />}
      {verb === "reject" && <Reject found={found} own={own} onClose={close} />}
      {verb === "assign" && <Assign found={found} onClose={close} />}
    </>
  );
}

function ConfirmProposal({ found, onClose }: { found: Break; onClose: () => void }): ReactNode {
  const { t } = useTranslation("finance");
  const { confirm } = useCommands(found.id);
  const { tell } = useToasts();
  // What stood there when the dialog opened: a proposal that changes meanwhile is not confirmed with it.
  const [read] = useState(found);
  const resolution = read.ticket?.resolution ?? "close";
  const act = async (): Promise<void> => {
    await confirm(read.ticket?.proposed_at ?? null);
    tell(t("ticket.done_confirm"), "good");
  };
  return (
    <Confirm title={t("ticket.confirm")} isOpen onClose={onClose} act={act} verb={t("ticket.confirm")}>
      <p>{t(`resolution.${resolution}.what`)}</p>
      <Facts rows={[
        [t("ticket.resolution"), t(`resolution.${resolution}.name`)],
        [t("breaks.drift_long"), <Change key="drift" value={read.difference} asset={read.asset} />],
        ...(read.ticket?.target_account ? [[t("ticket.target"), <code key="target">{read.ticket.target_account}</code>] as const] : []),
      ]} />
      <p>{t("ticket.forever")}</p>
    </Confirm>
  );
}

function Reject({ found, own, onClose }: { found: Break; own: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation("finance");
  const { reject } = useCommands(found.id);
  const { tell } = useToasts();
  const [why, setWhy] = useState("");
  const act = async (): Promise<void> => {
    await reject(why);
    tell(t("ticket.done_reject"), "good");
  };
  const verb = t(own ? "ticket.take_back" : "ticket.reject");
  return (
    <Confirm title={verb} isOpen onClose={onClose} act={act} verb={verb}>
      <p>{t("ticket.will_reject")}</p>
      <TextField label={t("ticket.why")} value={why} onChange={setWhy} isRequired />
    </Confirm>
  );
}

function Assign({ found, onClose }: { found: Break; onClose: () => void }): ReactNode {
  const { t } = useTranslation("finance");
  const { me } = useSession();
  const { assign } = useCommands(found.id);
  const { tell } = useToasts();
  const [owner, setOwner] = useState(me?.id ?? "");
  const act = async (): Promise<void> => {
    await assign(owner.trim());
    tell(t("ticket.done_assign"), "good");
  };
  return (
    <Confirm title={t("ticket.assign")} isOpen onClose={onClose} act={act} verb={t("ticket.assign")}>
      <p>{t("ticket.assign_how")}</p>
      <TextField label={t("ticket.owner_id")} value={owner} onChange={setOwner} autoComplete="off" />
    </Confirm>
  );
}
