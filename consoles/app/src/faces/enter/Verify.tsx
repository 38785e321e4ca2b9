import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { Frame } from "./Frame";
import { useDeed } from "./useDeed";
import { useLinkToken } from "./useLinkToken";

/** The link shows who reads the mail, the password who registered: only both together make the account. */
export function Verify(): ReactNode {
  const { t } = useTranslation("enter");
  const token = useLinkToken();
  const [password, setPassword] = useState("");
  const { busy, error, done, act } = useDeed();
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void act(() => ask(api.POST("/v1/registrations/verify", { body: { token, password } })));
  };
  if (done) return <Frame title={t("verify.title")}><p role="status">{t("verify.done")}</p></Frame>;
  return (
    <Frame title={t("verify.title")}>
      {token === "" && <p role="alert">{t("no_link")}</p>}
      <p>{t("verify.means")}</p>
      <form className="stack" onSubmit={submit}>
        <TextField label={t("verify.password")} value={password} onChange={setPassword} type="password" autoComplete="current-password" maxLength={256} isRequired />
        {error !== null && <Failed error={error} />}
        <Button kind="primary" type="submit" busy={busy} isDisabled={token === ""}>{t("verify.act")}</Button>
      </form>
    </Frame>
  );
}
