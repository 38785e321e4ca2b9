import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { useStepUp } from "@/session/StepUp";

export function PasswordForm(): ReactNode {
  const { t } = useTranslation("account");
  const client = useQueryClient();
  const { tell } = useToasts();
  const { proven, question } = useStepUp();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await proven(() => ask(api.POST("/v1/me/password", { body: { current_password: current, new_password: next } })));
      setCurrent("");
      setNext("");
      tell(t("password.changed"), "good");
      await client.invalidateQueries({ queryKey: ["sessions"] });
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <TextField label={t("password.current")} value={current} onChange={setCurrent} type="password" autoComplete="current-password" maxLength={256} isRequired />
      <TextField label={t("password.next")} value={next} onChange={setNext} type="password" autoComplete="new-password" minLength={8} maxLength={256} isRequired />
      <p className="dim">{t("password.means")}</p>
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={current === "" || next.length < 8}>{t("password.change")}</Button></div>
      {question}
    </form>
  );
}
