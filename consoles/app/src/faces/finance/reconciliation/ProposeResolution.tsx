import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Confirm } from "@/kit/Dialog";
import { Select, TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { isZero } from "@/money/decimal";
import { AccountChoice } from "../parts/AccountChoice";
import { useCommands } from "./commands";
import { RESOLUTIONS, type Break } from "./words";

/** What fits a break: suspense must go somewhere, so "explained" does not close it; without an amount nothing else does. */
function fitting(found: Break): typeof RESOLUTIONS {
  if (found.suspended) return RESOLUTIONS.filter((resolution) => resolution !== "close");
  const movable = found.account_id !== null && !isZero(found.difference) && found.class !== "projection";
  return RESOLUTIONS.filter((resolution) => resolution === "close" || (movable && resolution !== "give_back"));
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
    await resolve({ resolution, account: resolution === "to_account" ? account : null, note: note === "" ? null : note });
    tell(t("ticket.done_propose"), "good");
  };
  return (
    <Confirm title={t("ticket.propose")} isOpen onClose={onClose} act={act} verb={t("ticket.propose")}>
      <Select label={t("ticket.resolution")} value={resolution} choices={choices.map((id) => ({ id, text: t(`resolution.${id}.name`) }))}
        onChange={(id) => { setResolution(RESOLUTIONS.find((known) => known === id) ?? resolution); }} />
      <p>{t(`resolution.${resolution}.what`)}</p>
      {resolution === "to_account" && <AccountChoice asset={found.asset} chosen={account} choose={setAccount} />}
      <TextField label={t("ticket.note")} value={note} onChange={setNote} autoComplete="off" />
      <p className="dim">{t("ticket.another")}</p>
    </Confirm>
  );
}
