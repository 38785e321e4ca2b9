import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { Frame } from "./Frame";
import { useDeed } from "./useDeed";

/** Where the login leads whoever cannot log in: back into an account, or to a first one where people may register. */
export function Forgot(): ReactNode {
  const { t } = useTranslation("enter");
  const [email, setEmail] = useState("");
  const { busy, error, done, act } = useDeed();
  const { data } = useQuery({ queryKey: ["registration-offer"], queryFn: () => ask(api.GET("/v1/registrations/offer")) });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void act(() => ask(api.POST("/v1/password-resets", { body: { email } })));
  };
  return (
    <Frame title={t("forgot.title")}>
      {done ? <p role="status">{t("sent", { email })}</p> : (
        <form className="stack" onSubmit={submit}>
          <p>{t("forgot.means")}</p>
          <TextField label={t("email")} value={email} onChange={setEmail} type="email" autoComplete="username" maxLength={254} isRequired autoFocus />
          {error !== null && <Failed error={error} />}
          <Button kind="primary" type="submit" busy={busy}>{t("forgot.act")}</Button>
        </form>
      )}
      {data?.open === true && <Link to="/register">{t("register.link")}</Link>}
    </Frame>
  );
}
