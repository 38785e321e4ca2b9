import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { When } from "@/kit/values";
import { useSession } from "@/session/session";
import { Who } from "../parts/values";
import { useCommands } from "./commands";

export function Notes({ found }: { found: Schemas["BreakWithNotes"] }): ReactNode {
  const { t } = useTranslation("finance");
  const { may } = useSession();
  return (
    <div className="stack">
      {found.notes.length === 0 && <p className="dim">{t("notes.none")}</p>}
      {found.notes.map((note) => (
        <div key={`${note.at}:${note.author}`} className="finance-note">
          <p>{note.text}</p>
          <p className="row dim"><Who id={note.author} /><When at={note.at} /></p>
        </div>
      ))}
      {may("reconciliation:write") && <AddNote id={found.id} />}
    </div>
  );
}

function AddNote({ id }: { id: string }): ReactNode {
  const { t } = useTranslation("finance");
  const { note } = useCommands(id);
  const { refused } = useToasts();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const add = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await note(text);
      setText("");
    } catch (error) {
      refused(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="finance-form" onSubmit={(event) => void add(event)}>
      <TextField label={t("notes.text")} value={text} onChange={setText} autoComplete="off" isRequired />
      <Button type="submit" busy={busy}>{t("notes.add")}</Button>
    </form>
  );
}
