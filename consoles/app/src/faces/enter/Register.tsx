import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Failed, Loaded } from "@/kit/states";
import { useSettings } from "@/settings/settings";
import { Frame } from "./Frame";
import { useDeed } from "./useDeed";

export function Register(): ReactNode {
  const { t } = useTranslation("enter");
  const [sentTo, setSentTo] = useState<string | null>(null);
  const offer = useQuery({ queryKey: ["registration-offer"], queryFn: () => ask(api.GET("/v1/registrations/offer")) });
  return (
    <Frame title={t("register.title")}>
      {sentTo === null
        ? <Loaded query={offer}>{({ open }) => (open ? <Form onSent={setSentTo} /> : <p>{t("register.closed")}</p>)}</Loaded>
        : <Sent email={sentTo} />}
    </Frame>
  );
}

function Form({ onSent }: { onSent: (email: string) => void }): ReactNode {
  const { t } = useTranslation("enter");
  const { settings } = useSettings();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { busy, error, act } = useDeed();
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (await act(() => ask(api.POST("/v1/registrations", { body: { email, name, password, locale: settings.language } })))) onSent(email);
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <TextField label={t("email")} value={email} onChange={setEmail} type="email" autoComplete="username" maxLength={254} isRequired autoFocus />
      <TextField label={t("register.name")} value={name} onChange={setName} autoComplete="name" maxLength={100} />
      <TextField label={t("password")} value={password} onChange={setPassword} type="password" autoComplete="new-password" minLength={8} maxLength={256} isRequired />
      <p className="dim">{t("password_means")}</p>
      {error !== null && <Failed error={error} />}
      <Button kind="primary" type="submit" busy={busy}>{t("register.act")}</Button>
    </form>
  );
}

function Sent({ email }: { email: string }): ReactNode {
  const { t } = useTranslation("enter");
  const { busy, error, done, act } = useDeed();
  return (
    <>
      <p role="status">{t("sent", { email })}</p>
      {error !== null && <Failed error={error} />}
      <Button busy={busy} onPress={() => void act(() => ask(api.POST("/v1/registrations/resend", { body: { email } })))}>
        {t(done ? "register.again_done" : "register.again")}
      </Button>
    </>
  );
}
