import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Select, TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { useStepUp } from "@/session/StepUp";
import { addressFault } from "../model";
import { addEntry } from "../reads";
import type { Network } from "../wire";
import { useWords } from "../words";

const EMPTY = { label: "", address: "", memo: "" };
const LONGEST = 64;

/** A new address. What is obviously none is said while it is typed; that it is the right one only its owner can know. */
export function AddForm({ networks }: { networks: readonly Network[] }): ReactNode {
  const { t, time } = useWords();
  const client = useQueryClient();
  const { tell } = useToasts();
  const { proven, question } = useStepUp();
  const [network, setNetwork] = useState("");
  const [typed, setTyped] = useState(EMPTY);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const kinds = [...new Map(networks.map((one) => [one.network, one])).values()];
  const of = kinds.find((one) => one.network === network);
  const [address, memo, label] = [typed.address.trim(), typed.memo.trim(), typed.label.trim()];
  const fault = of === undefined || address === "" ? null : addressFault(of.kind, address);
  const asksMemo = of?.memo_required === true;
  const ready = of !== undefined && label !== "" && address !== "" && fault === null && (!asksMemo || memo !== "");
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (!ready) return;
    const wish = { network, address, memo: asksMemo ? memo : null, label };
    setBusy(true);
    setError(null);
    try {
      const made = await proven(() => once("address-book", wish, (header) => addEntry(wish, header)));
      tell(made.status === "active" ? t("book.added_active", { label }) : t("book.added", { label, at: time(made.active_from) }), "good");
      setTyped(EMPTY);
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
      await client.invalidateQueries({ queryKey: ["address-book"] });
    }
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <Select label={t("choice.network")} value={network} onChange={setNetwork} choices={kinds.map((one) => ({ id: one.network, text: one.title }))} />
      <TextField label={t("book.address")} value={typed.address} onChange={(to) => { setTyped({ ...typed, address: to }); }} autoComplete="off" spellCheck="false" isRequired
        error={fault === null ? undefined : t(`book.fault.${fault}`, { network: of?.title ?? "" })} />
      {asksMemo && (
        <div className="notice warn">
          <p>{t("book.memo_means")}</p>
          <TextField label={t("book.memo")} value={typed.memo} onChange={(to) => { setTyped({ ...typed, memo: to }); }} autoComplete="off" maxLength={LONGEST} isRequired />
        </div>
      )}
      <TextField label={t("book.label")} value={typed.label} onChange={(to) => { setTyped({ ...typed, label: to }); }} autoComplete="off" maxLength={LONGEST} isRequired />
      <p className="dim">{t("book.means")}</p>
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={!ready}>{t("book.save")}</Button></div>
      {question}
    </form>
  );
}
