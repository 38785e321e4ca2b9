import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Confirm } from "@/kit/Dialog";
import { Select, TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { useCommands } from "./commands";
import { RESOLUTIONS, type Break } from "./words";

/** What fits a break: an amount that lies in suspense must go somewhere, so "explained" alone does not close it. */
function fitting(found: Break): typeof RESOLUTIONS {
  return RESOLUTIONS.filter((resolution) => (found.suspended ? resolution !== "close" : resolution === "close"));
}

export function ProposeResolution({ found, onClose }: { found: Break; onClose: () => void }): ReactNode {
  const { t } = useTranslation("finance");
  const { resolve } = useCommands(found.id);
  const { tell } = useToasts();
  const choices = fitting(found);
  const [resolution, setResolution] = useState(choices[0] ?? "close");
  const [account, setAccount] = useState("");
  const [note, setNote] = useState("");
  const act = async (): Promise<void> => {
    await resolve({ resolution, account: resolution === "to_account" ? account.trim() : null, note: note === "" ? null : note });
    tell(t("ticket.done_propose"), "good");
  };
  return (
    <Confirm title={t("ticket.propose")} isOpen onClose={onClose} act={act} verb={t("ticket.propose")}>
      <Select label={t("ticket.resolution")} value={resolution} choices={choices.map((id) => ({ id, text: t(`resolution.${id}.name`) }))}
        onChange={(id) => { setResolution(RESOLUTIONS.find((known) => known === id) ?? resolution); }} />
      <p>{t(`resolution.${resolution}.what`)}</p>
      {resolution === "to_account" && (
        <TextField label={t("ticket.target")} value={account} onChange={setAccount} autoComplete="off" placeholder={`house.capital:${found.asset}`} isRequired />
      )}
      <TextField label={t("ticket.note")} value={note} onChange={setNote} autoComplete="off" />
      <p className="dim">{t("ticket.another")}</p>
    </Confirm>
  );
}
