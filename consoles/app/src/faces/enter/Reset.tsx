import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Refusal } from "@/api/problem";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { proofOf } from "@/session/session";
import { Frame } from "./Frame";
import { useDeed } from "./useDeed";
import { useLinkToken } from "./useLinkToken";

/** A mailbox alone opens no account that has a second factor: its code is asked for here too. */
export function Reset(): ReactNode {
  const { t } = useTranslation("enter");
  const token = useLinkToken();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const { busy, error, done, act } = useDeed();
  const wanted = error instanceof Refusal && error.code === "second_factor_required";
  const codeNeeded = wanted || code !== "";
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void act(() => ask(api.POST("/v1/password-resets/confirm", { body: { token, password, ...proofOf(code) } })));
  };
  if (done) return <Frame title={t("reset.title")}><p role="status">{t("reset.done")}</p></Frame>;
  return (
    <Frame title={t("reset.title")}>
      {token === "" && <p role="alert">{t("no_link")}</p>}
      <form className="stack" onSubmit={submit}>
        <TextField label={t("reset.password")} value={password} onChange={setPassword} type="password" autoComplete="new-password" minLength={8} maxLength={256} isRequired />
        <p className="dim">{t("password_means")}</p>
        {codeNeeded && <TextField label={t("reset.code")} value={code} onChange={setCode} autoComplete="one-time-code" maxLength={32} isRequired autoFocus />}
        {error !== null && !wanted && <Failed error={error} />}
        <Button kind="primary" type="submit" busy={busy} isDisabled={token === ""}>{t("reset.act")}</Button>
      </form>
    </Frame>
  );
}
