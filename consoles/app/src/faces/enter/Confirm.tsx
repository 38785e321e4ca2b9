// What the link of a mail does, after one press: programs that open every link of a mail press nothing.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Button } from "@/kit/Button";
import { Failed } from "@/kit/states";
import { Frame } from "./Frame";
import { useDeed } from "./useDeed";
import { useLinkToken } from "./useLinkToken";

interface Props {
  /** Which of the texts. */
  what: "freeze" | "confirm_email";
  use: (token: string) => Promise<string>;
  danger?: boolean;
}

function Press({ what, use, danger = false }: Props): ReactNode {
  const { t } = useTranslation("enter");
  const token = useLinkToken();
  const { busy, error, done, act } = useDeed();
  const [after, setAfter] = useState("done");
  const press = (): void => void act(async () => { setAfter(await use(token)); });
  return (
    <Frame title={t(`${what}.title`)}>
      {token === "" && <p role="alert">{t("no_link")}</p>}
      {done ? <p role="status">{t(`${what}.${after}`)}</p> : <p>{t(`${what}.means`)}</p>}
      {error !== null && <Failed error={error} />}
      {!done && <Button kind={danger ? "danger" : "primary"} busy={busy} isDisabled={token === ""} onPress={press}>{t(`${what}.act`)}</Button>}
    </Frame>
  );
}

export function Freeze(): ReactNode {
  return <Press what="freeze" danger use={async (token) => { await ask(api.POST("/v1/account-freezes", { body: { token } })); return "done"; }} />;
}

export function ConfirmEmail(): ReactNode {
  return (
    <Press what="confirm_email" use={async (token) => {
      const answer = await ask(api.POST("/v1/email-changes/confirm", { body: { token } }));
      return answer.done ? "done" : "half";
    }} />
  );
}
